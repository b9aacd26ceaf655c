/* Settings of the environment. */
#include "ecr/settings.h"
#include "tests/unit/aws_home.h"
#include "tests/unit/unit_test.h"

#include <stdlib.h>

static struct temp_dir home;

static int set_up(void **state)
{
	(void)state;
	aws_home_init(&home);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	temp_dir_deinit(&home);
	return 0;
}

static void options_win_over_the_environment(void **state)
{
	struct aws_settings settings = {
	        .region = "eu-west-1", .endpoint_url = "http://option", .ca_bundle = "/option"};

	(void)state;
	setenv("AWS_REGION", "us-east-1", 1);
	setenv("AWS_ENDPOINT_URL", "http://environment", 1);
	setenv("AWS_CA_BUNDLE", "/environment", 1);
	aws_settings_complete(&settings);
	assert_string_equal(settings.region, "eu-west-1");
	assert_string_equal(settings.endpoint_url, "http://option");
	assert_string_equal(settings.ca_bundle, "/option");
}

static void the_environment_completes_what_is_missing(void **state)
{
	struct aws_settings settings = {0};

	(void)state;
	setenv("AWS_DEFAULT_REGION", "us-east-1", 1);
	setenv("AWS_ENDPOINT_URL", "http://all", 1);
	setenv("AWS_CA_BUNDLE", "/environment", 1);
	aws_settings_complete(&settings);
	assert_string_equal(settings.region, "us-east-1");
	assert_null(settings.endpoint_url);
	assert_string_equal(settings.common_url, "http://all");
	assert_string_equal(settings.ca_bundle, "/environment");
}

static void the_more_special_variable_wins(void **state)
{
	struct aws_settings settings = {0};

	(void)state;
	setenv("AWS_REGION", "eu-west-1", 1);
	setenv("AWS_DEFAULT_REGION", "us-east-1", 1);
	setenv("AWS_ENDPOINT_URL_ECR", "http://ecr", 1);
	setenv("AWS_ENDPOINT_URL", "http://all", 1);
	aws_settings_complete(&settings);
	assert_string_equal(settings.region, "eu-west-1");
	assert_string_equal(settings.service_urls[AWS_ECR], "http://ecr");
}

static void an_empty_variable_counts_as_none(void **state)
{
	struct aws_settings settings = {0};

	(void)state;
	setenv("AWS_REGION", "", 1);
	setenv("AWS_DEFAULT_REGION", "us-east-1", 1);
	setenv("AWS_ENDPOINT_URL_ECR", "", 1);
	aws_settings_complete(&settings);
	assert_string_equal(settings.region, "us-east-1");
	assert_null(settings.service_urls[AWS_ECR]);
}

static void each_service_has_a_variable_of_its_own(void **state)
{
	struct aws_settings settings = {0};

	(void)state;
	setenv("AWS_ENDPOINT_URL_ECR", "http://ecr", 1);
	setenv("AWS_ENDPOINT_URL_STS", "http://sts", 1);
	setenv("AWS_ENDPOINT_URL_SSO", "http://sso", 1);
	setenv("AWS_ENDPOINT_URL_SSO_OIDC", "http://oidc", 1);
	setenv("AWS_ENDPOINT_URL_SIGNIN", "http://signin", 1);
	aws_settings_complete(&settings);
	assert_string_equal(settings.service_urls[AWS_ECR], "http://ecr");
	assert_string_equal(settings.service_urls[AWS_STS], "http://sts");
	assert_string_equal(settings.service_urls[AWS_SSO], "http://sso");
	assert_string_equal(settings.service_urls[AWS_SSO_OIDC], "http://oidc");
	assert_string_equal(settings.service_urls[AWS_SIGNIN], "http://signin");
	assert_null(settings.common_url);
}

static void a_choice_is_true_or_not(void **state)
{
	(void)state;
	assert_int_equal(aws_settings_choice(NULL), AWS_CHOICE_NONE);
	assert_int_equal(aws_settings_choice("true"), AWS_CHOICE_ON);
	assert_int_equal(aws_settings_choice("TRUE"), AWS_CHOICE_ON);
	assert_int_equal(aws_settings_choice("false"), AWS_CHOICE_OFF);
	assert_int_equal(aws_settings_choice("1"), AWS_CHOICE_OFF);
}

static void a_choice_of_the_options_wins_over_the_environment(void **state)
{
	struct aws_settings settings = {.use_fips_endpoint = AWS_CHOICE_ON};

	(void)state;
	setenv("AWS_USE_FIPS_ENDPOINT", "false", 1);
	setenv("AWS_USE_DUALSTACK_ENDPOINT", "true", 1);
	setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "no", 1);
	aws_settings_complete(&settings);
	assert_int_equal(settings.use_fips_endpoint, AWS_CHOICE_ON);
	assert_int_equal(settings.use_dualstack_endpoint, AWS_CHOICE_ON);
	assert_int_equal(settings.ignore_configured_urls, AWS_CHOICE_OFF);
}

static void each_retry_mode_has_a_name(void **state)
{
	enum retry_mode mode = RETRY_MODE_NOT_GIVEN;

	(void)state;
	assert_true(aws_settings_parse_retry_mode("standard", &mode));
	assert_int_equal(mode, RETRY_MODE_STANDARD);
	assert_true(aws_settings_parse_retry_mode("adaptive", &mode));
	assert_int_equal(mode, RETRY_MODE_ADAPTIVE);
	assert_true(aws_settings_parse_retry_mode("legacy", &mode));
	assert_int_equal(mode, RETRY_MODE_STANDARD);
	assert_false(aws_settings_parse_retry_mode("Adaptive", &mode));
	assert_false(aws_settings_parse_retry_mode("", &mode));
	assert_int_equal(mode, RETRY_MODE_STANDARD);
}

static void attempts_are_a_whole_number_that_is_bounded(void **state)
{
	static const char *const bad[] = {"", "0", "00", "-1", "+1", "1.5", " 1", "many"};
	unsigned attempts = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(aws_settings_parse_attempts(bad[i], &attempts));
	assert_int_equal(attempts, 7);
	assert_true(aws_settings_parse_attempts("1", &attempts));
	assert_int_equal(attempts, 1);
	assert_true(aws_settings_parse_attempts("007", &attempts));
	assert_int_equal(attempts, 7);
	assert_true(aws_settings_parse_attempts("99999999999999999999999", &attempts));
	assert_int_equal(attempts, AWS_MAX_ATTEMPTS_LIMIT);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(options_win_over_the_environment),
	        cmocka_unit_test_fixture(the_environment_completes_what_is_missing),
	        cmocka_unit_test_fixture(the_more_special_variable_wins),
	        cmocka_unit_test_fixture(an_empty_variable_counts_as_none),
	        cmocka_unit_test_fixture(each_service_has_a_variable_of_its_own),
	        cmocka_unit_test(a_choice_is_true_or_not),
	        cmocka_unit_test_fixture(a_choice_of_the_options_wins_over_the_environment),
	        cmocka_unit_test_fixture(each_retry_mode_has_a_name),
	        cmocka_unit_test_fixture(attempts_are_a_whole_number_that_is_bounded),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
