/* Credentials of an instance's role. */
#include "ecr/provider_imds.h"
#include "ecr/credentials.h"
#include "ecr/provider_list.h"
#include "tests/unit/metadata_fixture.h"

#include <stdlib.h>
#include <string.h>

#define ANSWER                                                                                     \
	"{\"Code\":\"Success\",\"AccessKeyId\":\"ASIA\",\"SecretAccessKey\":\"s\","                \
	"\"Token\":\"t\",\"Expiration\":\"2026-01-02T03:04:06Z\"}"

static int set_up(void **state)
{
	return metadata_fixture_set_up(state);
}

static void open_provider(void)
{
	struct provider_parts parts;

	open_imds();
	parts = metadata_fixture_parts();
	m.provider = provider_imds_new(&parts);
	assert_non_null(m.provider);
}

/* The server has that role, and that answer about it. */
static void answer_with(const char *role, int code, const char *body)
{
	answer_token("token", NULL);
	http_server_answer(m.server, 200, "", role);
	http_server_answer(m.server, code, "", body);
	open_provider();
}

static void assert_not_configured(const char *remark)
{
	char names[256];
	struct provider_list *list;

	assert_int_equal(m.result.answer, PROVIDER_NOT_CONFIGURED);
	assert_int_equal(captured_log_count(&f.captured, "no role of an instance for"), 1);
	assert_int_equal(provider_list_new(&m.provider, 1, &list), 0);
	provider_list_names(list, names, sizeof(names));
	assert_string_equal(names, remark);
	provider_list_free(list);
	m.provider = NULL;
}

static void keys_of_the_role_are_taken(void **state)
{
	(void)state;
	answer_with("my+role=,.@-_1\n", 200, ANSWER);
	fetch();
	assert_int_equal(m.result.answer, PROVIDER_FOUND);
	assert_string_equal(credentials_access_key_id(m.result.credentials), "ASIA");
	assert_string_equal(credentials_provider(m.result.credentials), "iam-role");
	assert_int_equal(credentials_expires_ns(m.result.credentials),
	                 FAKE_CLOCK_REALTIME_NS + NS_PER_S);
	assert_true(sent(1, "GET /latest/meta-data/iam/security-credentials/ HTTP/1.1\r\n"));
	assert_true(sent(2, "GET /latest/meta-data/iam/security-credentials/my+role=,.@-_1 "));
	assert_true(m.provider->ops->outlasts);
}

static void the_role_is_asked_for_each_time(void **state)
{
	(void)state;
	answer_with("one", 200, ANSWER);
	http_server_answer(m.server, 200, "", "two");
	http_server_answer(m.server, 200, "", ANSWER);
	fetch();
	fetch();
	assert_int_equal(m.result.answer, PROVIDER_FOUND);
	assert_true(sent(4, "/security-credentials/two "));
}

static void an_instance_without_a_role_is_not_configured(void **state)
{
	(void)state;
	answer_token("token", NULL);
	http_server_answer(m.server, 404, "", "");
	open_provider();
	fetch();
	assert_not_configured("iam-role (the instance has no role)");
}

static void nor_is_one_with_an_empty_answer(void **state)
{
	(void)state;
	answer_token("token", NULL);
	http_server_answer(m.server, 200, "", "");
	open_provider();
	fetch();
	assert_not_configured("iam-role (the instance has no role)");
}

static void where_nobody_answers_it_is_not_configured(void **state)
{
	(void)state;
	setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1", 1);
	open_provider();
	fetch();
	assert_not_configured("iam-role (http://127.0.0.1:1/: nobody answers)");
}

static void nor_where_it_is_switched_off(void **state)
{
	(void)state;
	setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
	open_provider();
	fetch();
	assert_not_configured("iam-role (AWS_EC2_METADATA_DISABLED is set)");
}

/* Nothing of the server gets into a URL that could lead elsewhere. */
static void what_is_no_name_of_a_role_is_not_asked_for(void **state)
{
	static const char *const names[] = {
	        "..",     ".",
	        "a/b",    "a b",
	        "a%2fb",  "a?b",
	        "a#b",    "<html>",
	        "\nrole", "a2345678901234567890123456789012345678901234567890123456789012345",
	};

	(void)state;
	answer_token("token", NULL);
	open_provider();
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		http_server_answer(m.server, 200, "", names[i]);
		fetch();
		assert_int_equal(m.result.answer, PROVIDER_FAILED);
		assert_int_equal(m.result.status, STATUS_PROTOCOL);
		assert_int_equal(http_server_requests(m.server), i + 2);
	}
}

static void a_role_that_ec2_cannot_assume_is_an_error(void **state)
{
	(void)state;
	answer_with("role", 200,
	            "{\"Code\":\"AssumeRoleUnauthorizedAccess\",\"Message\":\"not trusted\"}");
	fetch();
	assert_failed(STATUS_NO_CREDENTIALS, "AssumeRoleUnauthorizedAccess: not trusted");
}

static void a_role_without_credentials_is_an_error(void **state)
{
	(void)state;
	answer_with("role", 404, "");
	fetch();
	assert_failed(STATUS_NO_CREDENTIALS, "there is no latest/meta-data/iam");
}

static void what_is_no_answer_fails(void **state)
{
	(void)state;
	answer_with("role", 200, "<html>");
	fetch();
	assert_failed(STATUS_PROTOCOL, "the answer is not a JSON object");
}

static void an_error_of_the_service_fails(void **state)
{
	(void)state;
	answer_token("token", NULL);
	http_server_answer(m.server, 500, "", "");
	open_provider();
	fetch();
	assert_failed(STATUS_SERVER_ERROR, "it answered HTTP 500");
}

static void wrong_settings_fail(void **state)
{
	(void)state;
	setenv("AWS_METADATA_SERVICE_TIMEOUT", "never", 1);
	open_provider();
	fetch();
	assert_failed(STATUS_MISCONFIGURED, "AWS_METADATA_SERVICE_TIMEOUT");
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
	open_provider();
	m.provider->ops->fetch(m.provider, never_called, NULL);
	m.provider->ops->free(m.provider);
	m.provider = NULL;
	pump_disk(f.loop);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(keys_of_the_role_are_taken),
	        cmocka_unit_test_fixture(the_role_is_asked_for_each_time),
	        cmocka_unit_test_fixture(an_instance_without_a_role_is_not_configured),
	        cmocka_unit_test_fixture(nor_is_one_with_an_empty_answer),
	        cmocka_unit_test_fixture(where_nobody_answers_it_is_not_configured),
	        cmocka_unit_test_fixture(nor_where_it_is_switched_off),
	        cmocka_unit_test_fixture(what_is_no_name_of_a_role_is_not_asked_for),
	        cmocka_unit_test_fixture(a_role_that_ec2_cannot_assume_is_an_error),
	        cmocka_unit_test_fixture(a_role_without_credentials_is_an_error),
	        cmocka_unit_test_fixture(what_is_no_answer_fails),
	        cmocka_unit_test_fixture(an_error_of_the_service_fails),
	        cmocka_unit_test_fixture(wrong_settings_fail),
	        cmocka_unit_test_fixture(nobody_is_told_after_the_end),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
