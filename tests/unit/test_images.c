/* Tags: listings, questions by name, and whose word counts. */
#include "cache/images.h"
#include "tests/unit/cache_fixture.h"

#define set_up    cache_fixture_set_up
#define tear_down cache_fixture_tear_down

/* What a worker gets for a tag: the image's digit, 0 for absent, -1 when it is not at hand. */
static int at_hand(const char *tag)
{
	struct asker asker = cache_bench_hasty(&bench);
	int digit;

	switch (cache_bench_find_image(&bench, &asker, tag, &digit)) {
	case CACHE_FOUND:
		return digit;
	case CACHE_ABSENT:
		return 0;
	case CACHE_WAIT:
		return -1;
	case CACHE_FAILED:
		break;
	}
	return -2;
}

/* Somebody asks for a tag by name, and gets this answer. */
static void learn(const char *tag, enum status status, int digit)
{
	struct patient patient = cache_bench_patient(&bench);
	int ignored;

	assert_int_equal(cache_bench_find_image(&bench, &patient.asker, tag, &ignored), CACHE_WAIT);
	fake_source_image(&bench.source, tag, status, digit);
	cache_bench_run(&bench);
	assert_int_equal(patient.woken, 1);
	cache_bench_release(&bench, &patient);
}

/* Somebody lists the repository, and these are its tags. */
static void list(const char *tags)
{
	struct patient patient = cache_bench_patient(&bench);
	char text[256];

	assert_int_equal(cache_bench_list(&bench, &patient.asker, CACHE_TAGS, "team/app", text),
	                 CACHE_WAIT);
	fake_source_images(&bench.source, "team/app", tags, true);
	cache_bench_release(&bench, &patient);
}

static void assert_listed(const char *expected)
{
	struct asker asker = cache_bench_hasty(&bench);
	char text[256];

	assert_int_equal(cache_bench_list(&bench, &asker, CACHE_TAGS, "team/app", text),
	                 CACHE_FOUND);
	assert_string_equal(text, expected);
}

static void a_worker_never_asks(void **state)
{
	(void)state;
	assert_int_equal(at_hand("v1"), -1);
	assert_int_equal(bench.source.n_open, 0);
}

static void all_who_want_a_tag_share_one_question(void **state)
{
	struct patient first = cache_bench_patient(&bench), second = cache_bench_patient(&bench);
	int digit;

	(void)state;
	cache_bench_find_image(&bench, &first.asker, "v1", &digit);
	cache_bench_find_image(&bench, &second.asker, "v1", &digit);
	assert_int_equal(bench.source.asked[FAKE_FIND_IMAGE], 1);
	fake_source_image(&bench.source, "v1", STATUS_OK, 3);
	assert_int_equal(first.woken + second.woken, 0); /* never inside the answer */
	cache_bench_run(&bench);
	assert_int_equal(first.woken, 1);
	assert_int_equal(second.woken, 1);
	assert_int_equal(cache_bench_find_image(&bench, &second.asker, "v1", &digit), CACHE_FOUND);
	assert_int_equal(digit, 3);
	cache_bench_release(&bench, &first);
	cache_bench_release(&bench, &second);
}

static void a_tag_is_known_for_its_ttl(void **state)
{
	(void)state;
	learn("v1", STATUS_OK, 3);
	cache_bench_pass(&bench, TTL_NS - NS_PER_S);
	assert_int_equal(at_hand("v1"), 3);
	cache_bench_pass(&bench, NS_PER_S);
	assert_int_equal(at_hand("v1"), -1);
}

static void absence_is_known_for_the_negative_ttl(void **state)
{
	(void)state;
	learn("v1", STATUS_ABSENT, 0);
	cache_bench_pass(&bench, NEGATIVE_TTL_NS - NS_PER_S);
	assert_int_equal(at_hand("v1"), 0);
	cache_bench_pass(&bench, NS_PER_S);
	assert_int_equal(at_hand("v1"), -1);
}

/* The registry's listing shows "team/app", with this promise. */
static void promise(enum tag_mutability mutability)
{
	struct patient patient = cache_bench_patient(&bench);
	char text[256];

	bench.source.mutability = mutability;
	cache_bench_list(&bench, &patient.asker, CACHE_COMPONENTS, "", text);
	fake_source_repositories(&bench.source, "team/app", true);
	cache_bench_release(&bench, &patient);
}

static void a_tag_that_must_not_move_is_known_for_ten_ttls(void **state)
{
	(void)state;
	promise(TAGS_IMMUTABLE);
	learn("v1", STATUS_OK, 3);
	cache_bench_pass(&bench, 10 * TTL_NS - NS_PER_S);
	assert_int_equal(at_hand("v1"), 3);
	cache_bench_pass(&bench, NS_PER_S);
	assert_int_equal(at_hand("v1"), -1);
}

static void a_newer_listing_ends_the_promise_of_a_tag_that_is_gone(void **state)
{
	(void)state;
	promise(TAGS_IMMUTABLE);
	learn("v1", STATUS_OK, 3);
	cache_bench_pass(&bench, NS_PER_S);
	list("v2=2");
	assert_int_equal(at_hand("v1"), -1);
}

/* Somebody asks, and this is the failure. */
static void fail_with(enum status status)
{
	struct patient patient = cache_bench_patient(&bench);
	int digit;

	cache_bench_find_image(&bench, &patient.asker, "v1", &digit);
	fake_source_image(&bench.source, "v1", status, 0);
	cache_bench_run(&bench);
	assert_int_equal(cache_bench_find_image(&bench, &patient.asker, "v1", &digit),
	                 CACHE_FAILED);
	cache_bench_release(&bench, &patient);
}

static void a_failure_is_for_those_who_waited_alone(void **state)
{
	(void)state;
	fail_with(STATUS_TIMED_OUT);
	assert_int_equal(at_hand("v1"), -1);
}

/* Nobody may describe "v1"; so somebody who asks for it has the repository listed. */
static void deny_describing(struct patient *patient)
{
	int digit;

	cache_bench_find_image(&bench, &patient->asker, "v1", &digit);
	fake_source_image(&bench.source, "v1", STATUS_DENIED, 0);
	cache_bench_run(&bench);
	assert_int_equal(cache_bench_find_image(&bench, &patient->asker, "v1", &digit), CACHE_WAIT);
}

/* Nor may it be listed. */
static void deny(struct patient *patient)
{
	int digit;

	deny_describing(patient);
	fake_source_fail_listing(&bench.source, FAKE_LIST_IMAGES, STATUS_DENIED);
	cache_bench_run(&bench);
	assert_int_equal(cache_bench_find_image(&bench, &patient->asker, "v1", &digit),
	                 CACHE_FAILED);
}

static void who_may_not_describe_an_image_finds_it_in_the_listing(void **state)
{
	struct patient patient = cache_bench_patient(&bench);
	int digit;

	(void)state;
	deny_describing(&patient);
	fake_source_images(&bench.source, "team/app", "v1=3", true);
	cache_bench_run(&bench);
	assert_int_equal(cache_bench_find_image(&bench, &patient.asker, "v1", &digit), CACHE_FOUND);
	assert_int_equal(digit, 3);
	cache_bench_release(&bench, &patient);
}

static void what_may_not_be_described_and_is_not_listed_is_absent(void **state)
{
	struct patient patient = cache_bench_patient(&bench);
	int digit;

	(void)state;
	deny_describing(&patient);
	fake_source_images(&bench.source, "team/app", "v2=3", true);
	cache_bench_run(&bench);
	assert_int_equal(cache_bench_find_image(&bench, &patient.asker, "v1", &digit),
	                 CACHE_ABSENT);
	cache_bench_release(&bench, &patient);
	assert_int_equal(at_hand("v1"), 0);
}

static void a_denial_is_remembered_for_the_negative_ttl(void **state)
{
	struct patient patient = cache_bench_patient(&bench);

	(void)state;
	deny(&patient);
	cache_bench_release(&bench, &patient);
	assert_int_equal(at_hand("v1"), -2);
	assert_int_equal(at_hand("v2"), -1); /* but not for another name */
	cache_bench_pass(&bench, NEGATIVE_TTL_NS);
	assert_int_equal(at_hand("v1"), -1);
}

static void a_listing_answers_for_the_tags_that_it_shows(void **state)
{
	(void)state;
	list("v1=1 v2=2");
	assert_int_equal(at_hand("v1"), 1);
	assert_int_equal(at_hand("v2"), 2);
}

static void a_listing_is_no_proof_of_absence(void **state)
{
	(void)state;
	list("v1=1");
	assert_int_equal(at_hand("pushed-since"), -1);
	learn("pushed-since", STATUS_OK, 5);
	assert_int_equal(at_hand("pushed-since"), 5);
}

static void the_fourth_question_by_name_lists(void **state)
{
	struct patient patient = cache_bench_patient(&bench);
	int digit;

	(void)state;
	learn("v1", STATUS_OK, 1);
	learn("v2", STATUS_OK, 1);
	learn("v3", STATUS_OK, 1);
	assert_int_equal(cache_bench_find_image(&bench, &patient.asker, "v4", &digit), CACHE_WAIT);
	assert_int_equal(bench.source.asked[FAKE_FIND_IMAGE], 3);
	fake_source_images(&bench.source, "team/app", "v1=1 v4=4", true);
	cache_bench_run(&bench);
	assert_int_equal(cache_bench_find_image(&bench, &patient.asker, "v4", &digit), CACHE_FOUND);
	assert_int_equal(digit, 4);
	cache_bench_release(&bench, &patient);
}

static void what_such_a_listing_does_not_show_is_absent(void **state)
{
	struct patient patient = cache_bench_patient(&bench);
	int digit;

	(void)state;
	learn("v1", STATUS_OK, 1);
	learn("v2", STATUS_OK, 1);
	learn("v3", STATUS_OK, 1);
	cache_bench_find_image(&bench, &patient.asker, "none", &digit);
	fake_source_images(&bench.source, "team/app", "v1=1", true);
	cache_bench_run(&bench);
	assert_int_equal(cache_bench_find_image(&bench, &patient.asker, "none", &digit),
	                 CACHE_ABSENT);
	cache_bench_release(&bench, &patient);
	assert_int_equal(at_hand("another"), 0); /* for the negative TTL, without listing again */
	cache_bench_pass(&bench, NEGATIVE_TTL_NS);
	assert_int_equal(at_hand("another"), -1);
}

static void questions_by_name_are_counted_anew_after_a_ttl(void **state)
{
	(void)state;
	learn("v1", STATUS_OK, 1);
	learn("v2", STATUS_OK, 1);
	learn("v3", STATUS_OK, 1);
	cache_bench_pass(&bench, TTL_NS);
	learn("v4", STATUS_OK, 1);
	assert_int_equal(bench.source.asked[FAKE_FIND_IMAGE], 4);
	assert_int_equal(bench.source.asked[FAKE_LIST_IMAGES], 0);
}

/* Images are asked for by digest. Answers what the cache has in memory then. */
static size_t learn_digests(int from, int to)
{
	struct cache_figures figures;
	char text[DIGEST_TEXT_SIZE];

	for (int digit = from; digit < to; digit++) {
		struct digest digest = fake_digest(digit);

		digest_format(&digest, text);
		learn(text, STATUS_OK, digit);
	}
	cache_figures(bench.cache, &figures);
	return figures.bytes;
}

static void assert_counts(uint64_t hits, uint64_t misses)
{
	struct cache_figures figures;

	cache_figures(bench.cache, &figures);
	assert_int_equal(figures.hits[CACHE_KIND_IMAGES], hits);
	assert_int_equal(figures.misses[CACHE_KIND_IMAGES], misses);
}

/* A worker asks; whoever fills in attributes has a look only. */
static void a_look_counts_neither_as_hit_nor_as_miss(void **state)
{
	struct patient worker;
	int digit;

	(void)state;
	assert_int_equal(at_hand("v1"), -1);
	assert_counts(0, 0);
	worker = cache_bench_patient(&bench);
	worker.asker.may_wait = false;
	assert_int_equal(cache_bench_find_image(&bench, &worker.asker, "v1", &digit), CACHE_WAIT);
	assert_counts(0, 1);
	learn("v1", STATUS_OK, 1);
	assert_int_equal(cache_bench_find_image(&bench, &worker.asker, "v1", &digit), CACHE_FOUND);
	assert_counts(1, 1);
	assert_int_equal(at_hand("v1"), 1);
	assert_counts(1, 1);
}

static void old_answers_do_not_gather(void **state)
{
	size_t bytes = learn_digests(0, 40);

	(void)state;
	for (int times = 0; times < 3; times++) {
		cache_bench_pass(&bench, DIGEST_TTL_NS);
		assert_true(learn_digests(times % 2 * 100 + 40, times % 2 * 100 + 80) < 3 * bytes);
	}
}

static void the_newer_word_wins(void **state)
{
	(void)state;
	list("v1=1");
	cache_bench_pass(&bench, TTL_NS);
	learn("v1", STATUS_OK, 2); /* the listing has expired: asked by name, and it has moved */
	assert_int_equal(at_hand("v1"), 2);
	list("v1=3");
	assert_int_equal(at_hand("v1"), 3);
}

static void a_newer_listing_without_the_tag_ends_an_answer_by_name(void **state)
{
	(void)state;
	learn("v1", STATUS_OK, 1);
	cache_bench_pass(&bench, NS_PER_S);
	list("v2=2");
	assert_int_equal(at_hand("v1"), -1);
}

static void a_deleted_tag_is_absent_although_the_listing_still_shows_it(void **state)
{
	struct cache_config config = cache_bench_config();

	(void)state;
	config.ttl_ns = NS_PER_S; /* shorter than the negative TTL */
	restart(&config);
	list("v1=1");
	cache_bench_pass(&bench, NS_PER_S);
	learn("v1", STATUS_ABSENT, 0);
	assert_int_equal(at_hand("v1"), 0);
}

static void an_answer_after_the_start_counts_whatever_the_ttl(void **state)
{
	struct cache_config config = cache_bench_config();
	struct patient patient;
	int digit;

	(void)state;
	config.ttl_ns = 0;
	config.negative_ttl_ns = 0;
	restart(&config);
	patient = cache_bench_patient(&bench);
	cache_bench_find_image(&bench, &patient.asker, "v1", &digit);
	cache_bench_pass(&bench, NS_PER_S);
	fake_source_image(&bench.source, "v1", STATUS_OK, 7);
	cache_bench_run(&bench);
	cache_bench_pass(&bench, NS_PER_S);
	assert_int_equal(cache_bench_find_image(&bench, &patient.asker, "v1", &digit), CACHE_FOUND);
	assert_int_equal(digit, 7);
	cache_bench_release(&bench, &patient);
	assert_int_equal(at_hand("v1"), -1);
}

static void a_first_listing_is_shown_page_by_page(void **state)
{
	struct patient patient = cache_bench_patient(&bench);
	char text[256];

	(void)state;
	cache_bench_list(&bench, &patient.asker, CACHE_TAGS, "team/app", text);
	fake_source_images(&bench.source, "team/app", "v1=1 v2=2", false);
	cache_bench_run(&bench);
	assert_int_equal(patient.woken, 1);
	assert_int_equal(patient.asker.answers, 0); /* it goes on */
	assert_int_equal(cache_bench_list(&bench, &patient.asker, CACHE_TAGS, "team/app", text),
	                 CACHE_FOUND);
	assert_string_equal(text, "v1 v2");
	fake_source_images(&bench.source, "team/app", "v3=3", true);
	cache_bench_release(&bench, &patient);
	assert_listed("v1 v2 v3");
}

static void a_listing_that_fails_is_an_error_not_an_end(void **state)
{
	struct patient patient = cache_bench_patient(&bench);
	char text[256];

	(void)state;
	cache_bench_list(&bench, &patient.asker, CACHE_TAGS, "team/app", text);
	fake_source_images(&bench.source, "team/app", "v1=1", false);
	fake_source_fail_listing(&bench.source, FAKE_LIST_IMAGES, STATUS_THROTTLED);
	cache_bench_run(&bench);
	assert_int_equal(cache_bench_list(&bench, &patient.asker, CACHE_TAGS, "team/app", text),
	                 CACHE_FAILED);
	cache_bench_release(&bench, &patient);
}

static void a_listing_of_no_repository_is_absent(void **state)
{
	struct patient patient = cache_bench_patient(&bench);
	char text[256];

	(void)state;
	cache_bench_list(&bench, &patient.asker, CACHE_TAGS, "team/app", text);
	fake_source_fail_listing(&bench.source, FAKE_LIST_IMAGES, STATUS_ABSENT);
	cache_bench_run(&bench);
	assert_int_equal(cache_bench_list(&bench, &patient.asker, CACHE_TAGS, "team/app", text),
	                 CACHE_ABSENT);
	cache_bench_release(&bench, &patient);
}

static void a_new_listing_keeps_the_order_and_appends_what_is_new(void **state)
{
	(void)state;
	list("v1=1 v2=2 v3=3");
	cache_bench_pass(&bench, TTL_NS);
	list("v4=4 v3=3 v1=1");
	assert_listed("v1 v3 v4");
}

/* The inode number of a tag that is at hand. */
static uint64_t number_of(const char *tag)
{
	struct asker asker = cache_bench_hasty(&bench);
	struct found_image found;
	enum status status;

	assert_int_equal(cache_find_image(bench.cache, &bench.registry, "team/app", tag, CACHE_ASK,
	                                  &asker, &found, &status),
	                 CACHE_FOUND);
	image_unref(found.image);
	return found.number;
}

static void a_tag_that_moves_gets_another_inode_number(void **state)
{
	uint64_t number;

	(void)state;
	list("v1=1");
	number = number_of("v1");
	cache_bench_pass(&bench, TTL_NS);
	list("v1=1");
	assert_int_equal(number_of("v1"), number);
	cache_bench_pass(&bench, TTL_NS);
	list("v1=2");
	assert_int_not_equal(number_of("v1"), number);
}

static void an_image_is_found_by_its_digest(void **state)
{
	struct digest digest = fake_digest(3);
	char text[DIGEST_TEXT_SIZE];

	(void)state;
	digest_format(&digest, text);
	learn(text, STATUS_OK, 3);
	assert_int_equal(at_hand(text), 3);
	assert_int_equal(bench.source.asked[FAKE_LIST_IMAGES], 0);
}

static void digests_are_listed_apart_from_tags(void **state)
{
	struct patient patient = cache_bench_patient(&bench);
	char text[256], expected[2 * DIGEST_TEXT_SIZE];
	struct digest digest = fake_digest(1);

	(void)state;
	assert_int_equal(cache_bench_list(&bench, &patient.asker, CACHE_DIGESTS, "team/app", text),
	                 CACHE_WAIT);
	assert_int_equal(bench.source.open[0].scope, IMAGES_ALL);
	fake_source_images(&bench.source, "team/app", "v1=1", true);
	cache_bench_run(&bench);
	assert_int_equal(cache_bench_list(&bench, &patient.asker, CACHE_DIGESTS, "team/app", text),
	                 CACHE_FOUND);
	digest_format(&digest, expected);
	assert_string_equal(text, expected);
	assert_int_equal(cache_bench_list(&bench, &patient.asker, CACHE_UNTAGGED, "team/app", text),
	                 CACHE_FOUND);
	assert_string_equal(text, "");
	cache_bench_release(&bench, &patient);
}

static void a_tag_can_be_pulled_where_nothing_else_is_allowed(void **state)
{
	struct patient patient = cache_bench_patient(&bench);
	struct digest digest = fake_digest(4);
	struct found_image found = {.image = NULL};
	enum status status = STATUS_OK;
	size_t size;

	(void)state;
	deny(&patient);
	assert_int_equal(cache_find_image(bench.cache, &bench.registry, "team/app", "v1",
	                                  CACHE_PULL, &patient.asker, &found, &status),
	                 CACHE_WAIT);
	fake_source_pulled(&bench.source, "v1", STATUS_OK, 4, "{}");
	cache_bench_run(&bench);
	assert_int_equal(cache_find_image(bench.cache, &bench.registry, "team/app", "v1",
	                                  CACHE_PULL, &patient.asker, &found, &status),
	                 CACHE_FOUND);
	assert_true(digest_equal(&found.image->digest, &digest));
	image_unref(found.image);
	assert_true(cache_manifest_size(bench.cache, &bench.registry, "team/app", &digest, &size));
	assert_int_equal(size, 2);
	cache_bench_release(&bench, &patient);
}

static void names_that_no_directory_can_show_are_left_out(void **state)
{
	(void)state;
	list("v1=1 ..=2 a/b=3 .=4 -x=5 v2=2");
	assert_listed("v1 v2");
}

static void one_who_leaves_is_not_woken_and_the_answer_is_kept(void **state)
{
	struct patient patient = cache_bench_patient(&bench);
	int digit;

	(void)state;
	cache_bench_find_image(&bench, &patient.asker, "v1", &digit);
	cache_bench_release(&bench, &patient);
	fake_source_image(&bench.source, "v1", STATUS_OK, 3);
	cache_bench_run(&bench);
	assert_int_equal(patient.woken, 0);
	assert_int_equal(at_hand("v1"), 3);
}

static void one_who_leaves_between_answer_and_waking_is_not_woken(void **state)
{
	struct patient patient = cache_bench_patient(&bench);
	int digit;

	(void)state;
	cache_bench_find_image(&bench, &patient.asker, "v1", &digit);
	fake_source_image(&bench.source, "v1", STATUS_OK, 3);
	cache_bench_release(&bench, &patient);
	cache_bench_run(&bench);
	assert_int_equal(patient.woken, 0);
}

static void a_source_without_memory_is_an_error_of_that_question(void **state)
{
	struct patient patient = cache_bench_patient(&bench);
	int digit;

	(void)state;
	bench.source.refuses = true;
	assert_int_equal(cache_bench_find_image(&bench, &patient.asker, "v1", &digit), CACHE_WAIT);
	cache_bench_run(&bench);
	assert_int_equal(cache_bench_find_image(&bench, &patient.asker, "v1", &digit),
	                 CACHE_FAILED);
	cache_bench_release(&bench, &patient);
	bench.source.refuses = false;
	learn("v1", STATUS_OK, 1);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(a_worker_never_asks),
	        cmocka_unit_test_fixture(all_who_want_a_tag_share_one_question),
	        cmocka_unit_test_fixture(a_tag_is_known_for_its_ttl),
	        cmocka_unit_test_fixture(absence_is_known_for_the_negative_ttl),
	        cmocka_unit_test_fixture(a_tag_that_must_not_move_is_known_for_ten_ttls),
	        cmocka_unit_test_fixture(a_newer_listing_ends_the_promise_of_a_tag_that_is_gone),
	        cmocka_unit_test_fixture(a_failure_is_for_those_who_waited_alone),
	        cmocka_unit_test_fixture(who_may_not_describe_an_image_finds_it_in_the_listing),
	        cmocka_unit_test_fixture(what_may_not_be_described_and_is_not_listed_is_absent),
	        cmocka_unit_test_fixture(a_denial_is_remembered_for_the_negative_ttl),
	        cmocka_unit_test_fixture(a_listing_answers_for_the_tags_that_it_shows),
	        cmocka_unit_test_fixture(a_listing_is_no_proof_of_absence),
	        cmocka_unit_test_fixture(the_fourth_question_by_name_lists),
	        cmocka_unit_test_fixture(what_such_a_listing_does_not_show_is_absent),
	        cmocka_unit_test_fixture(questions_by_name_are_counted_anew_after_a_ttl),
	        cmocka_unit_test_fixture(a_look_counts_neither_as_hit_nor_as_miss),
	        cmocka_unit_test_fixture(old_answers_do_not_gather),
	        cmocka_unit_test_fixture(the_newer_word_wins),
	        cmocka_unit_test_fixture(a_newer_listing_without_the_tag_ends_an_answer_by_name),
	        cmocka_unit_test_fixture(
	                a_deleted_tag_is_absent_although_the_listing_still_shows_it),
	        cmocka_unit_test_fixture(an_answer_after_the_start_counts_whatever_the_ttl),
	        cmocka_unit_test_fixture(a_first_listing_is_shown_page_by_page),
	        cmocka_unit_test_fixture(a_listing_that_fails_is_an_error_not_an_end),
	        cmocka_unit_test_fixture(a_listing_of_no_repository_is_absent),
	        cmocka_unit_test_fixture(a_new_listing_keeps_the_order_and_appends_what_is_new),
	        cmocka_unit_test_fixture(a_tag_that_moves_gets_another_inode_number),
	        cmocka_unit_test_fixture(an_image_is_found_by_its_digest),
	        cmocka_unit_test_fixture(digests_are_listed_apart_from_tags),
	        cmocka_unit_test_fixture(a_tag_can_be_pulled_where_nothing_else_is_allowed),
	        cmocka_unit_test_fixture(names_that_no_directory_can_show_are_left_out),
	        cmocka_unit_test_fixture(one_who_leaves_is_not_woken_and_the_answer_is_kept),
	        cmocka_unit_test_fixture(one_who_leaves_between_answer_and_waking_is_not_woken),
	        cmocka_unit_test_fixture(a_source_without_memory_is_an_error_of_that_question),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
