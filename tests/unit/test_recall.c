/* What an earlier life was told, and when it counts. */
#include "tests/unit/cache_fixture.h"

#include <stdio.h>
#include <string.h>

#define tear_down cache_fixture_tear_down

#define STALE_TTL_NS (500 * NS_PER_S)
#define ACCOUNT      "999988887777"

/* The next page is the first one of a listing. */
static bool is_first;

static int set_up(void **state)
{
	struct cache_config config = cache_bench_config();

	(void)state;
	is_first = true;
	config.stale_after_ns = NS_PER_S;
	config.stale_ttl_ns = STALE_TTL_NS;
	restart(&config);
	fake_source_remember(&bench.source);
	return 0;
}

static uint64_t ago(uint64_t ns)
{
	return clock_realtime_ns(&bench.clock.clock) - ns;
}

static void recall_repositories(const char *name, uint64_t told_ns, bool is_last)
{
	struct repository_record record = {.name = name, .mutability = bench.source.mutability};
	struct recalled recalled = {
	        .kind = RECALLED_REPOSITORIES,
	        .told_ns = told_ns,
	        .repositories = &record,
	        .n = 1,
	        .is_first = is_first,
	        .is_last = is_last,
	        .pages = 1,
	};

	fake_source_recall(&bench.source, NULL, &recalled);
	is_first = is_last;
}

static void recall_images(enum recalled_kind kind, const char *tag, int digit, uint64_t told_ns,
                          bool is_last)
{
	struct image_record record = {.digest = fake_digest(digit), .tags = &tag, .n_tags = 1};
	struct recalled recalled = {
	        .kind = kind,
	        .told_ns = told_ns,
	        .name = tag,
	        .images = &record,
	        .n = 1,
	        .is_first = is_first,
	        .is_last = is_last,
	        .pages = 1,
	};

	fake_source_recall(&bench.source, "team/app", &recalled);
	if (kind != RECALLED_IMAGE)
		is_first = is_last;
}

static void recall_refusal(enum recalled_kind kind, const char *name, enum status status,
                           uint64_t told_ns)
{
	struct recalled recalled = {
	        .kind = kind, .told_ns = told_ns, .name = name, .status = status};

	fake_source_recall(&bench.source, "team/app", &recalled);
}

/* Nothing more is remembered of the registry, and of the repository. */
static void end_of_registry(void)
{
	fake_source_recall(&bench.source, NULL, NULL);
}

static void end_of_repository(void)
{
	fake_source_recall(&bench.source, "team/app", NULL);
}

static enum cache_answer list(struct asker *asker, enum cache_listing listing, const char *path,
                              const char *expected)
{
	char text[256];
	enum cache_answer answer = cache_bench_list(&bench, asker, listing, path, text);

	if (answer == CACHE_FOUND)
		assert_string_equal(text, expected);
	return answer;
}

static enum cache_answer find(struct asker *asker, const char *tag, int expected)
{
	int digit;
	enum cache_answer answer = cache_bench_find_image(&bench, asker, tag, &digit);

	if (answer == CACHE_FOUND)
		assert_int_equal(digit, expected);
	return answer;
}

static enum cache_answer find_repository(struct asker *asker)
{
	enum status status;
	uint64_t until_ns;

	return cache_find_repository(bench.cache, &bench.registry, "team/app", asker, &until_ns,
	                             &status);
}

/* The registry has been recalled, and has nothing. */
static void pass_registry(struct patient *patient)
{
	assert_int_equal(list(&patient->asker, CACHE_COMPONENTS, "", ""), CACHE_WAIT);
	end_of_registry();
}

/* Somebody looks into the repository; these tags are remembered. */
static void remember_tags(struct patient *patient, uint64_t told_ns)
{
	*patient = cache_bench_patient(&bench);
	pass_registry(patient);
	assert_int_equal(list(&patient->asker, CACHE_TAGS, "team/app", ""), CACHE_WAIT);
	recall_images(RECALLED_TAGS, "v1", 3, told_ns, false);
	recall_images(RECALLED_TAGS, "v2", 4, told_ns, true);
	end_of_repository();
}

static unsigned asked_ecr(void)
{
	unsigned asked = 0;

	for (int kind = 0; kind < FAKE_KINDS; kind++)
		if (kind != FAKE_RECALL_REGISTRY && kind != FAKE_RECALL_REPOSITORY)
			asked += bench.source.asked[kind];
	return asked;
}

static void memory_is_asked_before_ecr(void **state)
{
	struct patient patient = cache_bench_patient(&bench), other = cache_bench_patient(&bench);

	(void)state;
	assert_int_equal(list(&patient.asker, CACHE_COMPONENTS, "", ""), CACHE_WAIT);
	assert_int_equal(find_repository(&other.asker), CACHE_WAIT);
	assert_int_equal(find(&other.asker, "v1", 0), CACHE_WAIT);
	assert_int_equal(bench.source.asked[FAKE_RECALL_REGISTRY], 1);
	assert_int_equal(asked_ecr(), 0);
	end_of_registry();
	cache_bench_run(&bench);
	assert_int_equal(patient.woken, 1);
	assert_int_equal(other.woken, 1);
	assert_int_equal(find(&other.asker, "v1", 0), CACHE_WAIT);
	assert_int_equal(bench.source.asked[FAKE_RECALL_REPOSITORY], 1);
	assert_int_equal(asked_ecr(), 0);
	end_of_repository();
	cache_bench_release(&bench, &patient);
	cache_bench_release(&bench, &other);
}

static void without_memories_ecr_is_asked(void **state)
{
	struct patient patient = cache_bench_patient(&bench);

	(void)state;
	pass_registry(&patient);
	assert_int_equal(list(&patient.asker, CACHE_COMPONENTS, "", ""), CACHE_WAIT);
	assert_int_equal(bench.source.asked[FAKE_LIST_REPOSITORIES], 1);
	fake_source_repositories(&bench.source, "new", true);
	assert_int_equal(list(&patient.asker, CACHE_COMPONENTS, "", "new"), CACHE_FOUND);
	assert_int_equal(bench.source.asked[FAKE_RECALL_REGISTRY], 1);
	cache_bench_release(&bench, &patient);
}

static void a_source_that_refuses_to_remember_has_nothing(void **state)
{
	struct patient patient = cache_bench_patient(&bench);

	(void)state;
	bench.source.refuses = true;
	assert_int_equal(list(&patient.asker, CACHE_COMPONENTS, "", ""), CACHE_WAIT);
	bench.source.refuses = false;
	cache_bench_run(&bench);
	assert_int_equal(patient.woken, 1);
	assert_int_equal(list(&patient.asker, CACHE_COMPONENTS, "", ""), CACHE_WAIT);
	assert_int_equal(bench.source.asked[FAKE_LIST_REPOSITORIES], 1);
	fake_source_repositories(&bench.source, "", true);
	cache_bench_release(&bench, &patient);
}

static void who_only_looks_does_not_begin_to_remember(void **state)
{
	struct asker asker = cache_bench_hasty(&bench);

	(void)state;
	assert_int_equal(list(&asker, CACHE_COMPONENTS, "", ""), CACHE_WAIT);
	assert_int_equal(find(&asker, "v1", 0), CACHE_WAIT);
	assert_int_equal(bench.source.n_open, 0);
}

static void a_young_listing_of_the_registry_costs_no_call(void **state)
{
	struct patient patient = cache_bench_patient(&bench);
	struct path_roles roles;
	enum status status;

	(void)state;
	assert_int_equal(list(&patient.asker, CACHE_COMPONENTS, "", ""), CACHE_WAIT);
	recall_repositories("team/app", ago(TTL_NS - NS_PER_S), false);
	recall_repositories("base", ago(TTL_NS - NS_PER_S), true);
	end_of_registry();
	assert_int_equal(list(&patient.asker, CACHE_COMPONENTS, "", "team base"), CACHE_FOUND);
	assert_int_equal(cache_find_path(bench.cache, &bench.registry, "team/app", &patient.asker,
	                                 &roles, &status),
	                 CACHE_FOUND);
	assert_true(roles.is_repository);
	assert_int_equal(roles.until_ns, clock_monotonic_ns(&bench.clock.clock) + NS_PER_S);
	assert_int_equal(asked_ecr(), 0);
	cache_bench_release(&bench, &patient);
}

static void a_young_listing_of_tags_costs_no_call(void **state)
{
	struct patient patient;

	(void)state;
	remember_tags(&patient, ago(TTL_NS - NS_PER_S));
	assert_int_equal(list(&patient.asker, CACHE_TAGS, "team/app", "v1 v2"), CACHE_FOUND);
	assert_int_equal(find(&patient.asker, "v2", 4), CACHE_FOUND);
	assert_int_equal(asked_ecr(), 0);
	cache_bench_release(&bench, &patient);
}

static void it_is_as_old_as_it_was_told(void **state)
{
	struct patient patient;

	(void)state;
	remember_tags(&patient, ago(TTL_NS - NS_PER_S));
	cache_bench_release(&bench, &patient);
	cache_bench_pass(&bench, NS_PER_S);
	patient = cache_bench_patient(&bench);
	assert_int_equal(list(&patient.asker, CACHE_TAGS, "team/app", ""), CACHE_WAIT);
	assert_int_equal(bench.source.asked[FAKE_LIST_IMAGES], 1);
	fake_source_images(&bench.source, "team/app", "v1=5", true);
	assert_int_equal(list(&patient.asker, CACHE_TAGS, "team/app", "v1"), CACHE_FOUND);
	assert_int_equal(find(&patient.asker, "v1", 5), CACHE_FOUND);
	cache_bench_release(&bench, &patient);
}

/* Asks for the tags, which is answered with `status`. */
static void ask_in_vain(enum status status)
{
	struct patient patient = cache_bench_patient(&bench);

	assert_int_equal(list(&patient.asker, CACHE_TAGS, "team/app", ""), CACHE_WAIT);
	fake_source_fail_listing(&bench.source, FAKE_LIST_IMAGES, status);
	cache_bench_release(&bench, &patient);
}

static enum cache_answer at_hand(void)
{
	struct asker asker = cache_bench_hasty(&bench);

	return list(&asker, CACHE_TAGS, "team/app", "v1 v2");
}

static void an_old_listing_is_shown_when_ecr_cannot_be_asked(void **state)
{
	struct patient patient;
	struct asker asker;

	(void)state;
	remember_tags(&patient, ago(TTL_NS + STALE_TTL_NS - 10 * NS_PER_S));
	cache_bench_release(&bench, &patient);
	assert_int_equal(at_hand(), CACHE_WAIT);
	ask_in_vain(STATUS_UNRESOLVED);
	assert_int_equal(at_hand(), CACHE_FOUND);
	asker = cache_bench_hasty(&bench);
	assert_int_equal(find(&asker, "v2", 4), CACHE_FOUND);
}

static void it_is_not_shown_for_longer_than_in_one_life(void **state)
{
	struct patient patient;

	(void)state;
	remember_tags(&patient, ago(TTL_NS + STALE_TTL_NS));
	cache_bench_release(&bench, &patient);
	ask_in_vain(STATUS_UNRESOLVED);
	assert_int_equal(at_hand(), CACHE_WAIT);
}

static void it_is_never_shown_against_what_ecr_says(void **state)
{
	static const enum status said[] = {STATUS_DENIED, STATUS_ABSENT,
	                                   STATUS_CREDENTIALS_REJECTED};

	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		struct patient patient;

		remember_tags(&patient, ago(TTL_NS + NS_PER_S));
		cache_bench_release(&bench, &patient);
		ask_in_vain(said[i]);
		assert_int_not_equal(at_hand(), CACHE_FOUND);
		cache_bench_pass(&bench, NEGATIVE_TTL_NS);
		ask_in_vain(STATUS_UNRESOLVED);
		assert_int_not_equal(at_hand(), CACHE_FOUND);
		tear_down(state);
		set_up(state);
	}
}

static void what_is_from_the_future_is_of_no_age(void **state)
{
	struct patient patient;

	(void)state;
	remember_tags(&patient, ago(0) + NS_PER_S);
	cache_bench_release(&bench, &patient);
	assert_int_equal(at_hand(), CACHE_WAIT);
	ask_in_vain(STATUS_UNRESOLVED);
	assert_int_equal(at_hand(), CACHE_WAIT);
}

/* Its first page came too early to be believed; the clock has gone on when the next one comes. */
static void the_rest_of_a_listing_is_none_either(void **state)
{
	struct patient patient = cache_bench_patient(&bench);
	uint64_t told_ns = ago(0) + NS_PER_S;

	(void)state;
	pass_registry(&patient);
	assert_int_equal(list(&patient.asker, CACHE_TAGS, "team/app", ""), CACHE_WAIT);
	recall_images(RECALLED_TAGS, "v1", 3, told_ns, false);
	cache_bench_pass(&bench, 2 * NS_PER_S);
	recall_images(RECALLED_TAGS, "v2", 4, told_ns, true);
	end_of_repository();
	assert_int_equal(list(&patient.asker, CACHE_TAGS, "team/app", ""), CACHE_WAIT);
	assert_int_equal(bench.source.asked[FAKE_LIST_IMAGES], 1);
	fake_source_images(&bench.source, "team/app", "v1=3 v2=4", true);
	cache_bench_release(&bench, &patient);
}

static void what_is_older_than_the_clock_is_too_old(void **state)
{
	struct patient patient;

	(void)state;
	remember_tags(&patient, ago(clock_monotonic_ns(&bench.clock.clock)));
	cache_bench_release(&bench, &patient);
	ask_in_vain(STATUS_UNRESOLVED);
	assert_int_equal(at_hand(), CACHE_WAIT);
}

/* Nobody knows whose credentials would be used: that is no reason not to ask. */
static void what_counts_only_in_need_is_not_young(void **state)
{
	struct patient patient = cache_bench_patient(&bench);
	const char *tag = "v1";
	struct image_record record = {.digest = fake_digest(3), .tags = &tag, .n_tags = 1};
	struct recalled recalled = {
	        .kind = RECALLED_TAGS,
	        .told_ns = ago(0),
	        .is_stale = true,
	        .images = &record,
	        .n = 1,
	        .is_first = true,
	        .is_last = true,
	};

	(void)state;
	pass_registry(&patient);
	assert_int_equal(list(&patient.asker, CACHE_TAGS, "team/app", ""), CACHE_WAIT);
	fake_source_recall(&bench.source, "team/app", &recalled);
	end_of_repository();
	assert_int_equal(list(&patient.asker, CACHE_TAGS, "team/app", ""), CACHE_WAIT);
	assert_int_equal(bench.source.asked[FAKE_LIST_IMAGES], 1);
	fake_source_fail_listing(&bench.source, FAKE_LIST_IMAGES, STATUS_CREDENTIALS_EXPIRED);
	assert_int_equal(list(&patient.asker, CACHE_TAGS, "team/app", "v1"), CACHE_FOUND);
	cache_bench_release(&bench, &patient);
}

static void half_a_listing_is_none(void **state)
{
	struct patient patient = cache_bench_patient(&bench);

	(void)state;
	assert_int_equal(list(&patient.asker, CACHE_COMPONENTS, "", ""), CACHE_WAIT);
	recall_repositories("team/app", ago(NS_PER_S), false);
	end_of_registry();
	is_first = true;
	assert_int_equal(list(&patient.asker, CACHE_COMPONENTS, "", ""), CACHE_WAIT);
	assert_int_equal(list(&patient.asker, CACHE_TAGS, "team/app", ""), CACHE_WAIT);
	recall_images(RECALLED_TAGS, "v1", 3, ago(NS_PER_S), false);
	end_of_repository();
	assert_int_equal(find(&patient.asker, "v1", 3), CACHE_WAIT);
	assert_int_equal(bench.source.asked[FAKE_LIST_REPOSITORIES], 1);
	assert_int_equal(bench.source.asked[FAKE_FIND_IMAGE], 1);
	fake_source_repositories(&bench.source, "base", true);
	fake_source_image(&bench.source, "v1", STATUS_ABSENT, 0);
	assert_int_equal(list(&patient.asker, CACHE_COMPONENTS, "", "base"), CACHE_FOUND);
	cache_bench_release(&bench, &patient);
}

static void what_was_forgotten_is_not_remembered(void **state)
{
	struct patient patient;

	(void)state;
	cache_forget(bench.cache);
	remember_tags(&patient, ago(NS_PER_S));
	assert_int_equal(list(&patient.asker, CACHE_TAGS, "team/app", ""), CACHE_WAIT);
	assert_int_equal(bench.source.asked[FAKE_LIST_IMAGES], 1);
	fake_source_fail_listing(&bench.source, FAKE_LIST_IMAGES, STATUS_UNRESOLVED);
	cache_bench_release(&bench, &patient);
	assert_int_equal(at_hand(), CACHE_WAIT);
}

static void what_was_remembered_is_forgotten_with_the_rest(void **state)
{
	struct patient patient;

	(void)state;
	remember_tags(&patient, ago(NS_PER_S));
	cache_bench_release(&bench, &patient);
	assert_int_equal(at_hand(), CACHE_FOUND);
	cache_forget(bench.cache);
	assert_int_equal(at_hand(), CACHE_WAIT);
}

static void when_a_part_was_forgotten_nothing_from_before_is_remembered(void **state)
{
	struct cache_scope scope = {.registry = &bench.registry, .path = "team/app"};
	struct patient patient;

	(void)state;
	cache_forget_part(bench.cache, &scope);
	remember_tags(&patient, ago(NS_PER_S));
	assert_int_equal(list(&patient.asker, CACHE_TAGS, "team/app", ""), CACHE_WAIT);
	assert_int_equal(bench.source.asked[FAKE_LIST_IMAGES], 1);
	fake_source_images(&bench.source, "team/app", "v1=3", true);
	cache_bench_release(&bench, &patient);
}

/* What another mount was told since counts. */
static void newer_memories_count_again(void **state)
{
	struct patient patient;

	(void)state;
	cache_forget(bench.cache);
	cache_bench_pass(&bench, 10 * NS_PER_S);
	remember_tags(&patient, ago(NS_PER_S));
	assert_int_equal(list(&patient.asker, CACHE_TAGS, "team/app", "v1 v2"), CACHE_FOUND);
	cache_bench_release(&bench, &patient);
}

static void what_memory_lost_is_remembered_again(void **state)
{
	struct cache_config config = cache_bench_config();
	struct patient patient;

	(void)state;
	config.max_bytes = 1;
	restart(&config);
	fake_source_remember(&bench.source);
	remember_tags(&patient, ago(NS_PER_S));
	cache_bench_release(&bench, &patient);
	cache_bench_pass(&bench, 10 * NS_PER_S);
	patient = cache_bench_patient(&bench); /* another repository drives it out */
	assert_int_equal(list(&patient.asker, CACHE_TAGS, "base", ""), CACHE_WAIT);
	fake_source_recall(&bench.source, "base", NULL);
	cache_bench_release(&bench, &patient);

	patient = cache_bench_patient(&bench);
	assert_int_equal(list(&patient.asker, CACHE_TAGS, "team/app", ""), CACHE_WAIT);
	assert_int_equal(bench.source.asked[FAKE_RECALL_REPOSITORY], 3);
	recall_images(RECALLED_TAGS, "v1", 3, ago(11 * NS_PER_S), true);
	end_of_repository();
	assert_int_equal(list(&patient.asker, CACHE_TAGS, "team/app", "v1"), CACHE_FOUND);
	assert_int_equal(bench.source.asked[FAKE_LIST_IMAGES], 0);
	cache_bench_release(&bench, &patient);
}

static void a_registry_that_memory_lost_is_remembered_again(void **state)
{
	struct cache_config config = cache_bench_config();
	struct patient patient;

	(void)state;
	config.max_bytes = 1;
	restart(&config);
	fake_source_remember(&bench.source);
	patient = cache_bench_patient(&bench);
	assert_int_equal(list(&patient.asker, CACHE_COMPONENTS, "", ""), CACHE_WAIT);
	recall_repositories("base", ago(NS_PER_S), true);
	end_of_registry();
	assert_int_equal(list(&patient.asker, CACHE_TAGS, "base", ""), CACHE_WAIT);
	cache_bench_pass(&bench, 10 * NS_PER_S);
	fake_source_recall(&bench.source, "base", NULL);
	cache_bench_release(&bench, &patient);

	patient = cache_bench_patient(&bench);
	assert_int_equal(list(&patient.asker, CACHE_COMPONENTS, "", ""), CACHE_WAIT);
	assert_int_equal(bench.source.asked[FAKE_RECALL_REGISTRY], 2);
	recall_repositories("base", ago(11 * NS_PER_S), true);
	end_of_registry();
	assert_int_equal(list(&patient.asker, CACHE_COMPONENTS, "", "base"), CACHE_FOUND);
	assert_int_equal(bench.source.asked[FAKE_LIST_REPOSITORIES], 0);
	cache_bench_release(&bench, &patient);
}

/* Somebody looks into the repository, of which answers by name are remembered. */
static void begin_to_remember_answers(struct patient *patient)
{
	*patient = cache_bench_patient(&bench);
	pass_registry(patient);
	assert_int_equal(find(&patient->asker, "v1", 0), CACHE_WAIT);
}

static void an_image_by_its_tag_costs_no_call(void **state)
{
	struct patient patient;

	(void)state;
	begin_to_remember_answers(&patient);
	recall_images(RECALLED_IMAGE, "v1", 3, ago(NS_PER_S), false);
	end_of_repository();
	assert_int_equal(find(&patient.asker, "v1", 3), CACHE_FOUND);
	assert_int_equal(asked_ecr(), 0);
	cache_bench_release(&bench, &patient);
}

static void what_was_gone_later_is_not_shown_by_an_older_listing(void **state)
{
	static const enum status said[] = {STATUS_ABSENT, STATUS_DENIED};

	for (size_t i = 0; i < 2; i++) {
		struct patient patient;

		begin_to_remember_answers(&patient);
		recall_images(RECALLED_TAGS, "v1", 3, ago(TTL_NS + 9 * NS_PER_S), true);
		recall_refusal(RECALLED_IMAGE, "v1", said[i], ago(8 * NS_PER_S));
		end_of_repository();
		assert_int_equal(find(&patient.asker, "v1", 3), CACHE_WAIT);
		assert_int_equal(bench.source.asked[FAKE_FIND_IMAGE], 1);
		fake_source_image(&bench.source, "v1", STATUS_UNRESOLVED, 0);
		assert_int_equal(find(&patient.asker, "v1", 3), CACHE_FAILED);
		cache_bench_release(&bench, &patient);
		tear_down(state);
		set_up(state);
	}
}

static void what_was_gone_just_now_is_gone_still(void **state)
{
	struct patient patient;

	(void)state;
	begin_to_remember_answers(&patient);
	recall_refusal(RECALLED_IMAGE, "v1", STATUS_ABSENT, ago(NEGATIVE_TTL_NS - NS_PER_S));
	end_of_repository();
	assert_int_equal(find(&patient.asker, "v1", 3), CACHE_ABSENT);
	assert_int_equal(asked_ecr(), 0);
	cache_bench_release(&bench, &patient);
}

static void a_newer_listing_wins_over_an_answer(void **state)
{
	struct patient patient;

	(void)state;
	begin_to_remember_answers(&patient);
	recall_images(RECALLED_IMAGE, "v1", 3, ago(9 * NS_PER_S), false);
	recall_images(RECALLED_TAGS, "v1", 4, ago(8 * NS_PER_S), true);
	end_of_repository();
	assert_int_equal(find(&patient.asker, "v1", 4), CACHE_FOUND);
	cache_bench_release(&bench, &patient);
}

static void many_old_answers_by_name_are_kept(void **state)
{
	struct patient patient;
	char tag[16];

	(void)state;
	begin_to_remember_answers(&patient);
	for (int i = 1; i <= 100; i++) {
		snprintf(tag, sizeof(tag), "v%d", i);
		recall_images(RECALLED_IMAGE, tag, i, ago(2 * TTL_NS), false);
	}
	end_of_repository();
	for (int i = 1; i <= 100; i++) {
		snprintf(tag, sizeof(tag), "v%d", i);
		find(&patient.asker, tag, i);
		if (fake_source_is_open(&bench.source, FAKE_FIND_IMAGE, NULL))
			fake_source_image(&bench.source, tag, STATUS_UNRESOLVED, 0);
		else if (fake_source_is_open(&bench.source, FAKE_LIST_IMAGES, NULL))
			fake_source_fail_listing(&bench.source, FAKE_LIST_IMAGES,
			                         STATUS_UNRESOLVED);
		assert_int_equal(find(&patient.asker, tag, i), CACHE_FOUND);
	}
	cache_bench_release(&bench, &patient);
}

static void a_repository_by_its_name_costs_no_call(void **state)
{
	struct patient patient = cache_bench_patient(&bench);
	struct repository_record record = {.name = "team/app", .mutability = TAGS_IMMUTABLE};
	struct recalled recalled = {
	        .kind = RECALLED_REPOSITORY,
	        .told_ns = ago(NS_PER_S),
	        .repositories = &record,
	        .n = 1,
	};

	(void)state;
	pass_registry(&patient);
	assert_int_equal(find_repository(&patient.asker), CACHE_WAIT);
	fake_source_recall(&bench.source, "team/app", &recalled);
	recall_images(RECALLED_IMAGE, "v1", 3, ago(2 * TTL_NS), false);
	end_of_repository();
	assert_int_equal(find_repository(&patient.asker), CACHE_FOUND);
	/* Its tags do not move. */
	assert_int_equal(find(&patient.asker, "v1", 3), CACHE_FOUND);
	assert_int_equal(asked_ecr(), 0);
	cache_bench_release(&bench, &patient);
}

static void the_account_costs_no_call(void **state)
{
	struct patient patient = cache_bench_patient(&bench);
	struct recalled recalled = {
	        .kind = RECALLED_ACCOUNT, .told_ns = ago(NS_PER_S), .name = ACCOUNT};
	char account[REGISTRY_ACCOUNT_DIGITS + 1];
	enum status status;

	(void)state;
	assert_int_equal(
	        cache_find_account(bench.cache, &bench.registry, &patient.asker, account, &status),
	        CACHE_WAIT);
	fake_source_recall(&bench.source, NULL, &recalled);
	end_of_registry();
	assert_int_equal(
	        cache_find_account(bench.cache, &bench.registry, &patient.asker, account, &status),
	        CACHE_FOUND);
	assert_string_equal(account, ACCOUNT);
	assert_int_equal(asked_ecr(), 0);
	cache_bench_release(&bench, &patient);
}

static void an_account_that_is_none_is_not_taken(void **state)
{
	struct patient patient = cache_bench_patient(&bench);
	struct recalled recalled = {
	        .kind = RECALLED_ACCOUNT, .told_ns = ago(NS_PER_S), .name = "1234"};
	char account[REGISTRY_ACCOUNT_DIGITS + 1];
	enum status status;

	(void)state;
	pass_registry(&patient);
	cache_bench_release(&bench, &patient);
	tear_down(state);
	set_up(state);
	patient = cache_bench_patient(&bench);
	assert_int_equal(list(&patient.asker, CACHE_COMPONENTS, "", ""), CACHE_WAIT);
	fake_source_recall(&bench.source, NULL, &recalled);
	end_of_registry();
	assert_int_equal(
	        cache_find_account(bench.cache, &bench.registry, &patient.asker, account, &status),
	        CACHE_WAIT);
	fake_source_account(&bench.source, STATUS_OK, ACCOUNT);
	cache_bench_release(&bench, &patient);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(memory_is_asked_before_ecr),
	        cmocka_unit_test_fixture(without_memories_ecr_is_asked),
	        cmocka_unit_test_fixture(a_source_that_refuses_to_remember_has_nothing),
	        cmocka_unit_test_fixture(who_only_looks_does_not_begin_to_remember),
	        cmocka_unit_test_fixture(a_young_listing_of_the_registry_costs_no_call),
	        cmocka_unit_test_fixture(a_young_listing_of_tags_costs_no_call),
	        cmocka_unit_test_fixture(it_is_as_old_as_it_was_told),
	        cmocka_unit_test_fixture(an_old_listing_is_shown_when_ecr_cannot_be_asked),
	        cmocka_unit_test_fixture(it_is_not_shown_for_longer_than_in_one_life),
	        cmocka_unit_test_fixture(it_is_never_shown_against_what_ecr_says),
	        cmocka_unit_test_fixture(what_is_from_the_future_is_of_no_age),
	        cmocka_unit_test_fixture(the_rest_of_a_listing_is_none_either),
	        cmocka_unit_test_fixture(what_is_older_than_the_clock_is_too_old),
	        cmocka_unit_test_fixture(what_counts_only_in_need_is_not_young),
	        cmocka_unit_test_fixture(half_a_listing_is_none),
	        cmocka_unit_test_fixture(what_was_forgotten_is_not_remembered),
	        cmocka_unit_test_fixture(what_was_remembered_is_forgotten_with_the_rest),
	        cmocka_unit_test_fixture(
	                when_a_part_was_forgotten_nothing_from_before_is_remembered),
	        cmocka_unit_test_fixture(newer_memories_count_again),
	        cmocka_unit_test_fixture(what_memory_lost_is_remembered_again),
	        cmocka_unit_test_fixture(a_registry_that_memory_lost_is_remembered_again),
	        cmocka_unit_test_fixture(an_image_by_its_tag_costs_no_call),
	        cmocka_unit_test_fixture(what_was_gone_later_is_not_shown_by_an_older_listing),
	        cmocka_unit_test_fixture(what_was_gone_just_now_is_gone_still),
	        cmocka_unit_test_fixture(a_newer_listing_wins_over_an_answer),
	        cmocka_unit_test_fixture(many_old_answers_by_name_are_kept),
	        cmocka_unit_test_fixture(a_repository_by_its_name_costs_no_call),
	        cmocka_unit_test_fixture(the_account_costs_no_call),
	        cmocka_unit_test_fixture(an_account_that_is_none_is_not_taken),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
