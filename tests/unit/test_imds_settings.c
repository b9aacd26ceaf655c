/* How IMDS is asked. */
#include "ecr/imds_settings.h"
#include "base/clock.h"
#include "tests/unit/profile_fixture.h"

#include <stdlib.h>
#include <string.h>

static struct imds_variables variables;
static struct imds_settings settings;
static const char *wrong;
static bool was_read;

static int set_up(void **state)
{
	memset(&settings, 0, sizeof(settings));
	memset(&variables, 0, sizeof(variables));
	wrong = NULL;
	was_read = false;
	return profile_fixture_set_up(state);
}

static int tear_down(void **state)
{
	imds_variables_deinit(&variables);
	return profile_fixture_tear_down(state);
}

static void profile_came(void *arg, int error, const struct profile_content *content)
{
	(void)arg;
	assert_int_equal(error, 0);
	wrong = imds_settings_choose(&variables, content, &settings);
	was_read = true;
}

static void choose(const char *config)
{
	aws_home_write_config(&f.home, config);
	open_profile(NULL);
	assert_int_equal(imds_variables_init(&variables), 0);
	assert_int_equal(profile_read(f.profile, profile_came, NULL), 0);
	pump_until(f.loop, &was_read);
}

static void assert_settings(const char *url, unsigned timeout_s, unsigned attempts)
{
	assert_null(wrong);
	assert_string_equal(settings.url, url);
	assert_int_equal(settings.timeout_ns, timeout_s * NS_PER_S);
	assert_int_equal(settings.attempts, attempts);
}

static void assert_wrong(const char *config, const char *what)
{
	choose(config);
	assert_non_null(wrong);
	assert_non_null(strstr(wrong, what));
	assert_string_equal(settings.url, "");
}

static void nothing_said_is_the_address_of_the_link(void **state)
{
	(void)state;
	choose("[default]\nregion = x\n");
	assert_settings("http://169.254.169.254/", 1, 1);
	assert_false(variables.disabled);
}

static void without_the_files_too(void **state)
{
	(void)state;
	assert_int_equal(imds_variables_init(&variables), 0);
	assert_null(imds_settings_choose(&variables, NULL, &settings));
	assert_settings("http://169.254.169.254/", 1, 1);
}

static void variables_are_read(void **state)
{
	(void)state;
	setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ipV6", 1);
	setenv("AWS_METADATA_SERVICE_TIMEOUT", "3", 1);
	setenv("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "4", 1);
	choose("[default]\nec2_metadata_service_endpoint_mode = ipv4\n"
	       "metadata_service_timeout = 5\nmetadata_service_num_attempts = 6\n");
	assert_settings("http://[fd00:ec2::254]/", 3, 4);
}

static void else_keys_of_the_profile_are(void **state)
{
	(void)state;
	choose("[default]\nec2_metadata_service_endpoint_mode = IPv6\n"
	       "metadata_service_timeout = 5\nmetadata_service_num_attempts = 6\n");
	assert_settings("http://[fd00:ec2::254]/", 5, 6);
}

static void an_endpoint_wins_over_a_mode(void **state)
{
	(void)state;
	setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv6", 1);
	choose("[default]\nec2_metadata_service_endpoint = http://127.0.0.1:1338\n");
	assert_settings("http://127.0.0.1:1338/", 1, 1);
}

static void the_variable_of_an_endpoint_wins(void **state)
{
	(void)state;
	setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://[::1]:80/", 1);
	choose("[default]\nec2_metadata_service_endpoint = http://127.0.0.1:1338\n");
	assert_settings("http://[::1]/", 1, 1);
}

static void nobody_waits_for_longer_than_a_minute(void **state)
{
	(void)state;
	setenv("AWS_METADATA_SERVICE_TIMEOUT", "99999999999", 1);
	choose("");
	assert_settings("http://169.254.169.254/", 60, 1);
}

static void true_disables_in_any_case(void **state)
{
	(void)state;
	setenv("AWS_EC2_METADATA_DISABLED", "tRue", 1);
	assert_int_equal(imds_variables_init(&variables), 0);
	assert_true(variables.disabled);
	imds_variables_deinit(&variables);
	setenv("AWS_EC2_METADATA_DISABLED", "1", 1);
	assert_int_equal(imds_variables_init(&variables), 0);
	assert_false(variables.disabled);
}

static void a_mode_that_is_none_is_wrong(void **state)
{
	(void)state;
	assert_wrong("[default]\nec2_metadata_service_endpoint_mode = both\n", "neither IPv4 nor");
}

static void an_endpoint_that_is_none_is_wrong(void **state)
{
	(void)state;
	setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "169.254.169.254", 1);
	assert_wrong("", "is not http(s)://HOST[:PORT]");
}

static void a_time_limit_that_is_none_is_wrong(void **state)
{
	(void)state;
	assert_wrong("[default]\nmetadata_service_timeout = 0\n", "AWS_METADATA_SERVICE_TIMEOUT");
}

static void a_number_that_is_none_is_wrong(void **state)
{
	(void)state;
	setenv("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "-1", 1);
	assert_wrong("", "AWS_METADATA_SERVICE_NUM_ATTEMPTS");
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(nothing_said_is_the_address_of_the_link),
	        cmocka_unit_test_fixture(without_the_files_too),
	        cmocka_unit_test_fixture(variables_are_read),
	        cmocka_unit_test_fixture(else_keys_of_the_profile_are),
	        cmocka_unit_test_fixture(an_endpoint_wins_over_a_mode),
	        cmocka_unit_test_fixture(the_variable_of_an_endpoint_wins),
	        cmocka_unit_test_fixture(nobody_waits_for_longer_than_a_minute),
	        cmocka_unit_test_fixture(true_disables_in_any_case),
	        cmocka_unit_test_fixture(a_mode_that_is_none_is_wrong),
	        cmocka_unit_test_fixture(an_endpoint_that_is_none_is_wrong),
	        cmocka_unit_test_fixture(a_time_limit_that_is_none_is_wrong),
	        cmocka_unit_test_fixture(a_number_that_is_none_is_wrong),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
