/* Credentials of a container. */
#include "ecr/provider_container.h"
#include "ecr/credentials.h"
#include "tests/unit/metadata_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FULL_URI   "AWS_CONTAINER_CREDENTIALS_FULL_URI"
#define TOKEN      "AWS_CONTAINER_AUTHORIZATION_TOKEN"
#define TOKEN_FILE "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"

#define ANSWER(key_id)                                                                             \
	"{\"AccessKeyId\":\"" key_id "\",\"SecretAccessKey\":\"s\",\"Token\":\"t\","               \
	"\"Expiration\":\"2026-01-02T03:04:06Z\"}"

static void open_provider(void)
{
	struct provider_parts parts = metadata_fixture_parts();

	m.provider = provider_container_new(&parts);
	assert_non_null(m.provider);
}

static int set_up(void **state)
{
	metadata_fixture_set_up(state);
	setenv(FULL_URI, url_of("v1/credentials"), 1);
	return 0;
}

static void set_token_file(const char *text)
{
	char path[TEMP_PATH_SIZE + 16];

	temp_dir_write(&f.home, "token", text);
	snprintf(path, sizeof(path), "%s/token", f.home.path);
	setenv(TOKEN_FILE, path, 1);
}

static void assert_key(const char *key_id)
{
	assert_int_equal(m.result.answer, PROVIDER_FOUND);
	assert_string_equal(credentials_access_key_id(m.result.credentials), key_id);
}

static void without_variables_it_is_not_configured(void **state)
{
	(void)state;
	unsetenv(FULL_URI);
	open_provider();
	fetch();
	assert_int_equal(m.result.answer, PROVIDER_NOT_CONFIGURED);
	assert_int_equal(captured_log_count(&f.captured, ""), 0);
}

static void keys_are_taken(void **state)
{
	(void)state;
	http_server_answer(m.server, 200, "", ANSWER("ASIA"));
	open_provider();
	fetch();
	assert_key("ASIA");
	assert_string_equal(credentials_provider(m.result.credentials), "container-role");
	assert_int_equal(credentials_expires_ns(m.result.credentials),
	                 FAKE_CLOCK_REALTIME_NS + NS_PER_S);
	assert_true(sent(0, "GET /v1/credentials HTTP/1.1\r\n"));
	assert_true(sent(0, "\r\nAccept: application/json\r\n"));
	assert_false(sent(0, "Authorization"));
}

static void the_token_is_sent(void **state)
{
	(void)state;
	setenv(TOKEN, "Basic abc==", 1);
	http_server_answer(m.server, 200, "", ANSWER("ASIA"));
	open_provider();
	fetch();
	assert_key("ASIA");
	assert_true(sent(0, "\r\nAuthorization: Basic abc==\r\n"));
}

/* Threads run when it is asked. */
static void the_environment_is_read_once(void **state)
{
	(void)state;
	setenv(TOKEN, "before", 1);
	open_provider();
	setenv(TOKEN, "after", 1);
	unsetenv(FULL_URI);
	http_server_answer(m.server, 200, "", ANSWER("ASIA"));
	fetch();
	assert_key("ASIA");
	assert_true(sent(0, "\r\nAuthorization: before\r\n"));
}

static void the_file_of_the_token_is_read_for_each_question(void **state)
{
	(void)state;
	setenv(TOKEN, "of the variable", 1);
	set_token_file("first");
	open_provider();
	http_server_answer(m.server, 200, "", ANSWER("ASIAONE"));
	fetch();
	assert_key("ASIAONE");
	set_token_file("second");
	http_server_answer(m.server, 200, "", ANSWER("ASIATWO"));
	fetch();
	assert_key("ASIATWO");
	assert_true(sent(0, "\r\nAuthorization: first\r\n"));
	assert_true(sent(1, "\r\nAuthorization: second\r\n"));
}

static void a_token_with_a_line_break_is_not_sent(void **state)
{
	(void)state;
	setenv(TOKEN, "a\r\nX-Other: b", 1);
	open_provider();
	fetch();
	assert_failed(STATUS_MISCONFIGURED, TOKEN " has a line break");
	assert_int_equal(http_server_requests(m.server), 0);
}

static void a_file_with_a_line_break_is_not_sent(void **state)
{
	(void)state;
	set_token_file("token\n");
	open_provider();
	fetch();
	assert_failed(STATUS_NO_CREDENTIALS, "write the token alone");
	assert_int_equal(http_server_requests(m.server), 0);
}

static void a_missing_file_is_no_reason_to_go_without_a_token(void **state)
{
	(void)state;
	setenv(TOKEN_FILE, "/nowhere/token", 1);
	setenv(TOKEN, "of the variable", 1);
	open_provider();
	fetch();
	assert_failed(STATUS_NO_CREDENTIALS, "/nowhere/token, cannot be read: No such file");
	assert_int_equal(http_server_requests(m.server), 0);
}

static void a_path_of_the_url_is_not_in_the_log(void **state)
{
	(void)state;
	http_server_answer(m.server, 403, "", "{\"code\":\"Denied\",\"message\":\"not\\nyou\"}");
	open_provider();
	fetch();
	assert_failed(STATUS_NO_CREDENTIALS,
	              "answered HTTP 403, Denied: not?you; look at the role");
	assert_int_equal(captured_log_count(&f.captured, "v1/credentials"), 0);
	assert_int_equal(http_server_requests(m.server), 1);
}

static void a_token_that_the_answer_repeats_is_not_in_the_log(void **state)
{
	static const int codes[] = {400, 200};

	(void)state;
	setenv(TOKEN, "secret-token-of-the-task", 1);
	open_provider();
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		http_server_answer(m.server, codes[i], "",
		                   "{\"message\":\"what is secret-token-of-the-task?\"}");
		fetch();
		assert_int_equal(m.result.status, STATUS_NO_CREDENTIALS);
		assert_int_equal(captured_log_count(&f.captured, "it repeats the token"), i + 1);
		fake_clock_advance(&f.clock, LOG_REPEAT_S * NS_PER_S);
	}
	assert_int_equal(captured_log_count(&f.captured, "secret-token"), 0);
}

/* Time is real here: a second between two attempts. */
static void a_server_that_fails_is_asked_three_times(void **state)
{
	(void)state;
	http_server_answer(m.server, 500, "", "");
	http_server_reset(m.server);
	http_server_answer(m.server, 200, "", ANSWER("ASIA"));
	open_provider();
	fetch();
	assert_key("ASIA");
	assert_int_equal(http_server_requests(m.server), 3);
	for (unsigned i = 0; i < 3; i++)
		http_server_answer(m.server, 503, "", "");
	fetch();
	assert_failed(STATUS_SERVER_ERROR, "answered HTTP 503");
	assert_int_equal(http_server_requests(m.server), 6);
}

static void what_is_no_answer_fails(void **state)
{
	(void)state;
	http_server_answer(m.server, 200, "", "<html>");
	open_provider();
	fetch();
	assert_failed(STATUS_PROTOCOL, "the answer is not a JSON object");
}

static void an_answer_of_any_size_is_not_read(void **state)
{
	static char body[100 * 1000];

	(void)state;
	memset(body, ' ', sizeof(body) - 1);
	http_server_answer(m.server, 200, "", body);
	open_provider();
	fetch();
	assert_failed(STATUS_PROTOCOL, "larger than allowed");
}

static void http_to_other_hosts_fails(void **state)
{
	(void)state;
	setenv(FULL_URI, "http://ecrfs.invalid/v1", 1);
	open_provider();
	fetch();
	assert_failed(STATUS_MISCONFIGURED, "not allowed to ecrfs.invalid; use https");
}

static void what_is_no_url_fails(void **state)
{
	(void)state;
	setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "v1", 1);
	open_provider();
	fetch();
	assert_failed(STATUS_MISCONFIGURED, "correct it, or unset it");
	assert_int_equal(http_server_requests(m.server), 0);
}

static void no_proxy_is_asked(void **state)
{
	(void)state;
	unsetenv("no_proxy");
	setenv("http_proxy", "http://127.0.0.1:1/", 1);
	http_server_answer(m.server, 200, "", ANSWER("ASIA"));
	open_provider();
	fetch();
	unsetenv("http_proxy");
	assert_key("ASIA");
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

static void nobody_is_told_after_the_end(void **state)
{
	(void)state;
	set_token_file("token");
	open_provider();
	m.provider->ops->fetch(m.provider, never_called, NULL);
	m.provider->ops->free(m.provider);
	m.provider = NULL;
	pump_disk(f.loop);
	unsetenv(TOKEN_FILE);
	open_provider();
	m.provider->ops->fetch(m.provider, never_called, NULL);
	loop_run_once(f.loop);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(without_variables_it_is_not_configured),
	        cmocka_unit_test_fixture(keys_are_taken),
	        cmocka_unit_test_fixture(the_token_is_sent),
	        cmocka_unit_test_fixture(the_environment_is_read_once),
	        cmocka_unit_test_fixture(the_file_of_the_token_is_read_for_each_question),
	        cmocka_unit_test_fixture(a_token_with_a_line_break_is_not_sent),
	        cmocka_unit_test_fixture(a_file_with_a_line_break_is_not_sent),
	        cmocka_unit_test_fixture(a_missing_file_is_no_reason_to_go_without_a_token),
	        cmocka_unit_test_fixture(a_path_of_the_url_is_not_in_the_log),
	        cmocka_unit_test_fixture(a_token_that_the_answer_repeats_is_not_in_the_log),
	        cmocka_unit_test_fixture(a_server_that_fails_is_asked_three_times),
	        cmocka_unit_test_fixture(what_is_no_answer_fails),
	        cmocka_unit_test_fixture(an_answer_of_any_size_is_not_read),
	        cmocka_unit_test_fixture(http_to_other_hosts_fails),
	        cmocka_unit_test_fixture(what_is_no_url_fails),
	        cmocka_unit_test_fixture(no_proxy_is_asked),
	        cmocka_unit_test_fixture(nobody_is_told_after_the_end),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
