/* Answers by name that an earlier life was told. */
#include "tests/unit/recall_fixture.h"

#include <stdio.h>

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

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(an_image_by_its_tag_costs_no_call),
	        cmocka_unit_test_fixture(what_was_gone_later_is_not_shown_by_an_older_listing),
	        cmocka_unit_test_fixture(what_was_gone_just_now_is_gone_still),
	        cmocka_unit_test_fixture(a_newer_listing_wins_over_an_answer),
	        cmocka_unit_test_fixture(many_old_answers_by_name_are_kept),
	        cmocka_unit_test_fixture(a_repository_by_its_name_costs_no_call),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
