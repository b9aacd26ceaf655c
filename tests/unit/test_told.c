/* What ECR told: what is remembered of it in another life. */
#include "tests/unit/told_fixture.h"

#include <stdio.h>

static void ignore_repositories(void *arg, enum status status,
                                const struct repository_record *records, size_t n, bool last)
{
	(void)arg, (void)status, (void)records, (void)n, (void)last;
}

static void fail_to_list(enum status status)
{
	assert_int_equal(
	        told_list_images(&told, &registry, "team/app", IMAGES_TAGGED, ignore_images, NULL),
	        0);
	fake_source_caller(&inner, STATUS_OK, &alice);
	fake_source_fail_listing(&inner, FAKE_LIST_IMAGES, status);
	settle(&alice);
}

static void a_listing_is_remembered_with_its_time(void **state)
{
	uint64_t told_ns = clock_realtime_ns(&fake.clock);
	struct memory memory;

	(void)state;
	list("v1=3 v2=4", &alice);
	fake_clock_advance(&fake, 5 * NS_PER_S);
	live_again();
	memory = recall(&registry, "team/app", &alice);
	assert_string_equal(memory.text, "[v1=3][v2=4]");
	assert_int_equal(memory.told_ns, told_ns);
	assert_false(memory.is_stale);
	assert_recalled("team/other", &alice, "");
}

static void repositories_are_remembered(void **state)
{
	(void)state;
	assert_int_equal(told_list_repositories(&told, &registry, ignore_repositories, NULL), 0);
	fake_source_caller(&inner, STATUS_OK, &alice);
	fake_source_repositories(&inner, "a b/c", false);
	fake_source_repositories(&inner, "d", true);
	settle(&alice);
	live_again();
	assert_recalled(NULL, &alice, "[a][b/c][d]");
}

static void count_pages(void *arg, const struct recalled *recalled)
{
	size_t *n = arg;

	if (!recalled)
		return;
	for (size_t i = 0; i < recalled->n; i++) {
		char tag[24];

		snprintf(tag, sizeof(tag), "v%zu", n[0]++);
		assert_string_equal(recalled->images[i].tags[0], tag);
	}
	n[1]++;
	assert_int_equal(recalled->is_first, n[1] == 1);
	assert_int_equal(recalled->is_last, n[0] == 2500);
	assert_int_equal(recalled->pages, 5);
}

static void a_long_listing_comes_page_by_page(void **state)
{
	static struct image_record records[500];
	static char tags[500][16];
	static const char *names[500];
	size_t n[2] = {0}; /* images, pages */

	(void)state;
	assert_int_equal(
	        told_list_images(&told, &registry, "team/app", IMAGES_TAGGED, ignore_images, NULL),
	        0);
	fake_source_caller(&inner, STATUS_OK, &alice);
	for (int page = 0; page < 5; page++) {
		for (int i = 0; i < 500; i++) {
			snprintf(tags[i], sizeof(tags[i]), "v%d", 500 * page + i);
			names[i] = tags[i];
			records[i] = (struct image_record){.tags = &names[i], .n_tags = 1};
		}
		fake_source_records(&inner, "team/app", records, 500, page == 4);
	}
	settle(&alice);
	assert_int_equal(told_recall_repository(&told, &registry, "team/app", count_pages, n), 0);
	settle(&alice);
	assert_int_equal(n[0], 2500);
	assert_int_equal(n[1], 3);
}

static void what_did_not_end_well_changes_nothing(void **state)
{
	(void)state;
	list("v1=3", &alice);
	fail_to_list(STATUS_TIMED_OUT);
	fail_to_list(STATUS_NO_CREDENTIALS);
	assert_recalled("team/app", &alice, "[v1=3]");
}

static void what_is_denied_or_gone_is_taken_off(void **state)
{
	static const enum status said[] = {STATUS_DENIED, STATUS_ABSENT,
	                                   STATUS_CREDENTIALS_REJECTED};

	(void)state;
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		list("v1=3", &alice);
		assert_recalled("team/app", &alice, "[v1=3]");
		fail_to_list(said[i]);
		assert_recalled("team/app", &alice, "");
	}
}

static void who_waits_for_a_memory_at_the_end_is_answered(void **state)
{
	struct memory asking = {.ends = 0}, reading = {.ends = 0};

	(void)state;
	list("v1=3", &alice);
	assert_int_equal(told_recall_repository(&told, &registry, "team/app", take, &reading), 0);
	fake_source_caller(&inner, STATUS_OK, &alice); /* it is on its way to the disk */
	assert_int_equal(told_recall_repository(&told, &registry, "team/app", take, &asking), 0);
	stop();
	assert_int_equal(reading.ends, 1);
	assert_int_equal(asking.ends, 1);
	start();
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(a_listing_is_remembered_with_its_time),
	        cmocka_unit_test_fixture(repositories_are_remembered),
	        cmocka_unit_test_fixture(a_long_listing_comes_page_by_page),
	        cmocka_unit_test_fixture(what_did_not_end_well_changes_nothing),
	        cmocka_unit_test_fixture(what_is_denied_or_gone_is_taken_off),
	        cmocka_unit_test_fixture(who_waits_for_a_memory_at_the_end_is_answered),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
