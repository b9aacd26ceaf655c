/* Which retry mode holds, and how many attempts. */
#include "ecr/retry_rules.h"
#include "tests/unit/profile_fixture.h"

#include <string.h>
#include <sys/resource.h>

static struct retry_rules rules;

static int set_up(void **state)
{
	memset(&rules, 0, sizeof(rules));
	profile_fixture_set_up(state);
	open_profile(NULL);
	return 0;
}

static int tear_down(void **state)
{
	retry_rules_deinit(&rules);
	pump_disk(f.loop);
	return profile_fixture_tear_down(state);
}

static void make_rules(enum retry_mode mode, unsigned attempts)
{
	struct aws_settings settings = {.retry_mode = mode, .max_attempts = attempts};

	retry_rules_init(&rules, &settings, f.profile, f.captured.log);
}

static void make_rules_with(enum retry_mode mode, unsigned attempts, const char *profile)
{
	aws_home_write_config(&f.home, profile);
	make_rules(mode, attempts);
	retry_rules_complete(&rules);
	pump_disk(f.loop);
}

static void assert_rules(bool adaptive, unsigned max_attempts, unsigned complaints)
{
	assert_int_equal(rules.adaptive, adaptive);
	assert_int_equal(rules.max_attempts, max_attempts);
	assert_int_equal(captured_log_count(&f.captured, "is left out"), complaints);
}

static void where_nobody_says_anything_it_is_standard(void **state)
{
	(void)state;
	make_rules_with(RETRY_MODE_NOT_GIVEN, 0, "[default]\nregion = us-east-1\n");
	assert_rules(false, 3, 0);
}

static void the_profile_may_say_it(void **state)
{
	(void)state;
	make_rules_with(RETRY_MODE_NOT_GIVEN, 0,
	                "[default]\nretry_mode = adaptive\nmax_attempts = 8\n");
	assert_rules(true, 8, 0);
}

static void what_was_given_wins_over_the_profile(void **state)
{
	(void)state;
	make_rules_with(RETRY_MODE_STANDARD, 0,
	                "[default]\nretry_mode = adaptive\nmax_attempts = 8\n");
	assert_rules(false, 8, 0);
	make_rules_with(RETRY_MODE_NOT_GIVEN, 2,
	                "[default]\nretry_mode = adaptive\nmax_attempts = 8\n");
	assert_rules(true, 2, 0);
}

static void with_all_given_the_files_are_not_read(void **state)
{
	(void)state;
	make_rules_with(RETRY_MODE_ADAPTIVE, 2, "[default]\nno line\n");
	assert_rules(true, 2, 0);
	assert_int_equal(captured_log_count(&f.captured, "config"), 0);
}

static void what_the_profile_has_wrong_is_left_out_with_a_word(void **state)
{
	(void)state;
	make_rules_with(RETRY_MODE_NOT_GIVEN, 0,
	                "[default]\nretry_mode = fast\nmax_attempts = 0\n");
	assert_rules(false, 3, 2);
	assert_int_equal(captured_log_count(&f.captured, "retry_mode = fast in profile default"),
	                 1);
}

/* A home directory may hang. */
static void until_the_files_are_read_the_defaults_hold(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, "[default]\nretry_mode = adaptive\n");
	make_rules(RETRY_MODE_NOT_GIVEN, 0);
	retry_rules_complete(&rules);
	assert_rules(false, 3, 0);
	pump_disk(f.loop);
	assert_rules(true, 3, 0);
}

static void the_files_are_read_once(void **state)
{
	(void)state;
	make_rules_with(RETRY_MODE_NOT_GIVEN, 0, "[default]\nmax_attempts = 4\n");
	aws_home_write_config(&f.home, "[default]\nmax_attempts = 5\n");
	retry_rules_complete(&rules);
	pump_disk(f.loop);
	assert_rules(false, 4, 0);
}

/* As when many calls start at once. */
static void what_could_not_be_read_for_want_of_descriptors_is_read_by_the_next_call(void **state)
{
	struct rlimit before, none;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){.rlim_cur = 3, .rlim_max = before.rlim_max};
	aws_home_write_config(&f.home, "[default]\nmax_attempts = 4\n");
	make_rules(RETRY_MODE_NOT_GIVEN, 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	retry_rules_complete(&rules);
	pump_disk(f.loop);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_rules(false, 3, 0);
	retry_rules_complete(&rules);
	pump_disk(f.loop);
	assert_rules(false, 4, 0);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(where_nobody_says_anything_it_is_standard),
	        cmocka_unit_test_fixture(the_profile_may_say_it),
	        cmocka_unit_test_fixture(what_was_given_wins_over_the_profile),
	        cmocka_unit_test_fixture(with_all_given_the_files_are_not_read),
	        cmocka_unit_test_fixture(what_the_profile_has_wrong_is_left_out_with_a_word),
	        cmocka_unit_test_fixture(until_the_files_are_read_the_defaults_hold),
	        cmocka_unit_test_fixture(the_files_are_read_once),
	        cmocka_unit_test_fixture(
	                what_could_not_be_read_for_want_of_descriptors_is_read_by_the_next_call),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
