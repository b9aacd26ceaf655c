/* Answers of credential servers. */
#include "ecr/metadata_credentials.h"
#include "base/clock.h"
#include "ecr/credentials.h"
#include "tests/unit/fake_clock.h"
#include "tests/unit/unit_test.h"

#include <stdio.h>
#include <string.h>

#define KEYS "\"AccessKeyId\":\"ASIA\",\"SecretAccessKey\":\"sec/ret+=\",\"Token\":\"token==\""

static struct credentials *credentials;
static char why[METADATA_WHY_SIZE];

static int tear_down(void **state)
{
	(void)state;
	credentials_unref(credentials);
	credentials = NULL;
	return 0;
}

static enum status read_text(const char *text)
{
	credentials_unref(credentials);
	credentials = NULL;
	return metadata_credentials_read(text, strlen(text), "a test", &credentials, why);
}

static void assert_refused(const char *text, const char *reason)
{
	assert_int_equal(read_text(text), STATUS_PROTOCOL);
	assert_null(credentials);
	assert_string_equal(why, reason);
}

static void all_is_read(void **state)
{
	(void)state;
	assert_int_equal(read_text("{\"Code\":\"Success\",\"Type\":\"AWS-HMAC\"," KEYS
	                           ",\"Expiration\":\"2026-01-02T03:04:05Z\","
	                           "\"AccountId\":\"012345678910\"}"),
	                 STATUS_OK);
	assert_string_equal(credentials_access_key_id(credentials), "ASIA");
	assert_string_equal(credentials_secret(credentials), "sec/ret+=");
	assert_string_equal(credentials_session_token(credentials), "token==");
	assert_string_equal(credentials_account(credentials), "012345678910");
	assert_string_equal(credentials_provider(credentials), "a test");
	assert_int_equal(credentials_expires_ns(credentials), FAKE_CLOCK_REALTIME_NS);
}

static void what_may_be_missing_may_be_missing(void **state)
{
	(void)state;
	assert_int_equal(read_text("{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s\"}"), STATUS_OK);
	assert_null(credentials_session_token(credentials));
	assert_null(credentials_account(credentials));
	assert_int_equal(credentials_expires_ns(credentials), 0);
	assert_int_equal(read_text("{" KEYS ",\"Expiration\":null,\"AccountId\":\"me\"}"),
	                 STATUS_OK);
	assert_int_equal(credentials_expires_ns(credentials), 0);
	assert_null(credentials_account(credentials));
}

/* Then nanoseconds do not fit. */
static void an_end_in_the_far_future_is_none(void **state)
{
	(void)state;
	assert_int_equal(read_text("{" KEYS ",\"Expiration\":\"9999-12-31T23:59:59Z\"}"),
	                 STATUS_OK);
	assert_int_equal(credentials_expires_ns(credentials), 0);
}

static void an_end_that_is_no_time_is_not_taken_for_never(void **state)
{
	static const char *const reason = "the Expiration in the answer is not a time";

	(void)state;
	assert_refused("{" KEYS ",\"Expiration\":\"soon\"}", reason);
	assert_refused("{" KEYS ",\"Expiration\":1767323045}", reason);
	assert_refused("{" KEYS ",\"Expiration\":\"1969-12-31T23:59:59Z\"}", reason);
}

static void half_a_key_is_none(void **state)
{
	(void)state;
	assert_refused("{\"AccessKeyId\":\"A\"}", "the answer has no SecretAccessKey");
	assert_refused("{\"SecretAccessKey\":\"s\"}", "the answer has no AccessKeyId");
	assert_refused("{\"AccessKeyId\":1,\"SecretAccessKey\":\"s\"}",
	               "the answer has no AccessKeyId");
	assert_refused("{\"AccessKeyId\":\"\",\"SecretAccessKey\":\"s\"}",
	               "the answer has no AccessKeyId");
	assert_refused("{}", "the answer has no AccessKeyId");
}

/* They become headers. */
static void keys_with_line_breaks_are_refused(void **state)
{
	static const char *const reason =
	        "there are characters in the answer's keys that no key has";

	(void)state;
	assert_refused("{\"AccessKeyId\":\"A\\r\\nB: c\",\"SecretAccessKey\":\"s\"}", reason);
	assert_refused("{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s \"}", reason);
	assert_refused("{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s\",\"Token\":\"t\\nu\"}",
	               reason);
	assert_refused("{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s\\u00e9\"}", reason);
}

static void what_is_not_json_is_refused(void **state)
{
	static const char *const wrong[] = {"", "<html>", "[]", "\"A\"", "{", "null"};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_refused(wrong[i], "the answer is not a JSON object");
}

/* IMDS answers 200 with these. */
static void another_code_than_success_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(read_text("{\"Code\":\"AssumeRoleUnauthorizedAccess\","
	                           "\"Message\":\"EC2 cannot assume the role\"}"),
	                 STATUS_NO_CREDENTIALS);
	assert_string_equal(why, "AssumeRoleUnauthorizedAccess: EC2 cannot assume the role");
	assert_int_equal(read_text("{\"Code\":\"Failed\"," KEYS "}"), STATUS_NO_CREDENTIALS);
	assert_string_equal(why, "Failed");
	assert_int_equal(read_text("{\"code\":\"no\",\"message\":\"way\"}"), STATUS_NO_CREDENTIALS);
	assert_string_equal(why, "no: way");
}

static const char *error_in(const char *text)
{
	metadata_error_read(text, strlen(text), why);
	return why;
}

static void errors_say_why(void **state)
{
	char word[1000], text[1100];

	(void)state;
	assert_string_equal(error_in("{\"code\":\"A\",\"message\":\"b\"}"), "A: b");
	assert_string_equal(error_in("{\"message\":\"b\"}"), "b");
	assert_string_equal(error_in("{\"code\":\"A\\n\",\"message\":\"b\\r\\nc\"}"), "A?: b??c");
	assert_string_equal(error_in("<html>"), "");
	assert_string_equal(error_in("{\"code\":[1]}"), "");
	memset(word, 'x', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	snprintf(text, sizeof(text), "{\"message\":\"%s\"}", word);
	assert_int_equal(strlen(error_in(text)), 300);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_teardown(all_is_read, tear_down),
	        cmocka_unit_test_teardown(what_may_be_missing_may_be_missing, tear_down),
	        cmocka_unit_test_teardown(an_end_in_the_far_future_is_none, tear_down),
	        cmocka_unit_test(an_end_that_is_no_time_is_not_taken_for_never),
	        cmocka_unit_test(half_a_key_is_none),
	        cmocka_unit_test(keys_with_line_breaks_are_refused),
	        cmocka_unit_test(what_is_not_json_is_refused),
	        cmocka_unit_test(another_code_than_success_is_an_error),
	        cmocka_unit_test(errors_say_why),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
