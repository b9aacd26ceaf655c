/* The role of a profile. */
#include "ecr/provider_role.h"
#include "ecr/credentials.h"
#include "ecr/provider.h"
#include "net/http.h"
#include "tests/unit/sts_fixture.h"

#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ROLE "role_arn = arn:aws:iam::012345678910:role/"
#define KEYS "aws_access_key_id = AKIDSOURCE\naws_secret_access_key = secret\n"
#define CHAIN                                                                                      \
	"[profile a]\n" ROLE "a\nsource_profile = b\n[profile b]\n" ROLE "b\nsource_profile = c\n"

static int set_up(void **state)
{
	return sts_fixture_set_up(state);
}

static int tear_down(void **state)
{
	return sts_fixture_tear_down(state);
}

static void open_provider(const char *profile)
{
	struct provider_parts parts = sts_fixture_open(profile);

	s.provider = provider_role_new(&parts);
}

static void fetch_with(const char *config)
{
	aws_home_write_config(&f.home, config);
	open_provider("a");
	sts_fixture_fetch();
}

static void a_profile_without_a_role_is_not_configured(void **state)
{
	(void)state;
	fetch_with("[profile a]\n" KEYS);
	assert_int_equal(s.result.answer, PROVIDER_NOT_CONFIGURED);
	assert_int_equal(http_server_requests(s.server), 0);
}

static void a_token_file_makes_it_a_web_identity(void **state)
{
	(void)state;
	fetch_with("[profile a]\n" ROLE "r\nweb_identity_token_file = /t\n");
	assert_int_equal(s.result.answer, PROVIDER_NOT_CONFIGURED);
}

static void a_role_is_assumed_with_the_keys_of_its_source(void **state)
{
	(void)state;
	sts_fixture_answer("ASIAROLE");
	fetch_with("[profile a]\n" ROLE "r\nsource_profile = b\n[profile b]\n" KEYS);
	assert_found("ASIAROLE");
	assert_string_equal(credentials_secret(s.result.credentials), "secret of ASIAROLE");
	assert_string_equal(credentials_session_token(s.result.credentials), "token-of-ASIAROLE");
	assert_string_equal(credentials_account(s.result.credentials), "012345678910");
	assert_string_equal(credentials_provider(s.result.credentials), "assume-role");
	assert_true(credentials_expires_ns(s.result.credentials) ==
	            FAKE_CLOCK_REALTIME_NS + 3600 * NS_PER_S);
	assert_sent(0, "Credential=AKIDSOURCE/20260102/us-east-1/sts/aws4_request");
	assert_sent(0, "Accept: application/json\r\n");
	assert_sent(0, "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n");
	assert_sent(0, "\r\n\r\nAction=AssumeRole&Version=2011-06-15&RoleArn="
	               "arn%3Aaws%3Aiam%3A%3A012345678910%3Arole%2Fr&RoleSessionName=ecrfs-");
	assert_not_sent(0, "DurationSeconds");
	assert_not_sent(0, "ExternalId");
}

static void the_profile_may_say_more(void **state)
{
	(void)state;
	sts_fixture_answer("ASIAROLE");
	fetch_with("[profile a]\n" ROLE "r\nsource_profile = b\nexternal_id = x/y z\n"
	           "role_session_name = me@home\nduration_seconds = 900\n[profile b]\n" KEYS);
	assert_found("ASIAROLE");
	assert_sent(0, "&RoleSessionName=me%40home&ExternalId=x%2Fy%20z&DurationSeconds=900");
}

static void a_duration_that_is_no_number_is_left_out(void **state)
{
	(void)state;
	sts_fixture_answer("ASIAROLE");
	fetch_with("[profile a]\n" ROLE
	           "r\nsource_profile = b\nduration_seconds = 1h\n[profile b]\n" KEYS);
	assert_found("ASIAROLE");
	assert_not_sent(0, "DurationSeconds");
}

static void roles_of_a_chain_are_assumed_one_with_the_other(void **state)
{
	(void)state;
	sts_fixture_answer("ASIAB");
	sts_fixture_answer("ASIAA");
	fetch_with(CHAIN "[profile c]\n" KEYS);
	assert_found("ASIAA");
	assert_sent(0, "role%2Fb&");
	assert_sent(0, "Credential=AKIDSOURCE/");
	assert_sent(1, "role%2Fa&");
	assert_sent(1, "Credential=ASIAB/");
	assert_sent(1, "X-Amz-Security-Token: token-of-ASIAB\r\n");
	assert_int_equal(http_server_requests(s.server), 2);
}

/* As the AWS CLI has it: the second profile is a source, not a role. */
static void keys_of_a_source_win_over_its_role(void **state)
{
	(void)state;
	sts_fixture_answer("ASIAA");
	fetch_with(CHAIN KEYS);
	assert_found("ASIAA");
	assert_int_equal(http_server_requests(s.server), 1);
}

static void a_profile_may_be_its_own_source(void **state)
{
	(void)state;
	sts_fixture_answer("ASIAA");
	fetch_with("[profile a]\n" ROLE "r\nsource_profile = a\n" KEYS);
	assert_found("ASIAA");
	assert_sent(0, "Credential=AKIDSOURCE/");
}

static void a_source_may_be_the_environment(void **state)
{
	(void)state;
	setenv("AWS_ACCESS_KEY_ID", "AKIDENV", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
	sts_fixture_answer("ASIAA");
	fetch_with("[profile a]\n" ROLE "r\ncredential_source = Environment\n");
	assert_found("ASIAA");
	assert_sent(0, "Credential=AKIDENV/");
}

/* Both are asked at an address of the test's own. */
static void serve(const char *key_id)
{
	char body[512];

	snprintf(body, sizeof(body),
	         "{\"Code\":\"Success\",\"AccessKeyId\":\"%s\",\"SecretAccessKey\":\"s\",\"Token\":"
	         "\"t\",\"Expiration\":\"2026-01-02T04:04:05Z\"}",
	         key_id);
	http_server_answer(s.server, 200, "", body);
}

static void a_source_may_be_the_container(void **state)
{
	(void)state;
	setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", http_server_url(s.server), 1);
	serve("ASIATASK");
	sts_fixture_answer("ASIAA");
	fetch_with("[profile a]\n" ROLE "r\ncredential_source = EcsContainer\n");
	assert_found("ASIAA");
	assert_sent(1, "Credential=ASIATASK/");
}

static void a_source_may_be_the_instance(void **state)
{
	(void)state;
	setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", http_server_url(s.server), 1);
	http_server_answer(s.server, 200, "X-Aws-Ec2-Metadata-Token-Ttl-Seconds: 21600\r\n",
	                   "token");
	http_server_answer(s.server, 200, "", "role");
	serve("ASIAINSTANCE");
	sts_fixture_answer("ASIAA");
	fetch_with("[profile a]\n" ROLE "r\ncredential_source = Ec2InstanceMetadata\n");
	assert_found("ASIAA");
	assert_sent(3, "Credential=ASIAINSTANCE/");
}

static void a_container_that_offers_nothing_is_no_source(void **state)
{
	(void)state;
	fetch_with("[profile a]\n" ROLE "r\ncredential_source = EcsContainer\n");
	assert_failed(STATUS_NO_CREDENTIALS, "no container credentials are offered here");
}

static void an_environment_without_keys_is_no_source(void **state)
{
	(void)state;
	fetch_with("[profile a]\n" ROLE "r\ncredential_source = Environment\n");
	assert_failed(STATUS_NO_CREDENTIALS, "credential_source is Environment: set AWS_ACCESS_");
}

/* Only what the profile itself has is a source. */
static void keys_of_the_environment_are_not_those_of_a_source_profile(void **state)
{
	(void)state;
	setenv("AWS_ACCESS_KEY_ID", "AKIDENV", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
	setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/t", 1);
	setenv("AWS_ROLE_ARN", "arn", 1);
	fetch_with("[profile a]\n" ROLE "r\nsource_profile = b\n[profile b]\nregion = x\n");
	assert_failed(STATUS_NO_CREDENTIALS, "its source_profile has no credentials");
}

static void a_source_may_be_a_web_identity(void **state)
{
	(void)state;
	temp_dir_write(&f.home, "token", "eyJ");
	http_server_answer(
	        s.server, 200, "",
	        "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>"
	        "<AccessKeyId>ASIAWEB</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
	        "<SessionToken>t</SessionToken><Expiration>2026-01-02T04:04:05Z</Expiration>"
	        "</Credentials></AssumeRoleWithWebIdentityResult>"
	        "</AssumeRoleWithWebIdentityResponse>");
	sts_fixture_answer("ASIAA");
	assert_int_equal(chdir(f.home.path), 0);
	fetch_with("[profile a]\n" ROLE "r\nsource_profile = b\n[profile b]\n" ROLE
	           "w\nweb_identity_token_file = token\n");
	assert_found("ASIAA");
	assert_sent(1, "Credential=ASIAWEB/");
}

static void all_is_read_again_at_each_refresh(void **state)
{
	(void)state;
	sts_fixture_answer("ASIA1");
	sts_fixture_answer("ASIA2");
	fetch_with("[profile a]\n" ROLE "r\nsource_profile = b\n[profile b]\n" KEYS);
	assert_found("ASIA1");
	aws_home_write_config(&f.home, "[profile a]\n" ROLE "r2\nsource_profile = d\n[profile d]\n"
	                               "aws_access_key_id = AKIDNEW\naws_secret_access_key = s\n");
	sts_fixture_fetch();
	assert_found("ASIA2");
	assert_sent(1, "Credential=AKIDNEW/");
	assert_sent(1, "role%2Fr2&");
}

static void assert_no_plan(const char *config, const char *words)
{
	fetch_with(config);
	assert_failed(STATUS_NO_CREDENTIALS, words);
	assert_int_equal(captured_log_count(&f.captured, ""), 1);
	assert_int_equal(http_server_requests(s.server), 0);
}

static void a_role_needs_a_source(void **state)
{
	(void)state;
	assert_no_plan("[profile a]\n" ROLE "r\n" KEYS,
	               "neither source_profile nor credential_source; add one of them");
}

static void a_role_has_one_source(void **state)
{
	(void)state;
	assert_no_plan("[profile a]\n" ROLE
	               "r\nsource_profile = b\ncredential_source = Environment\n"
	               "[profile b]\n" KEYS,
	               "both source_profile and credential_source; leave one of them out");
}

static void a_source_has_to_be_there(void **state)
{
	(void)state;
	assert_no_plan("[profile a]\n" ROLE "r\nsource_profile = b\n", "no source_profile b;");
}

static void an_unknown_source_is_refused(void **state)
{
	(void)state;
	assert_no_plan("[profile a]\n" ROLE "r\ncredential_source = environment\n",
	               "unknown credential_source: environment; there are Environment,");
}

static void a_circle_is_refused(void **state)
{
	(void)state;
	assert_no_plan(CHAIN "[profile c]\n" ROLE "c\nsource_profile = b\n",
	               "profile c has a role_arn, but its source_profile leads in a circle: b");
}

static void a_profile_without_keys_is_not_its_own_source(void **state)
{
	(void)state;
	assert_no_plan("[profile a]\n" ROLE "r\nsource_profile = a\n", "leads in a circle: a");
}

static void a_chain_has_an_end(void **state)
{
	char config[4096] = "[profile a]\n" ROLE "r\nsource_profile = p0\n";
	size_t length = strlen(config);

	(void)state;
	for (int i = 0; i < 20; i++)
		length += (size_t)snprintf(config + length, sizeof(config) - length,
		                           "[profile p%d]\n" ROLE "r\nsource_profile = p%d\n", i,
		                           i + 1);
	snprintf(config + length, sizeof(config) - length, "[profile p20]\n" KEYS);
	assert_no_plan(config, "at the end of too long a chain from a; shorten it");
}

static void a_second_factor_is_refused_with_what_to_do(void **state)
{
	(void)state;
	assert_no_plan("[profile a]\n" ROLE
	               "r\nsource_profile = b\nmfa_serial = arn\n[profile b]\n" KEYS,
	               "mfa_serial, which a mount cannot ask a code for; mount with credentials");
}

static void a_failing_source_fails(void **state)
{
	(void)state;
	fetch_with("[profile a]\n" ROLE "r\nsource_profile = b\n[profile b]\n"
	           "aws_access_key_id = A\n");
	assert_failed(STATUS_NO_CREDENTIALS, "profile b has only one half of the key");
	assert_int_equal(http_server_requests(s.server), 0);
}

static void a_role_that_is_denied_names_the_permission(void **state)
{
	(void)state;
	sts_fixture_refuse(403, "AccessDenied");
	fetch_with("[profile a]\n" ROLE "r\nsource_profile = b\n[profile b]\n" KEYS);
	assert_failed(STATUS_DENIED, "(AccessDenied: it says) after 1 attempt; these credentials "
	                             "need permission sts:AssumeRole for the role");
	assert_int_equal(captured_log_count(&f.captured, "secret"), 0);
}

static void never_called(void *arg, enum provider_answer answer, enum status status,
                         struct credentials *credentials)
{
	(void)arg;
	(void)answer;
	(void)status;
	(void)credentials;
	fail();
}

/* As the client ends: first HTTP, then the providers. */
static void a_question_dies_with_the_provider(void **state)
{
	(void)state;
	aws_home_write_config(&f.home,
	                      "[profile a]\n" ROLE "r\nsource_profile = b\n[profile b]\n" KEYS);
	open_provider("a");
	s.provider->ops->fetch(s.provider, never_called, NULL);
	for (int i = 0; i < 10; i++) /* no answer was laid out: the call waits */
		pump_disk(f.loop);
	http_free(s.http);
	s.http = NULL;
	s.provider->ops->free(s.provider);
	s.provider = NULL;
	pump_disk(f.loop);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(a_profile_without_a_role_is_not_configured),
	        cmocka_unit_test_fixture(a_token_file_makes_it_a_web_identity),
	        cmocka_unit_test_fixture(a_role_is_assumed_with_the_keys_of_its_source),
	        cmocka_unit_test_fixture(the_profile_may_say_more),
	        cmocka_unit_test_fixture(a_duration_that_is_no_number_is_left_out),
	        cmocka_unit_test_fixture(roles_of_a_chain_are_assumed_one_with_the_other),
	        cmocka_unit_test_fixture(keys_of_a_source_win_over_its_role),
	        cmocka_unit_test_fixture(a_profile_may_be_its_own_source),
	        cmocka_unit_test_fixture(a_source_may_be_the_environment),
	        cmocka_unit_test_fixture(a_source_may_be_the_container),
	        cmocka_unit_test_fixture(a_source_may_be_the_instance),
	        cmocka_unit_test_fixture(a_container_that_offers_nothing_is_no_source),
	        cmocka_unit_test_fixture(an_environment_without_keys_is_no_source),
	        cmocka_unit_test_fixture(keys_of_the_environment_are_not_those_of_a_source_profile),
	        cmocka_unit_test_fixture(a_source_may_be_a_web_identity),
	        cmocka_unit_test_fixture(all_is_read_again_at_each_refresh),
	        cmocka_unit_test_fixture(a_role_needs_a_source),
	        cmocka_unit_test_fixture(a_role_has_one_source),
	        cmocka_unit_test_fixture(a_source_has_to_be_there),
	        cmocka_unit_test_fixture(an_unknown_source_is_refused),
	        cmocka_unit_test_fixture(a_circle_is_refused),
	        cmocka_unit_test_fixture(a_profile_without_keys_is_not_its_own_source),
	        cmocka_unit_test_fixture(a_chain_has_an_end),
	        cmocka_unit_test_fixture(a_second_factor_is_refused_with_what_to_do),
	        cmocka_unit_test_fixture(a_failing_source_fails),
	        cmocka_unit_test_fixture(a_role_that_is_denied_names_the_permission),
	        cmocka_unit_test_fixture(a_question_dies_with_the_provider),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
