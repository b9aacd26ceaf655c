/* Credentials from a program. */
#include "ecr/provider_process.h"
#include "ecr/credentials.h"
#include "ecr/provider.h"
#include "tests/unit/provider_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int set_up(void **state)
{
	return provider_fixture_set_up(state);
}

static int tear_down(void **state)
{
	return provider_fixture_tear_down(state);
}

static void configure(const char *command)
{
	char text[1024];

	snprintf(text, sizeof(text), "[default]\naws_account_id = 123456789012\n%s%s\n",
	         command ? "credential_process = " : "", command ? command : "");
	aws_home_write_config(&f.home, text);
}

static void fetch(void)
{
	struct provider_parts parts;

	if (!provider) {
		open_profile(NULL);
		parts = profile_fixture_parts();
		provider = provider_process_new(&parts);
	}
	provider_result_deinit(&result);
	provider_result_fetch(f.loop, provider, &result);
}

static void run(const char *command)
{
	configure(command);
	fetch();
}

/* Of one that prints this JSON, in which no single quote may be. */
static void print(const char *json)
{
	char command[512];

	snprintf(command, sizeof(command), "echo '%s'", json);
	run(command);
}

/* Failed, with the one line that tells why. */
static void assert_failed(const char *why)
{
	assert_int_equal(result.answer, PROVIDER_FAILED);
	assert_int_equal(result.status, STATUS_NO_CREDENTIALS);
	assert_int_equal(captured_log_count(&f.captured, why), 1);
	assert_int_equal(captured_log_count(&f.captured, ""), 1);
	fake_clock_advance(&f.clock, LOG_REPEAT_S * NS_PER_S);
}

static void a_profile_without_a_program_is_not_configured(void **state)
{
	(void)state;
	run(NULL);
	assert_int_equal(result.answer, PROVIDER_NOT_CONFIGURED);
	assert_int_equal(captured_log_count(&f.captured, ""), 0);
}

static void what_it_prints_are_credentials(void **state)
{
	(void)state;
	print("{\"Version\": 1, \"AccessKeyId\": \"ASIA\", \"SecretAccessKey\": \"sec/ret\", "
	      "\"SessionToken\": \"token==\", \"Expiration\": \"2026-01-02T04:04:05+01:00\", "
	      "\"AccountId\": \"000000000001\"}");
	assert_int_equal(result.answer, PROVIDER_FOUND);
	assert_string_equal(credentials_access_key_id(result.credentials), "ASIA");
	assert_string_equal(credentials_secret(result.credentials), "sec/ret");
	assert_string_equal(credentials_session_token(result.credentials), "token==");
	assert_string_equal(credentials_account(result.credentials), "000000000001");
	assert_string_equal(credentials_provider(result.credentials), "custom-process");
	assert_int_equal(credentials_expires_ns(result.credentials), FAKE_CLOCK_REALTIME_NS);
	print("{\"Version\": 1, \"AccessKeyId\": \"ASIA\", \"SecretAccessKey\": \"s\", "
	      "\"Expiration\": \"2600-01-02T03:04:05Z\"}");
	assert_true(credentials_expires_ns(result.credentials) / NS_PER_S == UINT64_MAX / NS_PER_S);
}

static void what_is_left_out_is_never_or_the_profiles(void **state)
{
	(void)state;
	print("{\"Version\": 1.0, \"AccessKeyId\": \"A\", \"SecretAccessKey\": \"s\", "
	      "\"SessionToken\": null, \"Expiration\": null}");
	assert_int_equal(result.answer, PROVIDER_FOUND);
	assert_null(credentials_session_token(result.credentials));
	assert_string_equal(credentials_account(result.credentials), "123456789012");
	assert_int_equal(credentials_expires_ns(result.credentials), 0);
}

static void it_is_run_each_time(void **state)
{
	(void)state;
	print("{\"Version\": 1, \"AccessKeyId\": \"A\", \"SecretAccessKey\": \"s\"}");
	print("{\"Version\": 1, \"AccessKeyId\": \"B\", \"SecretAccessKey\": \"s\"}");
	assert_string_equal(credentials_access_key_id(result.credentials), "B");
}

static void an_answer_that_is_none_fails(void **state)
{
	static const struct {
		const char *json, *why;
	} cases[] = {
	        {"", "is no JSON object"},
	        {"none", "is no JSON object"},
	        {"[]", "is no JSON object"},
	        {"{\"AccessKeyId\": \"A\", \"SecretAccessKey\": \"s\"}", "no Version 1"},
	        {"{\"Version\": 2, \"AccessKeyId\": \"A\", \"SecretAccessKey\": \"s\"}",
	         "no Version 1"},
	        {"{\"Version\": \"1\", \"AccessKeyId\": \"A\", \"SecretAccessKey\": \"s\"}",
	         "no Version 1"},
	        {"{\"Version\": 1, \"SecretAccessKey\": \"s\"}", "no AccessKeyId"},
	        {"{\"Version\": 1, \"AccessKeyId\": 5, \"SecretAccessKey\": \"s\"}",
	         "no AccessKeyId"},
	        {"{\"Version\": 1, \"AccessKeyId\": \"A\"}", "no SecretAccessKey"},
	        {"{\"Version\": 1, \"AccessKeyId\": \"A\", \"SecretAccessKey\": \"s\", "
	         "\"Expiration\": \"soon\"}",
	         "no time"},
	        {"{\"Version\": 1, \"AccessKeyId\": \"A\", \"SecretAccessKey\": \"s\", "
	         "\"Expiration\": 1767323045}",
	         "no time"},
	        {"{\"Version\": 1, \"AccessKeyId\": \"A\", \"SecretAccessKey\": \"s\", "
	         "\"Expiration\": \"1969-01-01T00:00:00Z\"}",
	         "no time"},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print(cases[i].json);
		assert_int_equal(result.answer, PROVIDER_FAILED);
		assert_int_equal(result.status, STATUS_NO_CREDENTIALS);
		assert_true(captured_log_count(&f.captured, cases[i].why));
		assert_int_equal(captured_log_count(&f.captured, ""), i + 1);
		fake_clock_advance(&f.clock, LOG_REPEAT_S * NS_PER_S);
	}
}

/* What it would have answered does not count. */
static void a_program_that_fails_says_why(void **state)
{
	(void)state;
	run("sh -c 'echo {}; printf \"not\\tlogged in\\nsorry\\n\\n\" >&2; exit 7'");
	assert_failed("failed with exit code 7: not?logged in?sorry; run it");
}

static void a_program_that_says_nothing_fails(void **state)
{
	(void)state;
	run("false");
	assert_failed("failed with exit code 1; run it");
}

static void a_program_that_is_killed_fails(void **state)
{
	(void)state;
	run("sh -c 'kill -9 $$'");
	assert_failed("was killed by signal 9");
}

static void a_program_that_is_not_there_fails(void **state)
{
	(void)state;
	run("/nowhere/program with words");
	assert_failed("cannot be run: No such file or directory");
}

static void a_program_that_prints_without_end_fails(void **state)
{
	(void)state;
	run("yes");
	assert_failed("prints more than 65536 bytes");
}

static void a_command_that_is_no_command_fails(void **state)
{
	(void)state;
	run("'a program");
	assert_failed("has a quotation mark without its other one");
}

static void a_backslash_at_the_end_fails(void **state)
{
	(void)state;
	run("program \\");
	assert_failed("ends with a backslash");
}

/* Words as botocore cuts them, and no shell. */
static void it_is_run_without_a_shell(void **state)
{
	(void)state;
	run("echo '{\"Version\":1,' \"\\\"AccessKeyId\\\":\\\"$HOME;|\\\",\" "
	    "\\\"SecretAccessKey\\\":\\\"s\\\"}");
	assert_int_equal(result.answer, PROVIDER_FOUND);
	assert_string_equal(credentials_access_key_id(result.credentials), "$HOME;|");
}

static void nothing_that_it_prints_is_logged(void **state)
{
	(void)state;
	print("{\"Version\": 2, \"AccessKeyId\": \"A\", \"SecretAccessKey\": \"very-secret\"}");
	assert_failed("no Version 1");
	assert_int_equal(captured_log_count(&f.captured, "very-secret"), 0);
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

static void the_program_ends_with_the_provider(void **state)
{
	struct provider_parts parts;

	(void)state;
	configure("sleep 1000");
	open_profile(NULL);
	parts = profile_fixture_parts();
	provider = provider_process_new(&parts);
	provider->ops->fetch(provider, never_called, NULL);
	pump_disk(f.loop); /* the profile, then the program */
	provider->ops->free(provider);
	provider = NULL;
	profile_free(f.profile);
	f.profile = NULL;
	assert_true(loop_free(f.loop));
	f.loop = NULL;
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(a_profile_without_a_program_is_not_configured),
	        cmocka_unit_test_fixture(what_it_prints_are_credentials),
	        cmocka_unit_test_fixture(what_is_left_out_is_never_or_the_profiles),
	        cmocka_unit_test_fixture(it_is_run_each_time),
	        cmocka_unit_test_fixture(an_answer_that_is_none_fails),
	        cmocka_unit_test_fixture(a_program_that_fails_says_why),
	        cmocka_unit_test_fixture(a_program_that_says_nothing_fails),
	        cmocka_unit_test_fixture(a_program_that_is_killed_fails),
	        cmocka_unit_test_fixture(a_program_that_is_not_there_fails),
	        cmocka_unit_test_fixture(a_program_that_prints_without_end_fails),
	        cmocka_unit_test_fixture(a_command_that_is_no_command_fails),
	        cmocka_unit_test_fixture(a_backslash_at_the_end_fails),
	        cmocka_unit_test_fixture(it_is_run_without_a_shell),
	        cmocka_unit_test_fixture(nothing_that_it_prints_is_logged),
	        cmocka_unit_test_fixture(the_program_ends_with_the_provider),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
