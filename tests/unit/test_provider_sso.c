/* Credentials of IAM Identity Center: the two forms of a profile, the cached token, the portal. */
#include "ecr/provider_sso.h"
#include "base/cleanup.h"
#include "ecr/credentials.h"
#include "ecr/provider.h"
#include "ecr/settings.h"
#include "ecr/login_cache.h"
#include "net/http.h"
#include "tests/unit/http_server.h"
#include "tests/unit/provider_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* SHA-1 of "my-sso" and of the URL below. */
#define SESSION_FILE ".aws/sso/cache/0ad374308c5a4e22f723adf10145eafad7c4031c.json"
#define LEGACY_FILE  ".aws/sso/cache/2b829a45f04c9828cb45b7d092d8e4aa30818393.json"

#define PROFILE "[default]\nsso_account_id = 012345678901\nsso_role_name = Read Only/+\n"
#define SESSION                                                                                    \
	"[sso-session my-sso]\nsso_region = eu-west-1\n"                                           \
	"sso_start_url = https://d-123.awsapps.com/start\n"
#define CONFIG PROFILE "sso_session = my-sso\n" SESSION
#define LEGACY PROFILE "sso_region = eu-west-1\nsso_start_url = https://d-123.awsapps.com/start\n"

#define CREDENTIALS                                                                                \
	"{\"roleCredentials\": {\"accessKeyId\": \"ASIA\", \"secretAccessKey\": \"s/ecret\", "     \
	"\"sessionToken\": \"session==\", \"expiration\": 1767326645123}}"
#define RENEWED                                                                                    \
	"{\"accessToken\": \"access-2\", \"expiresIn\": 3600, \"refreshToken\": \"refresh-2\"}"

static struct aws_settings settings;
static struct http *http;
static struct http_server *portal, *oidc;

static int set_up(void **state)
{
	static const struct http_config config = {
	        .user_agent = "test",
	        .max_connections = 2,
	        .connect_timeout_ns = 10 * NS_PER_S,
	        .read_timeout_ns = 10 * NS_PER_S,
	};
	int r = provider_fixture_set_up(state);

	portal = http_server_new();
	oidc = http_server_new();
	setenv("AWS_ENDPOINT_URL_SSO", http_server_url(portal), 1);
	setenv("AWS_ENDPOINT_URL_SSO_OIDC", http_server_url(oidc), 1);
	memset(&settings, 0, sizeof(settings));
	aws_settings_complete(&settings);
	assert_int_equal(http_new(f.loop, &config, &http), 0);
	return r;
}

static int tear_down(void **state)
{
	http_free(http);
	http_server_free(portal);
	http_server_free(oidc);
	return provider_fixture_tear_down(state);
}

static void open_provider(void)
{
	struct provider_parts parts;

	open_profile(NULL);
	parts = profile_fixture_parts();
	parts.http = http;
	parts.settings = &settings;
	provider = provider_sso_new(&parts);
	assert_non_null(provider);
}

static void fetch(void)
{
	if (!provider)
		open_provider();
	provider_result_deinit(&result);
	provider_result_fetch(f.loop, provider, &result);
}

/* A token that expires so many seconds from now, and can be renewed. */
static void write_token(const char *file, int64_t left_s)
{
	char text[512], expires_at[CLOCK_UTC_SIZE];
	uint64_t now_s = clock_realtime_ns(&f.clock.clock) / NS_PER_S;

	clock_format_utc((int64_t)now_s + left_s, expires_at);
	snprintf(text, sizeof(text),
	         "{\"startUrl\": \"u\", \"accessToken\": \"access-1\", \"expiresAt\": \"%s\", "
	         "\"refreshToken\": \"refresh-1\", \"clientId\": \"id\", \"clientSecret\": \"cs\", "
	         "\"registrationExpiresAt\": \"2027-01-01T00:00:00Z\"}",
	         expires_at);
	temp_dir_write(&f.home, file, text);
}

static void assert_found(void)
{
	assert_int_equal(result.answer, PROVIDER_FOUND);
	assert_string_equal(credentials_access_key_id(result.credentials), "ASIA");
	assert_string_equal(credentials_secret(result.credentials), "s/ecret");
	assert_string_equal(credentials_session_token(result.credentials), "session==");
	assert_string_equal(credentials_account(result.credentials), "012345678901");
	assert_string_equal(credentials_provider(result.credentials), "sso");
	assert_int_equal(credentials_expires_ns(result.credentials),
	                 FAKE_CLOCK_REALTIME_NS + 3600 * NS_PER_S + 123 * NS_PER_MS);
}

static void assert_failed(enum status status, const char *why)
{
	assert_int_equal(result.answer, PROVIDER_FAILED);
	assert_int_equal(result.status, status);
	assert_int_equal(captured_log_count(&f.captured, why), 1);
}

/* The request of this number has this in it. */
static void assert_asked(struct http_server *server, unsigned number, const char *text)
{
	CLEANUP(free_string) char *request = http_server_request(server, number);

	assert_non_null(strstr(request, text));
}

static void a_profile_that_does_not_mention_it_is_not_configured(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, "[default]\nsso_session = my-sso\n" SESSION);
	fetch();
	assert_int_equal(result.answer, PROVIDER_NOT_CONFIGURED);
	assert_int_equal(captured_log_count(&f.captured, ""), 0);
}

static void a_token_gets_credentials(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, CONFIG);
	write_token(SESSION_FILE, 3600);
	http_server_answer(portal, 200, "", CREDENTIALS);
	fetch();
	assert_found();
	assert_asked(portal, 0,
	             "GET /federation/credentials?role_name=Read%20Only%2F%2B&"
	             "account_id=012345678901 HTTP/1.1\r\n");
	assert_asked(portal, 0, "x-amz-sso_bearer_token: access-1\r\n");
	assert_int_equal(http_server_requests(oidc), 0);
	assert_int_equal(captured_log_count(&f.captured, ""), 0);
}

static void the_form_of_old_has_a_file_of_its_own(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, LEGACY);
	write_token(LEGACY_FILE, 60); /* and is not renewed */
	http_server_answer(portal, 200, "", CREDENTIALS);
	fetch();
	assert_found();
	assert_int_equal(http_server_requests(oidc), 0);
}

static void what_is_missing_is_named(void **state)
{
	static const struct {
		const char *config, *why;
	} cases[] = {
	        {"[default]\nsso_role_name = r\n", "profile default lacks sso_start_url"},
	        {"[default]\nsso_role_name = r\nsso_start_url = u\nsso_account_id = 1\n",
	         "profile default lacks sso_region"},
	        {"[default]\nsso_role_name = r\nsso_session = my-sso\n" SESSION,
	         "profile default lacks sso_account_id"},
	        {PROFILE "sso_session = my-sso\nsso_region = us-east-1\n[sso-session my-sso]\n"
	                 "sso_start_url = u\n",
	         "the sso-session my-sso lacks sso_region"},
	        {PROFILE "sso_session = other\n" SESSION, "names the sso-session other, which"},
	        {CONFIG "[default]\nsso_region = us-east-1\n", "has another sso_region than its"},
	        {CONFIG "[default]\nsso_start_url = u\n", "has another sso_start_url than its"},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		aws_home_write_config(&f.home, cases[i].config);
		fetch();
		assert_failed(STATUS_NO_CREDENTIALS, cases[i].why);
		assert_int_equal(captured_log_count(&f.captured, ""), i + 1);
		fake_clock_advance(&f.clock, LOG_REPEAT_S * NS_PER_S);
	}
}

static void both_places_may_say_the_same(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, CONFIG "[default]\nsso_region = eu-west-1\n");
	write_token(SESSION_FILE, 3600);
	http_server_answer(portal, 200, "", CREDENTIALS);
	fetch();
	assert_found();
}

static void nobody_is_logged_in_without_a_token(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, CONFIG);
	fetch();
	assert_failed(STATUS_NO_CREDENTIALS, "run `aws sso login --profile default`");
	fake_clock_advance(&f.clock, LOG_REPEAT_S * NS_PER_S);
	temp_dir_write(&f.home, SESSION_FILE, "{\"clientId\": \"x\"}");
	fetch();
	assert_failed(STATUS_NO_CREDENTIALS, "it is not in");
	fake_clock_advance(&f.clock, LOG_REPEAT_S * NS_PER_S);
	/* Then somebody logs in, in another terminal. */
	write_token(SESSION_FILE, 3600);
	http_server_answer(portal, 200, "", CREDENTIALS);
	fetch();
	assert_int_equal(result.answer, PROVIDER_FOUND);
}

static void an_expired_token_is_not_sent(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, LEGACY);
	write_token(LEGACY_FILE, 0);
	fetch();
	assert_failed(STATUS_CREDENTIALS_EXPIRED, "has expired; run `aws sso login");
	assert_int_equal(http_server_requests(portal), 0);
}

static void a_token_that_ends_soon_is_renewed_and_written_back(void **state)
{
	CLEANUP(free_string) char *path = temp_dir_path(&f.home, SESSION_FILE);
	CLEANUP(close_stream) FILE *stream = NULL;
	char text[1024] = "";
	struct stat status;

	(void)state;
	aws_home_write_config(&f.home, CONFIG);
	write_token(SESSION_FILE, 899);
	http_server_answer(oidc, 200, "", RENEWED);
	http_server_answer(portal, 200, "", CREDENTIALS);
	fetch();
	assert_found();
	assert_asked(portal, 0, "x-amz-sso_bearer_token: access-2\r\n");
	assert_asked(oidc, 0, "POST /token HTTP/1.1\r\n");
	assert_asked(oidc, 0, "Content-Type: application/json\r\n");
	assert_asked(oidc, 0,
	             "{\"grantType\":\"refresh_token\",\"clientId\":\"id\","
	             "\"clientSecret\":\"cs\",\"refreshToken\":\"refresh-1\"}");
	pump_disk(f.loop);
	stream = fopen(path, "r");
	assert_true(fread(text, 1, sizeof(text) - 1, stream) > 0);
	assert_non_null(strstr(text, "\"startUrl\":\"u\""));
	assert_non_null(strstr(text, "\"accessToken\":\"access-2\""));
	assert_non_null(strstr(text, "\"refreshToken\":\"refresh-2\""));
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(captured_log_count(&f.captured, "access-"), 0);
	assert_int_equal(captured_log_count(&f.captured, "refresh-"), 0);
	http_server_answer(portal, 200, "", CREDENTIALS);
	fetch();
	assert_asked(portal, 1, "x-amz-sso_bearer_token: access-2\r\n");
	assert_int_equal(http_server_requests(oidc), 1);
}

static void a_token_that_lives_longer_is_not_renewed(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, CONFIG);
	write_token(SESSION_FILE, 901);
	http_server_answer(portal, 200, "", CREDENTIALS);
	fetch();
	assert_found();
	assert_int_equal(http_server_requests(oidc), 0);
}

/* For a minute, which is botocore's patience, too. */
static void a_token_that_cannot_be_renewed_is_used_until_it_expires(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, CONFIG);
	write_token(SESSION_FILE, 100);
	http_server_answer(oidc, 400, "",
	                   "{\"error\": \"invalid_grant\", \"error_description\": \"no\"}");
	http_server_answer(portal, 200, "", CREDENTIALS);
	fetch();
	assert_found();
	assert_asked(portal, 0, "x-amz-sso_bearer_token: access-1\r\n");
	assert_int_equal(captured_log_count(&f.captured, "is used until it expires: HTTP 400, "
	                                                 "invalid_grant: no"),
	                 1);
	http_server_answer(portal, 200, "", CREDENTIALS);
	fetch();
	assert_int_equal(http_server_requests(oidc), 1);
	fake_clock_advance(&f.clock, LOGIN_CACHE_ATTEMPT_S * NS_PER_S);
	http_server_answer(oidc, 400, "", "{}");
	http_server_answer(portal, 200, "", CREDENTIALS);
	fetch();
	assert_int_equal(http_server_requests(oidc), 2);
	fake_clock_advance(&f.clock, 40 * NS_PER_S);
	fetch();
	assert_failed(STATUS_CREDENTIALS_EXPIRED, "has expired; run `aws sso login");
	assert_int_equal(http_server_requests(oidc), 2);
	fake_clock_advance(&f.clock, 60 * NS_PER_S);
	http_server_answer(oidc, 400, "", "{\"error\": \"invalid_grant\"}");
	fetch();
	assert_failed(STATUS_CREDENTIALS_EXPIRED,
	              "expired and cannot be renewed: HTTP 400, invalid_grant; run `aws sso login");
}

/* A name for the home directory that is so long that no temporary name fits beside a file in it:
 * not even root can write there. */
static void set_home_without_room(void)
{
	char home[4096];
	size_t length = (size_t)snprintf(home, sizeof(home), "%s", f.home.path);

	while (length + strlen("/" SESSION_FILE) < 4093)
		length += (size_t)snprintf(home + length, sizeof(home) - length, "/.");
	setenv("HOME", home, 1);
}

static void a_renewed_token_that_cannot_be_written_is_kept(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, CONFIG);
	write_token(SESSION_FILE, 100);
	set_home_without_room();
	http_server_answer(oidc, 200, "", RENEWED);
	http_server_answer(portal, 200, "", CREDENTIALS);
	fetch();
	assert_found();
	pump_disk(f.loop);
	assert_int_equal(
	        captured_log_count(&f.captured, "was renewed and is kept in memory only, since"),
	        1);
	fake_clock_advance(&f.clock, 200 * NS_PER_S);
	http_server_answer(portal, 200, "", CREDENTIALS);
	fetch();
	assert_asked(portal, 1, "x-amz-sso_bearer_token: access-2\r\n");
	assert_int_equal(http_server_requests(oidc), 1);
	/* Whoever logs in again counts more. */
	write_token(SESSION_FILE, 4000);
	http_server_answer(portal, 200, "", CREDENTIALS);
	fetch();
	assert_asked(portal, 2, "x-amz-sso_bearer_token: access-1\r\n");
}

/* What was renewed goes with the file. */
static void logging_out_counts_at_once(void **state)
{
	CLEANUP(free_string) char *path = temp_dir_path(&f.home, SESSION_FILE);

	(void)state;
	aws_home_write_config(&f.home, CONFIG);
	write_token(SESSION_FILE, 3600);
	http_server_answer(portal, 200, "", CREDENTIALS);
	fetch();
	assert_found();
	assert_int_equal(unlink(path), 0);
	fetch();
	assert_failed(STATUS_NO_CREDENTIALS, "there is no file");
	assert_int_equal(http_server_requests(portal), 1);
}

static void the_portal_refuses_the_token(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, CONFIG);
	write_token(SESSION_FILE, 3600);
	http_server_answer(portal, 401, "x-amzn-ErrorType: UnauthorizedException\r\n",
	                   "{\"message\": \"Session token not found or invalid\"}");
	fetch();
	assert_failed(STATUS_CREDENTIALS_EXPIRED,
	              "HTTP 401, UnauthorizedException: Session token not found or invalid; the "
	              "token is not accepted any more: run `aws sso login --profile default");
}

static void the_portal_refuses_the_role(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, CONFIG);
	write_token(SESSION_FILE, 3600);
	http_server_answer(portal, 403, "",
	                   "{\"__type\": \"a#ForbiddenException\", "
	                   "\"message\": \"No access\"}");
	fetch();
	assert_failed(STATUS_NO_CREDENTIALS,
	              "role Read Only/+ of account 012345678901 at 127.0.0.1:");
	assert_int_equal(captured_log_count(&f.captured, "HTTP 403, ForbiddenException: No access; "
	                                                 "sso_account_id and sso_role_name of"),
	                 1);
	assert_int_equal(http_server_requests(portal), 1);
}

static void the_portal_is_asked_again_when_it_throttles(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, CONFIG);
	write_token(SESSION_FILE, 3600);
	http_server_answer(portal, 429, "", "");
	http_server_answer(portal, 503, "", "");
	http_server_answer(portal, 200, "", CREDENTIALS);
	fetch();
	assert_found();
	assert_asked(portal, 2, "x-amz-sso_bearer_token: access-1\r\n");
	for (int i = 0; i < 3; i++)
		http_server_answer(portal, 429, "", "");
	fetch();
	assert_failed(STATUS_THROTTLED, "failed: HTTP 429");
	assert_int_equal(http_server_requests(portal), 6);
}

static void an_answer_without_credentials_is_none(void **state)
{
	static const char *const answers[] = {
	        "",
	        "{}",
	        "{\"roleCredentials\": {\"accessKeyId\": \"A\", \"secretAccessKey\": \"s\", "
	        "\"sessionToken\": \"t\"}}",
	        "{\"roleCredentials\": {\"accessKeyId\": \"A\", \"secretAccessKey\": \"s\", "
	        "\"expiration\": 1767326645123}}",
	        "{\"roleCredentials\": {\"accessKeyId\": \"A\", \"secretAccessKey\": \"s\", "
	        "\"sessionToken\": \"t\", \"expiration\": 1e300}}",
	        "{\"roleCredentials\": {\"accessKeyId\": \"A\", \"secretAccessKey\": \"s\", "
	        "\"sessionToken\": \"t\", \"expiration\": 2e13}}",
	};

	(void)state;
	aws_home_write_config(&f.home, CONFIG);
	write_token(SESSION_FILE, 36000);
	for (unsigned i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		http_server_answer(portal, 200, "", answers[i]);
		fetch();
		assert_int_equal(result.answer, PROVIDER_FAILED);
		assert_int_equal(result.status, STATUS_PROTOCOL);
		assert_int_equal(captured_log_count(&f.captured, "GetRoleCredentials has none"),
		                 i + 1);
		fake_clock_advance(&f.clock, LOG_REPEAT_S * NS_PER_S);
	}
}

static void a_portal_that_is_not_there_is_said_to_be(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, CONFIG);
	write_token(SESSION_FILE, 3600);
	http_server_refuse(portal);
	fetch();
	assert_failed(STATUS_REFUSED, "GetRoleCredentials for role");
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

static void a_question_dies_with_the_provider(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, CONFIG);
	write_token(SESSION_FILE, 100);
	open_provider();
	provider->ops->fetch(provider, never_called, NULL);
	pump_disk(f.loop);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(a_profile_that_does_not_mention_it_is_not_configured),
	        cmocka_unit_test_fixture(a_token_gets_credentials),
	        cmocka_unit_test_fixture(the_form_of_old_has_a_file_of_its_own),
	        cmocka_unit_test_fixture(what_is_missing_is_named),
	        cmocka_unit_test_fixture(both_places_may_say_the_same),
	        cmocka_unit_test_fixture(nobody_is_logged_in_without_a_token),
	        cmocka_unit_test_fixture(an_expired_token_is_not_sent),
	        cmocka_unit_test_fixture(a_token_that_ends_soon_is_renewed_and_written_back),
	        cmocka_unit_test_fixture(a_token_that_lives_longer_is_not_renewed),
	        cmocka_unit_test_fixture(a_token_that_cannot_be_renewed_is_used_until_it_expires),
	        cmocka_unit_test_fixture(a_renewed_token_that_cannot_be_written_is_kept),
	        cmocka_unit_test_fixture(logging_out_counts_at_once),
	        cmocka_unit_test_fixture(the_portal_refuses_the_token),
	        cmocka_unit_test_fixture(the_portal_refuses_the_role),
	        cmocka_unit_test_fixture(the_portal_is_asked_again_when_it_throttles),
	        cmocka_unit_test_fixture(an_answer_without_credentials_is_none),
	        cmocka_unit_test_fixture(a_portal_that_is_not_there_is_said_to_be),
	        cmocka_unit_test_fixture(a_question_dies_with_the_provider),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
