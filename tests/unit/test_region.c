/* The mount's region. */
#include "ecr/region.h"
#include "ecr/profile.h"
#include "net/loop.h"
#include "tests/unit/aws_home.h"
#include "tests/unit/captured_log.h"
#include "tests/unit/fake_clock.h"
#include "tests/unit/pump.h"
#include "tests/unit/unit_test.h"

#include <string.h>

struct asker {
	bool done;
	enum status status;
	char name[64];
};

struct fixture {
	struct fake_clock clock;
	struct captured_log captured;
	struct temp_dir home;
	struct loop *loop;
	struct profile *profile;
	struct region *region;
	struct asker asker;
};

static struct fixture f;

static int set_up(void **state)
{
	(void)state;
	memset(&f, 0, sizeof(f));
	fake_clock_init(&f.clock);
	captured_log_init(&f.captured, &f.clock.clock);
	aws_home_init(&f.home);
	assert_int_equal(loop_new(&f.loop), 0);
	return profile_new(f.loop, f.captured.log, NULL, &f.profile);
}

static int tear_down(void **state)
{
	(void)state;
	region_free(f.region);
	profile_free(f.profile);
	loop_run_once(f.loop);
	loop_free(f.loop);
	temp_dir_deinit(&f.home);
	captured_log_deinit(&f.captured);
	return 0;
}

static void open_region(const char *known)
{
	assert_int_equal(region_new(f.loop, f.captured.log, f.profile, known, &f.region), 0);
}

static void told(void *arg, enum status status, const char *name)
{
	struct asker *asker = arg;

	assert_false(asker->done);
	asker->done = true;
	asker->status = status;
	assert_int_equal(status == STATUS_OK, name != NULL);
	strcpy(asker->name, name ? name : "");
}

static void ask(void)
{
	memset(&f.asker, 0, sizeof(f.asker));
	assert_int_equal(region_get(f.region, told, &f.asker), 0);
	assert_false(f.asker.done);
	pump_until(f.loop, &f.asker.done);
}

static void a_known_region_needs_no_files(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, "[default]\nregion = us-east-1\n");
	open_region("eu-west-1");
	ask();
	assert_string_equal(f.asker.name, "eu-west-1");
}

static void else_the_profile_says_it(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, "[default]\nregion = us-east-1\n");
	open_region(NULL);
	ask();
	assert_string_equal(f.asker.name, "us-east-1");
	ask();
	assert_string_equal(f.asker.name, "us-east-1");
}

static void no_region_is_one_line_that_says_what_to_do(void **state)
{
	(void)state;
	open_region(NULL);
	ask();
	assert_int_equal(f.asker.status, STATUS_MISCONFIGURED);
	assert_int_equal(captured_log_count(&f.captured, "mount with -o region=REGION"), 1);
}

static void a_region_that_is_written_later_is_found(void **state)
{
	(void)state;
	open_region(NULL);
	ask();
	assert_int_equal(f.asker.status, STATUS_MISCONFIGURED);
	aws_home_write_config(&f.home, "[default]\nregion = us-east-1\n");
	ask();
	assert_string_equal(f.asker.name, "us-east-1");
}

static void all_who_ask_are_answered(void **state)
{
	struct asker others[5] = {0};

	(void)state;
	aws_home_write_config(&f.home, "[default]\nregion = us-east-1\n");
	open_region(NULL);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(region_get(f.region, told, &others[i]), 0);
	pump_disk(f.loop);
	for (unsigned i = 0; i < 5; i++)
		assert_string_equal(others[i].name, "us-east-1");
}

static void a_known_region_is_not_told_after_the_end(void **state)
{
	(void)state;
	open_region("eu-west-1");
	assert_int_equal(region_get(f.region, told, &f.asker), 0);
	region_free(f.region);
	f.region = NULL;
	loop_run_once(f.loop);
	assert_false(f.asker.done);
}

static void the_profiles_region_is_not_told_after_the_end(void **state)
{
	(void)state;
	open_region(NULL);
	assert_int_equal(region_get(f.region, told, &f.asker), 0);
	region_free(f.region);
	f.region = NULL;
	pump_disk(f.loop);
	assert_false(f.asker.done);
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
