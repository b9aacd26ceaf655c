/* For how long it counts what an earlier life was told, and against what it does not. */
#include "tests/unit/recall_fixture.h"

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

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(it_is_as_old_as_it_was_told),
	        cmocka_unit_test_fixture(an_old_listing_is_shown_when_ecr_cannot_be_asked),
	        cmocka_unit_test_fixture(it_is_not_shown_for_longer_than_in_one_life),
	        cmocka_unit_test_fixture(it_is_never_shown_against_what_ecr_says),
	        cmocka_unit_test_fixture(what_is_from_the_future_is_of_no_age),
	        cmocka_unit_test_fixture(the_rest_of_a_listing_is_none_either),
	        cmocka_unit_test_fixture(what_is_older_than_the_clock_is_too_old),
	        cmocka_unit_test_fixture(what_counts_only_in_need_is_not_young),
	        cmocka_unit_test_fixture(what_was_forgotten_is_not_remembered),
	        cmocka_unit_test_fixture(what_was_remembered_is_forgotten_with_the_rest),
	        cmocka_unit_test_fixture(
	                when_a_part_was_forgotten_nothing_from_before_is_remembered),
	        cmocka_unit_test_fixture(newer_memories_count_again),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
