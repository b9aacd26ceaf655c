/* Which endpoint is used: options, variables and profile, in their order. */
#include "ecr/endpoint_choice.h"
#include "ecr/settings.h"
#include "tests/unit/profile_fixture.h"

#include <stdlib.h>
#include <string.h>

#define tear_down profile_fixture_tear_down

static struct aws_settings settings;

/* One question to it, and what came of it. */
static struct {
	enum aws_service service;
	struct registry registry;
	bool done;
	enum endpoint_answer answer;
	struct endpoint endpoint;
} choice;

static int set_up(void **state)
{
	settings = (struct aws_settings){0};
	memset(&choice, 0, sizeof(choice));
	return profile_fixture_set_up(state);
}

static void profile_was_read(void *arg, int error, const struct profile_content *content)
{
	struct endpoint_choice kept;
	struct endpoint at_once = {0};
	enum endpoint_answer answer =
	        endpoint_choose(&settings, content, choice.service, "eu-west-1", &at_once);

	(void)arg;
	assert_int_equal(error, 0);
	assert_int_equal(endpoint_choice_init(&kept, &settings, content), 0);
	choice.answer = endpoint_choice_get(&kept, choice.service, &choice.registry, "eu-west-1",
	                                    &choice.endpoint);
	endpoint_choice_deinit(&kept);
	if (!choice.registry.fips) {
		assert_int_equal(answer, choice.answer);
		if (answer == ENDPOINT_FOUND)
			assert_string_equal(at_once.url, choice.endpoint.url);
	}
	choice.done = true;
}

static void choose(enum aws_service service)
{
	if (!f.profile)
		open_profile(NULL);
	aws_settings_complete(&settings);
	choice.service = service;
	choice.done = false;
	assert_int_equal(profile_read(f.profile, profile_was_read, NULL), 0);
	pump_until(f.loop, &choice.done);
}

static void assert_chosen(enum aws_service service, const char *host, const char *origin)
{
	choose(service);
	assert_int_equal(choice.answer, ENDPOINT_FOUND);
	assert_string_equal(choice.endpoint.host, host);
	if (origin)
		assert_string_equal(choice.endpoint.origin, origin);
	else
		assert_null(choice.endpoint.origin);
}

static void assert_refused(enum aws_service service, enum endpoint_answer answer)
{
	choose(service);
	assert_int_equal(choice.answer, answer);
}

static const char full_profile[] = "[default]\n"
                                   "services = mine\n"
                                   "endpoint_url = http://profile\n"
                                   "[services mine]\n"
                                   "ecr =\n"
                                   "  endpoint_url = http://services-ecr\n"
                                   "sso_oidc =\n"
                                   "  endpoint_url = http://services-oidc\n";

static void without_any_setting_it_is_that_of_aws(void **state)
{
	(void)state;
	assert_chosen(AWS_ECR, "api.ecr.eu-west-1.amazonaws.com", NULL);
	assert_chosen(AWS_STS, "sts.eu-west-1.amazonaws.com", NULL);
}

static void the_option_is_first_and_for_ecr_alone(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, full_profile);
	setenv("AWS_ENDPOINT_URL_ECR", "http://ecr", 1);
	setenv("AWS_ENDPOINT_URL", "http://all", 1);
	settings.endpoint_url = "http://option";
	assert_chosen(AWS_ECR, "option", "the option endpoint_url");
	assert_chosen(AWS_STS, "all", "AWS_ENDPOINT_URL");
}

static void the_variable_of_the_service_is_before_that_of_all(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, full_profile);
	setenv("AWS_ENDPOINT_URL_ECR", "http://ecr", 1);
	setenv("AWS_ENDPOINT_URL", "http://all", 1);
	assert_chosen(AWS_ECR, "ecr", "AWS_ENDPOINT_URL_ECR");
	assert_chosen(AWS_SSO, "all", "AWS_ENDPOINT_URL");
}

static void the_services_section_is_before_the_profile(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, full_profile);
	assert_chosen(AWS_ECR, "services-ecr", "the services section of the profile");
	assert_chosen(AWS_SSO_OIDC, "services-oidc", "the services section of the profile");
	assert_chosen(AWS_STS, "profile", "endpoint_url of the profile");
}

static void variables_are_before_the_profile(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, full_profile);
	setenv("AWS_ENDPOINT_URL", "http://all", 1);
	assert_chosen(AWS_ECR, "all", "AWS_ENDPOINT_URL");
}

static void a_services_section_that_is_missing_is_an_error(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, "[default]\nservices = none\nendpoint_url = http://p\n");
	assert_refused(AWS_ECR, ENDPOINT_NO_SERVICES);
	assert_non_null(strstr(endpoint_answer_text(ENDPOINT_NO_SERVICES), "services"));
	settings.endpoint_url = "http://option"; /* nobody has to look there */
	assert_chosen(AWS_ECR, "option", "the option endpoint_url");
}

static void what_is_configured_can_be_ignored(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, full_profile);
	setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true", 1);
	setenv("AWS_ENDPOINT_URL", "http://all", 1);
	assert_chosen(AWS_ECR, "api.ecr.eu-west-1.amazonaws.com", NULL);
	settings.endpoint_url = "http://option"; /* is not configured, but given */
	assert_chosen(AWS_ECR, "option", "the option endpoint_url");
}

static void the_profile_can_have_it_ignored(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, "[default]\nignore_configured_endpoint_urls = true\n"
	                               "services = none\nendpoint_url = http://profile\n");
	setenv("AWS_ENDPOINT_URL", "http://all", 1);
	assert_chosen(AWS_ECR, "api.ecr.eu-west-1.amazonaws.com", NULL);
}

static void the_variable_about_ignoring_is_before_the_profile(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, "[default]\nignore_configured_endpoint_urls = true\n"
	                               "endpoint_url = http://profile\n");
	setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false", 1);
	assert_chosen(AWS_ECR, "profile", "endpoint_url of the profile");
}

static void fips_and_dualstack_come_from_variable_or_profile(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, "[default]\nuse_fips_endpoint = true\n");
	setenv("AWS_USE_DUALSTACK_ENDPOINT", "true", 1);
	assert_chosen(AWS_ECR, "ecr-fips.eu-west-1.api.aws", NULL);
	assert_chosen(AWS_SSO, "portal.sso-fips.eu-west-1.api.aws", NULL);
}

static void a_variable_takes_back_what_the_profile_says(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, "[default]\nuse_fips_endpoint = true\n");
	setenv("AWS_USE_FIPS_ENDPOINT", "false", 1);
	assert_chosen(AWS_ECR, "api.ecr.eu-west-1.amazonaws.com", NULL);
}

static void fips_contradicts_an_address_wherever_both_come_from(void **state)
{
	(void)state;
	aws_home_write_config(&f.home,
	                      "[default]\nuse_fips_endpoint = true\nendpoint_url = http://p\n");
	assert_refused(AWS_ECR, ENDPOINT_CONFLICT);
	assert_refused(AWS_STS, ENDPOINT_CONFLICT);
}

/* As for the AWS CLI, the URL of another service is none of this one's business. */
static void the_address_of_another_service_is_no_contradiction(void **state)
{
	(void)state;
	settings.endpoint_url = "http://option";
	setenv("AWS_USE_FIPS_ENDPOINT", "true", 1);
	assert_refused(AWS_ECR, ENDPOINT_CONFLICT);
	assert_chosen(AWS_STS, "sts-fips.eu-west-1.amazonaws.com", NULL);
}

static void an_address_stands_for_whatever_the_registrys_name_says(void **state)
{
	(void)state;
	choice.registry = (struct registry){.fips = true};
	assert_chosen(AWS_ECR, "api.ecr-fips.eu-west-1.amazonaws.com", NULL);
	aws_home_write_config(&f.home, "[default]\nendpoint_url = http://profile\n");
	assert_chosen(AWS_ECR, "profile", "endpoint_url of the profile");
}

static void without_a_profile_the_settings_tell(void **state)
{
	(void)state;
	settings.common_url = "http://all";
	assert_int_equal(endpoint_choose(&settings, NULL, AWS_STS, "eu-west-1", &choice.endpoint),
	                 ENDPOINT_FOUND);
	assert_string_equal(choice.endpoint.host, "all");
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(without_any_setting_it_is_that_of_aws),
	        cmocka_unit_test_fixture(the_option_is_first_and_for_ecr_alone),
	        cmocka_unit_test_fixture(the_variable_of_the_service_is_before_that_of_all),
	        cmocka_unit_test_fixture(the_services_section_is_before_the_profile),
	        cmocka_unit_test_fixture(variables_are_before_the_profile),
	        cmocka_unit_test_fixture(a_services_section_that_is_missing_is_an_error),
	        cmocka_unit_test_fixture(what_is_configured_can_be_ignored),
	        cmocka_unit_test_fixture(the_profile_can_have_it_ignored),
	        cmocka_unit_test_fixture(the_variable_about_ignoring_is_before_the_profile),
	        cmocka_unit_test_fixture(fips_and_dualstack_come_from_variable_or_profile),
	        cmocka_unit_test_fixture(a_variable_takes_back_what_the_profile_says),
	        cmocka_unit_test_fixture(fips_contradicts_an_address_wherever_both_come_from),
	        cmocka_unit_test_fixture(the_address_of_another_service_is_no_contradiction),
	        cmocka_unit_test_fixture(an_address_stands_for_whatever_the_registrys_name_says),
	        cmocka_unit_test_fixture(without_a_profile_the_settings_tell),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
