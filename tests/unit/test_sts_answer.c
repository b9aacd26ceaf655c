/* Answers of STS in both forms. */
#include "ecr/sts_answer.h"
#include "base/clock.h"
#include "ecr/credentials.h"
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct credentials *credentials;

static int read_answer(const char *body)
{
	credentials_unref(credentials);
	credentials = NULL;
	return sts_answer_read(body, strlen(body), "AssumeRole", "test", &credentials);
}

static int set_up(void **state)
{
	(void)state;
	credentials = NULL;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	credentials_unref(credentials);
	return 0;
}

#define JSON(credentials, more)                                                                    \
	"{\"AssumeRoleResponse\":{\"AssumeRoleResult\":{\"Credentials\":{" credentials "}" more    \
	"},"                                                                                       \
	"\"ResponseMetadata\":{\"RequestId\":\"id\"}}}"
#define KEY "\"AccessKeyId\":\"ASIA\",\"SecretAccessKey\":\"s/+\",\"SessionToken\":\"t==\""
#define XML(credentials)                                                                           \
	"<AssumeRoleResponse><AssumeRoleResult><Credentials>" credentials                          \
	"</Credentials></AssumeRoleResult></AssumeRoleResponse>"
#define XML_KEY                                                                                    \
	"<AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>s&#x2F;&lt;</SecretAccessKey>"            \
	"<SessionToken>t==</SessionToken>"

static void assert_expires(uint64_t seconds)
{
	assert_non_null(credentials);
	assert_true(credentials_expires_ns(credentials) == seconds * NS_PER_S);
}

static void json_has_seconds(void **state)
{
	(void)state;
	assert_int_equal(read_answer(JSON(KEY ",\"Expiration\":1767326645.0", "")), 0);
	assert_string_equal(credentials_access_key_id(credentials), "ASIA");
	assert_string_equal(credentials_secret(credentials), "s/+");
	assert_string_equal(credentials_session_token(credentials), "t==");
	assert_null(credentials_account(credentials));
	assert_string_equal(credentials_provider(credentials), "test");
	assert_expires(1767326645);
	assert_int_equal(read_answer(JSON(KEY ",\"Expiration\":1.767326645E9", "")), 0);
	assert_expires(1767326645);
}

static void json_may_have_a_time(void **state)
{
	(void)state;
	assert_int_equal(read_answer(JSON(KEY ",\"Expiration\":\"2026-01-02T04:04:05Z\"", "")), 0);
	assert_expires(1767326645);
}

static void xml_has_a_time(void **state)
{
	(void)state;
	assert_int_equal(
	        read_answer(XML(XML_KEY "<Expiration>2026-01-02T04:04:05.000Z</Expiration>")), 0);
	assert_string_equal(credentials_secret(credentials), "s/<");
	assert_expires(1767326645);
}

static void the_role_tells_the_account(void **state)
{
	(void)state;
	assert_int_equal(read_answer(JSON(KEY ",\"Expiration\":1767326645",
	                                  ",\"AssumedRoleUser\":{\"Arn\":\"arn:aws:sts::"
	                                  "012345678910:assumed-role/r/s\"}")),
	                 0);
	assert_string_equal(credentials_account(credentials), "012345678910");
	assert_int_equal(read_answer(JSON(KEY ",\"Expiration\":1767326645",
	                                  ",\"AssumedRoleUser\":{\"Arn\":\"arn:aws\"}")),
	                 0);
	assert_null(credentials_account(credentials));
}

static void what_is_not_complete_is_refused(void **state)
{
	static const char *const answers[] = {
	        "",
	        "{",
	        "{}",
	        "[]",
	        "<",
	        "nothing",
	        JSON(KEY, ""),
	        JSON(KEY ",\"Expiration\":\"soon\"", ""),
	        JSON(KEY ",\"Expiration\":-1", ""),
	        JSON(KEY ",\"Expiration\":0.5", ""),
	        JSON(KEY ",\"Expiration\":1e300", ""),
	        JSON("\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s\",\"Expiration\":1767326645",
	             ""),
	        JSON("\"AccessKeyId\":\"\",\"SecretAccessKey\":\"s\",\"SessionToken\":\"t\","
	             "\"Expiration\":1767326645",
	             ""),
	        XML(XML_KEY),
	        XML("<Expiration>2026-01-02T04:04:05Z</Expiration>"),
	        XML(XML_KEY "<Expiration>2026</Expiration>"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		assert_int_equal(read_answer(answers[i]), -EBADMSG);
}

/* Half a token is none. */
static void what_is_too_long_is_refused(void **state)
{
	static char answer[40000], token[20000];

	(void)state;
	memset(token, 't', sizeof(token) - 1);
	snprintf(answer, sizeof(answer),
	         "<AccessKeyId>A</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>%s"
	         "</SessionToken><Expiration>2026-01-02T04:04:05Z</Expiration>",
	         token);
	assert_int_equal(read_answer(answer), -EBADMSG);
	snprintf(answer, sizeof(answer),
	         JSON("\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s\",\"SessionToken\":\"%s\","
	              "\"Expiration\":1767326645",
	              ""),
	         token);
	assert_int_equal(read_answer(answer), -EBADMSG);
}

static void errors_have_remedies(void **state)
{
	(void)state;
	assert_non_null(strstr(sts_answer_remedy("AccessDenied", false), "sts:AssumeRole for"));
	assert_non_null(strstr(sts_answer_remedy("AccessDenied", true), "WithWebIdentity"));
	assert_null(sts_answer_remedy("InvalidIdentityToken", false));
	assert_null(sts_answer_remedy("Odd", true));
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(json_has_seconds),
	        cmocka_unit_test_fixture(json_may_have_a_time),
	        cmocka_unit_test_fixture(xml_has_a_time),
	        cmocka_unit_test_fixture(the_role_tells_the_account),
	        cmocka_unit_test_fixture(what_is_not_complete_is_refused),
	        cmocka_unit_test_fixture(what_is_too_long_is_refused),
	        cmocka_unit_test_fixture(errors_have_remedies),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
