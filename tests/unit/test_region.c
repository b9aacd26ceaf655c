/* The mount's region. */
#include "ecr/region.h"
#include "tests/unit/profile_fixture.h"

#include <string.h>

struct asker {
	bool done;
	enum status status;
	char name[64];
};

static struct asker asker;
static struct region *region;

static int set_up(void **state)
{
	region = NULL;
	memset(&asker, 0, sizeof(asker));
	profile_fixture_set_up(state);
	open_profile(NULL);
	return 0;
}

static int tear_down(void **state)
{
	region_free(region);
	return profile_fixture_tear_down(state);
}

static void open_region(const char *known)
{
	assert_int_equal(region_new(f.loop, f.captured.log, f.profile, known, &region), 0);
}

static void told(void *arg, enum status status, const char *name)
{
	struct asker *who = arg;

	assert_false(who->done);
	who->done = true;
	who->status = status;
	assert_int_equal(status == STATUS_OK, name != NULL);
	strcpy(who->name, name ? name : "");
}

static void ask(void)
{
	memset(&asker, 0, sizeof(asker));
	assert_int_equal(region_get(region, told, &asker), 0);
	assert_false(asker.done);
	pump_until(f.loop, &asker.done);
}

static void a_known_region_needs_no_files(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, "[default]\nregion = us-east-1\n");
	open_region("eu-west-1");
	ask();
	assert_string_equal(asker.name, "eu-west-1");
}

static void else_the_profile_says_it(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, "[default]\nregion = us-east-1\n");
	open_region(NULL);
	ask();
	assert_string_equal(asker.name, "us-east-1");
	ask();
	assert_string_equal(asker.name, "us-east-1");
}

static void no_region_is_one_line_that_says_what_to_do(void **state)
{
	(void)state;
	open_region(NULL);
	ask();
	assert_int_equal(asker.status, STATUS_MISCONFIGURED);
	assert_int_equal(captured_log_count(&f.captured, "mount with -o region=REGION"), 1);
}

static void a_region_that_is_written_later_is_found(void **state)
{
	(void)state;
	open_region(NULL);
	ask();
	assert_int_equal(asker.status, STATUS_MISCONFIGURED);
	aws_home_write_config(&f.home, "[default]\nregion = us-east-1\n");
	ask();
	assert_string_equal(asker.name, "us-east-1");
}

static void all_who_ask_are_answered(void **state)
{
	struct asker others[5] = {0};

	(void)state;
	aws_home_write_config(&f.home, "[default]\nregion = us-east-1\n");
	open_region(NULL);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(region_get(region, told, &others[i]), 0);
	pump_disk(f.loop);
	for (unsigned i = 0; i < 5; i++)
		assert_string_equal(others[i].name, "us-east-1");
}

static void a_known_region_is_not_told_after_the_end(void **state)
{
	(void)state;
	open_region("eu-west-1");
	assert_int_equal(region_get(region, told, &asker), 0);
	region_free(region);
	region = NULL;
	loop_run_once(f.loop);
	assert_false(asker.done);
}

static void the_profiles_region_is_not_told_after_the_end(void **state)
{
	(void)state;
	open_region(NULL);
	assert_int_equal(region_get(region, told, &asker), 0);
	region_free(region);
	region = NULL;
	pump_disk(f.loop);
	assert_false(asker.done);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(a_known_region_needs_no_files),
	        cmocka_unit_test_fixture(else_the_profile_says_it),
	        cmocka_unit_test_fixture(no_region_is_one_line_that_says_what_to_do),
	        cmocka_unit_test_fixture(a_region_that_is_written_later_is_found),
	        cmocka_unit_test_fixture(all_who_ask_are_answered),
	        cmocka_unit_test_fixture(a_known_region_is_not_told_after_the_end),
	        cmocka_unit_test_fixture(the_profiles_region_is_not_told_after_the_end),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
