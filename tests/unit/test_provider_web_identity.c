/* Roles by a token in a file. */
#include "ecr/provider_web_identity.h"
#include "ecr/credentials.h"
#include "ecr/provider.h"
#include "tests/unit/sts_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char token_path[TEMP_PATH_SIZE + 8];

static int set_up(void **state)
{
	int r = sts_fixture_set_up(state);

	snprintf(token_path, sizeof(token_path), "%s/token", f.home.path);
	return r;
}

static int tear_down(void **state)
{
	return sts_fixture_tear_down(state);
}

static void fetch(const char *profile)
{
	struct provider_parts parts = sts_fixture_open(profile);

	s.provider = provider_web_identity_new(&parts);
	sts_fixture_fetch();
}

static void set_environment(void)
{
	setenv("AWS_WEB_IDENTITY_TOKEN_FILE", token_path, 1);
	setenv("AWS_ROLE_ARN", "arn:aws:iam::1:role/env", 1);
}

static void answer(const char *key_id)
{
	char body[1024];

	snprintf(body, sizeof(body),
	         "<AssumeRoleWithWebIdentityResponse "
	         "xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleWithWebIdentity"
	         "Result><AssumedRoleUser><Arn>arn:aws:sts::012345678910:assumed-role/r/s</Arn>"
	         "</AssumedRoleUser><Credentials><AccessKeyId>%s</AccessKeyId><SecretAccessKey>"
	         "s&amp;/</SecretAccessKey><SessionToken>t==</SessionToken><Expiration>"
	         "2026-01-02T04:04:05Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult>"
	         "</AssumeRoleWithWebIdentityResponse>",
	         key_id);
	http_server_answer(s.server, 200, "", body);
}

static void nothing_is_not_configured(void **state)
{
	(void)state;
	fetch(NULL);
	assert_int_equal(s.result.answer, PROVIDER_NOT_CONFIGURED);
}

/* What EKS sets. */
static void the_environment_is_enough(void **state)
{
	(void)state;
	set_environment();
	temp_dir_write(&f.home, "token", "eyJ.a-b_c");
	answer("ASIAWEB");
	fetch(NULL);
	assert_found("ASIAWEB");
	assert_string_equal(credentials_secret(s.result.credentials), "s&/");
	assert_string_equal(credentials_session_token(s.result.credentials), "t==");
	assert_string_equal(credentials_account(s.result.credentials), "012345678910");
	assert_string_equal(credentials_provider(s.result.credentials),
	                    "assume-role-with-web-identity");
	assert_true(credentials_expires_ns(s.result.credentials) ==
	            FAKE_CLOCK_REALTIME_NS + 3600 * NS_PER_S);
	assert_sent(0, "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn="
	               "arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fenv&RoleSessionName=ecrfs-");
	assert_sent(0, "&WebIdentityToken=eyJ.a-b_c");
	assert_not_sent(0, "Authorization");
	assert_not_sent(0, "X-Amz-Date");
}

static void the_session_may_have_a_name(void **state)
{
	(void)state;
	set_environment();
	setenv("AWS_ROLE_SESSION_NAME", "me", 1);
	temp_dir_write(&f.home, "token", "eyJ");
	answer("ASIAWEB");
	fetch(NULL);
	assert_sent(0, "&RoleSessionName=me&");
}

static void write_profile(void)
{
	char text[1024];

	snprintf(text, sizeof(text),
	         "[profile a]\nrole_arn = arn:profile\nweb_identity_token_file = %s\n"
	         "role_session_name = session\n",
	         token_path);
	aws_home_write_config(&f.home, text);
	temp_dir_write(&f.home, "token", "eyJ");
}

static void the_profile_is_enough(void **state)
{
	(void)state;
	write_profile();
	answer("ASIAWEB");
	fetch("a");
	assert_found("ASIAWEB");
	assert_sent(0, "&RoleArn=arn%3Aprofile&RoleSessionName=session&");
}

static void variables_win_one_by_one(void **state)
{
	(void)state;
	write_profile();
	setenv("AWS_PROFILE", "a", 1);
	setenv("AWS_ROLE_ARN", "arn:env", 1);
	answer("ASIAWEB");
	fetch(NULL);
	assert_sent(0, "&RoleArn=arn%3Aenv&RoleSessionName=session&");
}

static void a_profile_that_was_chosen_stands_alone(void **state)
{
	(void)state;
	write_profile();
	setenv("AWS_ROLE_ARN", "arn:env", 1);
	answer("ASIAWEB");
	fetch("a");
	assert_sent(0, "&RoleArn=arn%3Aprofile&");
}

static void the_file_is_read_again_at_each_refresh(void **state)
{
	(void)state;
	set_environment();
	temp_dir_write(&f.home, "token", "one");
	answer("ASIA1");
	answer("ASIA2");
	fetch(NULL);
	temp_dir_write(&f.home, "token", "two");
	sts_fixture_fetch();
	assert_found("ASIA2");
	assert_sent(0, "&WebIdentityToken=one");
	assert_sent(1, "&WebIdentityToken=two");
}

static void blanks_behind_the_token_are_not_of_it(void **state)
{
	(void)state;
	set_environment();
	temp_dir_write(&f.home, "token", "eyJ \r\n\n");
	answer("ASIAWEB");
	fetch(NULL);
	assert_found("ASIAWEB");
	assert_not_sent(0, "eyJ%");
}

/* The daemon works in /. */
static void a_relative_path_is_from_where_it_was_started(void **state)
{
	struct provider_parts parts;

	(void)state;
	set_environment();
	setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "token", 1);
	temp_dir_write(&f.home, "token", "eyJ");
	assert_int_equal(chdir(f.home.path), 0);
	parts = sts_fixture_open(NULL);
	s.provider = provider_web_identity_new(&parts);
	assert_int_equal(chdir("/"), 0);
	answer("ASIAWEB");
	sts_fixture_fetch();
	assert_found("ASIAWEB");
}

static void a_token_without_a_role_fails(void **state)
{
	(void)state;
	set_environment();
	unsetenv("AWS_ROLE_ARN");
	fetch(NULL);
	assert_failed(STATUS_NO_CREDENTIALS, "a token file of a web identity, but no role; set "
	                                     "AWS_ROLE_ARN, or role_arn in profile default");
}

static void a_missing_token_file_fails(void **state)
{
	(void)state;
	set_environment();
	fetch(NULL);
	assert_failed(STATUS_NO_CREDENTIALS, "/token: No such file or directory; it is named by "
	                                     "AWS_WEB_IDENTITY_TOKEN_FILE");
}

static void an_empty_token_file_fails(void **state)
{
	(void)state;
	set_environment();
	temp_dir_write(&f.home, "token", " \n");
	fetch(NULL);
	assert_failed(STATUS_NO_CREDENTIALS, "/token has no token");
	assert_int_equal(http_server_requests(s.server), 0);
}

static void a_token_that_is_too_long_fails(void **state)
{
	static char text[20002];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	set_environment();
	temp_dir_write(&f.home, "token", text);
	fetch(NULL);
	assert_failed(STATUS_NO_CREDENTIALS, "/token: File too large");
}

static void assert_refused(const char *code, int http_code, unsigned attempts, enum status status,
                           const char *words)
{
	unsigned before = http_server_requests(s.server);

	for (unsigned i = 0; i < attempts; i++)
		sts_fixture_refuse(http_code, code);
	if (s.provider)
		sts_fixture_fetch();
	else
		fetch(NULL);
	assert_failed(status, words);
	assert_int_equal(http_server_requests(s.server) - before, attempts);
}

static void errors_are_told_with_what_to_do(void **state)
{
	(void)state;
	set_environment();
	temp_dir_write(&f.home, "token", "TOPSECRET");
	assert_refused("AccessDenied", 403, 1, STATUS_DENIED,
	               "allow sts:AssumeRoleWithWebIdentity");
	assert_refused("ExpiredTokenException", 400, 1, STATUS_CREDENTIALS_EXPIRED,
	               "the token in the file has expired");
	assert_refused("InvalidIdentityToken", 400, 3, STATUS_CREDENTIALS_REJECTED,
	               "not of an identity provider that IAM knows");
	assert_refused("IDPCommunicationError", 400, 3, STATUS_SERVER_ERROR,
	               "STS does not reach the identity provider");
	assert_refused("IDPRejectedClaim", 403, 1, STATUS_DENIED, "takes the token in the file");
	assert_refused("RegionDisabledException", 403, 1, STATUS_MISCONFIGURED,
	               "activate STS for the region");
	assert_refused("Odd", 400, 1, STATUS_SERVER_ERROR, "(Odd: it says)");
	assert_int_equal(captured_log_count(&f.captured, "TOPSECRET"), 0);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(nothing_is_not_configured),
	        cmocka_unit_test_fixture(the_environment_is_enough),
	        cmocka_unit_test_fixture(the_session_may_have_a_name),
	        cmocka_unit_test_fixture(the_profile_is_enough),
	        cmocka_unit_test_fixture(variables_win_one_by_one),
	        cmocka_unit_test_fixture(a_profile_that_was_chosen_stands_alone),
	        cmocka_unit_test_fixture(the_file_is_read_again_at_each_refresh),
	        cmocka_unit_test_fixture(blanks_behind_the_token_are_not_of_it),
	        cmocka_unit_test_fixture(a_relative_path_is_from_where_it_was_started),
	        cmocka_unit_test_fixture(a_token_without_a_role_fails),
	        cmocka_unit_test_fixture(a_missing_token_file_fails),
	        cmocka_unit_test_fixture(an_empty_token_file_fails),
	        cmocka_unit_test_fixture(a_token_that_is_too_long_fails),
	        cmocka_unit_test_fixture(errors_are_told_with_what_to_do),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
