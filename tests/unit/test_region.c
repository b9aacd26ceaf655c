/* The mount's region. */
#include "ecr/region.h"
#include "tests/unit/metadata_fixture.h"

#include <stdlib.h>
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
	return metadata_fixture_set_up(state);
}

static int end(void **state)
{
	http_free(m.http);
	m.http = NULL;
	region_free(region);
	return metadata_fixture_tear_down(state);
}

static void open_region(const char *known)
{
	open_imds();
	assert_int_equal(region_new(f.loop, f.captured.log, f.profile, m.imds, known, &region), 0);
}

static void open_region_without_imds(void)
{
	setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
	open_region(NULL);
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
	open_region_without_imds();
	ask();
	assert_int_equal(asker.status, STATUS_MISCONFIGURED);
	assert_int_equal(captured_log_count(&f.captured, "mount with -o region=REGION"), 1);
	assert_int_equal(captured_log_count(&f.captured, "AWS_EC2_METADATA_DISABLED is set"), 1);
}

static void else_the_instance_says_it(void **state)
{
	(void)state;
	answer_token("token", NULL);
	http_server_answer(m.server, 200, "", "ap-south-2");
	open_region(NULL);
	ask();
	assert_string_equal(asker.name, "ap-south-2");
	assert_true(sent(1, "GET /latest/meta-data/placement/region HTTP/1.1\r\n"));
	ask();
	assert_string_equal(asker.name, "ap-south-2");
	assert_int_equal(http_server_requests(m.server), 2);
}

static void the_profile_comes_before_the_instance(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, "[default]\nregion = us-east-1\n");
	open_region(NULL);
	ask();
	assert_string_equal(asker.name, "us-east-1");
	assert_int_equal(http_server_requests(m.server), 0);
}

static void what_is_no_region_is_not_taken(void **state)
{
	static const char *const names[] = {"", "<html>", "EU", "eu-west-1\n", "a.b"};

	(void)state;
	answer_token("token", NULL);
	open_region(NULL);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		http_server_answer(m.server, 200, "", names[i]);
		ask();
		assert_int_equal(asker.status, STATUS_PROTOCOL);
	}
	assert_int_equal(
	        captured_log_count(&f.captured, "what the instance metadata service gives"), 1);
}

static void an_instance_that_fails_is_not_one_without_a_region(void **state)
{
	(void)state;
	answer_token("token", NULL);
	http_server_answer(m.server, 500, "", "");
	open_region(NULL);
	ask();
	assert_int_equal(asker.status, STATUS_SERVER_ERROR);
	assert_int_equal(captured_log_count(&f.captured, "it answered HTTP 500; mount with"), 1);
}

static void an_instance_without_the_path_has_none(void **state)
{
	(void)state;
	answer_token("token", NULL);
	http_server_answer(m.server, 404, "", "");
	open_region(NULL);
	ask();
	assert_int_equal(asker.status, STATUS_MISCONFIGURED);
	assert_int_equal(captured_log_count(&f.captured, "there is no latest/meta-data"), 1);
}

static void a_region_that_is_written_later_is_found(void **state)
{
	(void)state;
	open_region_without_imds();
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

static void the_instances_region_is_not_told_after_the_end(void **state)
{
	(void)state;
	open_region(NULL);
	assert_int_equal(region_get(region, told, &asker), 0);
	pump_disk(f.loop);
	region_free(region);
	region = NULL;
	loop_run_once(f.loop);
	assert_false(asker.done);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(a_known_region_needs_no_files, set_up, end),
	        cmocka_unit_test_setup_teardown(else_the_profile_says_it, set_up, end),
	        cmocka_unit_test_setup_teardown(no_region_is_one_line_that_says_what_to_do, set_up,
	                                        end),
	        cmocka_unit_test_setup_teardown(else_the_instance_says_it, set_up, end),
	        cmocka_unit_test_setup_teardown(the_profile_comes_before_the_instance, set_up, end),
	        cmocka_unit_test_setup_teardown(what_is_no_region_is_not_taken, set_up, end),
	        cmocka_unit_test_setup_teardown(an_instance_that_fails_is_not_one_without_a_region,
	                                        set_up, end),
	        cmocka_unit_test_setup_teardown(an_instance_without_the_path_has_none, set_up, end),
	        cmocka_unit_test_setup_teardown(a_region_that_is_written_later_is_found, set_up,
	                                        end),
	        cmocka_unit_test_setup_teardown(all_who_ask_are_answered, set_up, end),
	        cmocka_unit_test_setup_teardown(a_known_region_is_not_told_after_the_end, set_up,
	                                        end),
	        cmocka_unit_test_setup_teardown(the_profiles_region_is_not_told_after_the_end,
	                                        set_up, end),
	        cmocka_unit_test_setup_teardown(the_instances_region_is_not_told_after_the_end,
	                                        set_up, end),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
