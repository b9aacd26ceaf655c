/* Credentials of `aws login`. */
#include "ecr/provider_login.h"
#include "base/cleanup.h"
#include "base/digest.h"
#include "ecr/credentials.h"
#include "ecr/json_fields.h"
#include "ecr/provider.h"
#include "ecr/settings.h"
#include "net/http.h"
#include "tests/unit/ec_key.h"
#include "tests/unit/http_server.h"
#include "tests/unit/provider_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SESSION "arn:aws:iam::123456789012:user/me"
#define CONFIG  "[default]\nlogin_session = " SESSION "\nregion = eu-west-1\n"
#define RENEWED                                                                                    \
	"{\"accessToken\": {\"accessKeyId\": \"ASIA2\", \"secretAccessKey\": \"secret-2\", "       \
	"\"sessionToken\": \"session-2\"}, \"expiresIn\": 900, \"refreshToken\": \"refresh-2\", "  \
	"\"tokenType\": \"aws_sigv4\"}"

static struct aws_settings settings;
static struct http *http;
static struct http_server *server;
static char *key;

static int set_up(void **state)
{
	static const struct http_config config = {
	        .user_agent = "test",
	        .max_connections = 2,
	        .connect_timeout_ns = 10 * NS_PER_S,
	        .read_timeout_ns = 10 * NS_PER_S,
	};
	int r = provider_fixture_set_up(state);

	server = http_server_new();
	key = ec_key_pem("P-256", true);
	setenv("AWS_ENDPOINT_URL_SIGNIN", http_server_url(server), 1);
	memset(&settings, 0, sizeof(settings));
	aws_settings_complete(&settings);
	assert_int_equal(http_new(f.loop, &config, &http), 0);
	return r;
}

static int tear_down(void **state)
{
	http_free(http);
	http_server_free(server);
	free(key);
	return provider_fixture_tear_down(state);
}

static void fetch(void)
{
	struct provider_parts parts;

	if (!provider) {
		open_profile(NULL);
		parts = profile_fixture_parts();
		parts.http = http;
		parts.settings = &settings;
		provider = provider_login_new(&parts);
		assert_non_null(provider);
	}
	provider_result_deinit(&result);
	provider_result_fetch(f.loop, provider, &result);
}

/* The name of the file in this directory, heap. */
static char *file_name(const char *directory)
{
	char hex[DIGEST_HEX_SIZE], *name;
	struct digest digest;

	assert_int_equal(digest_compute(SESSION, strlen(SESSION), &digest), 0);
	digest_format_hex(&digest, hex);
	assert_true(asprintf(&name, "%s/%s.json", directory, hex) > 0);
	return name;
}

/* Credentials that expire so many seconds from now, with this key, in which are newlines. */
static void write_token(const char *directory, int64_t left_s, const char *pem)
{
	CLEANUP(free_string) char *name = file_name(directory);
	struct json_fields *fields = json_fields_new();
	char text[4096], expires_at[CLOCK_UTC_SIZE], *printed;

	clock_format_utc((int64_t)(clock_realtime_ns(&f.clock.clock) / NS_PER_S) + left_s,
	                 expires_at);
	assert_int_equal(json_fields_set(fields, "clientId", "client"), 0);
	assert_int_equal(json_fields_set(fields, "refreshToken", "refresh-1"), 0);
	assert_int_equal(json_fields_set(fields, "dpopKey", pem), 0);
	printed = json_fields_print(fields);
	snprintf(
	        text, sizeof(text),
	        "{\"accessToken\": {\"accessKeyId\": \"ASIA1\", \"secretAccessKey\": \"secret-1\", "
	        "\"sessionToken\": \"session-1\", \"accountId\": \"123456789012\", "
	        "\"expiresAt\": \"%s\"}, %s",
	        expires_at, printed + 1);
	temp_dir_write(&f.home, name, text);
	json_fields_free_text(printed);
	json_fields_free(fields);
}

static void assert_found(const char *key_id, uint64_t left_s)
{
	assert_int_equal(result.answer, PROVIDER_FOUND);
	assert_string_equal(credentials_access_key_id(result.credentials), key_id);
	assert_string_equal(credentials_account(result.credentials), "123456789012");
	assert_string_equal(credentials_provider(result.credentials), "login");
	assert_int_equal(credentials_expires_ns(result.credentials),
	                 clock_realtime_ns(&f.clock.clock) + left_s * NS_PER_S);
}

static void a_profile_without_a_session_is_not_configured(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, "[default]\nregion = eu-west-1\n");
	fetch();
	assert_int_equal(result.answer, PROVIDER_NOT_CONFIGURED);
	assert_int_equal(captured_log_count(&f.captured, ""), 0);
}

static void credentials_that_live_on_are_taken_as_they_are(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, CONFIG);
	write_token(".aws/login/cache", 301, key);
	fetch();
	assert_found("ASIA1", 301);
	assert_string_equal(credentials_secret(result.credentials), "secret-1");
	assert_string_equal(credentials_session_token(result.credentials), "session-1");
	assert_int_equal(http_server_requests(server), 0);
}

static void a_variable_tells_the_directory(void **state)
{
	CLEANUP(free_string) char *path = temp_dir_path(&f.home, "elsewhere");

	(void)state;
	aws_home_write_config(&f.home, CONFIG);
	setenv("AWS_LOGIN_CACHE_DIRECTORY", path, 1);
	write_token("elsewhere", 400, key);
	fetch();
	unsetenv("AWS_LOGIN_CACHE_DIRECTORY");
	assert_found("ASIA1", 400);
}

static void nobody_signed_in(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, CONFIG);
	fetch();
	assert_int_equal(result.answer, PROVIDER_FAILED);
	assert_int_equal(result.status, STATUS_NO_CREDENTIALS);
	assert_int_equal(captured_log_count(&f.captured, "run `aws login --profile default`"), 1);
	write_token(".aws/login/cache", 400, key);
	fetch();
	assert_found("ASIA1", 400);
}

static void credentials_are_renewed_and_written_back(void **state)
{
	CLEANUP(free_string) char *name = file_name(".aws/login/cache");
	CLEANUP(free_string) char *path = temp_dir_path(&f.home, name);
	CLEANUP(free_string) char *request = NULL;
	CLEANUP(close_stream) FILE *stream = NULL;
	char text[4096] = "";

	(void)state;
	aws_home_write_config(&f.home, CONFIG);
	write_token(".aws/login/cache", -10, key);
	http_server_answer(server, 200, "", RENEWED);
	fetch();
	assert_found("ASIA2", 900);
	assert_string_equal(credentials_secret(result.credentials), "secret-2");
	assert_string_equal(credentials_session_token(result.credentials), "session-2");
	request = http_server_request(server, 0);
	assert_non_null(strstr(request, "POST /v1/token HTTP/1.1\r\n"));
	assert_non_null(strstr(request, "DPoP: eyJ")); /* {" */
	assert_non_null(strstr(request, "{\"grantType\":\"refresh_token\",\"clientId\":\"client\","
	                                "\"refreshToken\":\"refresh-1\"}"));
	pump_disk(f.loop);
	stream = fopen(path, "r");
	assert_true(fread(text, 1, sizeof(text) - 1, stream) > 0);
	assert_non_null(strstr(text, "\"refreshToken\":\"refresh-2\""));
	assert_non_null(strstr(text, "\"sessionToken\":\"session-2\""));
	assert_non_null(strstr(text, "\"accountId\":\"123456789012\""));
	assert_non_null(strstr(text, "BEGIN EC PRIVATE KEY"));
	fetch();
	assert_found("ASIA2", 900);
	assert_int_equal(http_server_requests(server), 1);
}

static void assert_expired(const char *why)
{
	assert_int_equal(result.answer, PROVIDER_FAILED);
	assert_int_equal(result.status, STATUS_CREDENTIALS_EXPIRED);
	assert_int_equal(captured_log_count(&f.captured, why), 1);
	assert_int_equal(captured_log_count(&f.captured, "run `aws login --profile default`"), 1);
}

static void a_sign_in_that_is_over_is_said_to_be(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, CONFIG);
	write_token(".aws/login/cache", -10, key);
	http_server_answer(server, 400, "x-amzn-ErrorType: AccessDeniedException\r\n",
	                   "{\"error\": \"TOKEN_EXPIRED\", \"message\": \"The session is over\"}");
	fetch();
	assert_expired(
	        "expired and cannot be renewed: HTTP 400, AccessDeniedException: The session is "
	        "over; run");
}

static void a_key_that_is_none_cannot_renew(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, CONFIG);
	write_token(".aws/login/cache", -10, "none");
	fetch();
	assert_expired("its key cannot be used");
	assert_int_equal(http_server_requests(server), 0);
}

static void an_answer_without_credentials_is_none(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, CONFIG);
	write_token(".aws/login/cache", 100, key);
	http_server_answer(server, 200, "", "{\"accessToken\": {\"accessKeyId\": \"ASIA2\"}}");
	fetch();
	assert_found("ASIA1", 100);
	assert_int_equal(captured_log_count(&f.captured, "is used until it expires"), 1);
}

static void without_a_region_nothing_is_renewed(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, "[default]\nlogin_session = " SESSION "\n");
	write_token(".aws/login/cache", -10, key);
	fetch();
	assert_expired("profile default has no region");
	assert_int_equal(http_server_requests(server), 0);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(a_profile_without_a_session_is_not_configured),
	        cmocka_unit_test_fixture(credentials_that_live_on_are_taken_as_they_are),
	        cmocka_unit_test_fixture(a_variable_tells_the_directory),
	        cmocka_unit_test_fixture(nobody_signed_in),
	        cmocka_unit_test_fixture(credentials_are_renewed_and_written_back),
	        cmocka_unit_test_fixture(a_sign_in_that_is_over_is_said_to_be),
	        cmocka_unit_test_fixture(a_key_that_is_none_cannot_renew),
	        cmocka_unit_test_fixture(an_answer_without_credentials_is_none),
	        cmocka_unit_test_fixture(without_a_region_nothing_is_renewed),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
