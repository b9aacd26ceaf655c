/* Calls of STS: endpoint, retries, the time. Their answers are the business of test_sts_answer. */
#include "ecr/sts.h"
#include "ecr/credentials.h"
#include "ecr/provider.h"
#include "net/http.h"
#include "tests/unit/sts_fixture.h"

#include <stdio.h>
#include <string.h>

/* One who asks, and what it was told. */
struct asker {
	bool done;
	enum status status;
	struct credentials *credentials;
};

static struct sts *sts;
static struct credentials *source;
static struct asker asker;

static int set_up(void **state)
{
	sts = NULL;
	asker = (struct asker){0};
	source = credentials_new("AKIDSOURCE", "secret", NULL, NULL, 0, "test");
	return sts_fixture_set_up(state);
}

static int tear_down(void **state)
{
	int r;

	http_free(s.http);
	s.http = NULL;
	sts_free(sts);
	credentials_unref(asker.credentials);
	credentials_unref(source);
	r = sts_fixture_tear_down(state);
	return r;
}

static void told(void *arg, enum status status, struct credentials *credentials)
{
	(void)arg;
	assert_false(asker.done);
	assert_int_equal(status == STATUS_OK, credentials != NULL);
	asker = (struct asker){.done = true, .status = status, .credentials = credentials};
}

static void assume(void)
{
	struct sts_role role = {.arn = "arn:r", .session_name = "me", .source = source};

	if (!sts) {
		struct provider_parts parts = sts_fixture_open("default");

		sts = sts_new(&parts, "test");
		assert_non_null(sts);
	}
	credentials_unref(asker.credentials);
	asker = (struct asker){0};
	sts_assume(sts, &role, told, NULL);
	assert_false(asker.done);
	pump_until(f.loop, &asker.done);
}

static void assert_assumed(const char *key_id)
{
	assert_int_equal(asker.status, STATUS_OK);
	assert_string_equal(credentials_access_key_id(asker.credentials), key_id);
}

static void transient_errors_are_tried_again(void **state)
{
	(void)state;
	sts_fixture_refuse(503, "ServiceUnavailable");
	sts_fixture_refuse(400, "Throttling");
	sts_fixture_answer("ASIA");
	assume();
	assert_assumed("ASIA");
	assert_int_equal(http_server_requests(s.server), 3);
	assert_int_equal(captured_log_count(&f.captured, ""), 0);
}

static void a_connection_that_breaks_is_tried_again(void **state)
{
	(void)state;
	http_server_reset(s.server);
	http_server_reset(s.server);
	http_server_reset(s.server);
	sts_fixture_answer("ASIA");
	assume();
	if (asker.status != STATUS_OK) /* libcurl may have spent one by itself */
		assert_int_equal(captured_log_count(&f.captured, "after 3 attempts"), 1);
}

static void retries_have_an_end(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		sts_fixture_refuse(500, "InternalFailure");
	assume();
	assert_int_equal(asker.status, STATUS_SERVER_ERROR);
	assert_int_equal(captured_log_count(&f.captured, "AssumeRole of arn:r at 127.0.0.1"), 1);
	assert_int_equal(captured_log_count(&f.captured, "after 3 attempts"), 1);
}

static void the_settings_say_how_often(void **state)
{
	(void)state;
	s.settings.max_attempts = 1;
	sts_fixture_refuse(500, "InternalFailure");
	assume();
	assert_int_equal(asker.status, STATUS_SERVER_ERROR);
}

static void nobody_there_is_told(void **state)
{
	(void)state;
	http_server_refuse(s.server);
	assume();
	assert_int_equal(asker.status, STATUS_REFUSED);
	assert_int_equal(captured_log_count(&f.captured, "connection refused"), 1);
}

/* The clock here is two hours behind. */
static void a_wrong_clock_is_corrected_once(void **state)
{
	(void)state;
	http_server_answer(s.server, 403, "Date: Fri, 02 Jan 2026 05:04:05 GMT\r\n",
	                   "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>"
	                   "Signature expired</Message></Error></ErrorResponse>");
	sts_fixture_answer("ASIA");
	assume();
	assert_assumed("ASIA");
	assert_sent(0, "X-Amz-Date: 20260102T030405Z");
	assert_sent(1, "X-Amz-Date: 20260102T050405Z");
	assert_int_equal(s.aws_clock.offset_s, 7200); /* by which the end of sessions is judged */
	assert_int_equal(captured_log_count(&f.captured, "the clock is 7200 s behind"), 1);
}

static void a_clock_that_is_right_is_no_excuse(void **state)
{
	(void)state;
	http_server_answer(s.server, 403, "Date: Fri, 02 Jan 2026 03:04:05 GMT\r\n",
	                   "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>"
	                   "wrong</Message></Error></ErrorResponse>");
	assume();
	assert_int_equal(asker.status, STATUS_CREDENTIALS_REJECTED);
	assert_int_equal(captured_log_count(&f.captured, "check the keys that the role"), 1);
}

static void an_answer_without_credentials_is_refused(void **state)
{
	(void)state;
	http_server_answer(s.server, 200, "", "{\"AssumeRoleResponse\":{}}");
	assume();
	assert_int_equal(asker.status, STATUS_PROTOCOL);
	assert_int_equal(captured_log_count(&f.captured, "the answer has no credentials"), 1);
}

static void the_endpoint_may_be_that_of_the_profile(void **state)
{
	char text[256];

	(void)state;
	s.settings.service_urls[AWS_STS] = NULL;
	snprintf(text, sizeof(text),
	         "[default]\nservices = x\n[services x]\nsts =\n"
	         "  endpoint_url = %s\n",
	         http_server_url(s.server));
	aws_home_write_config(&f.home, text);
	sts_fixture_answer("ASIA");
	assume();
	assert_assumed("ASIA");
}

static void an_endpoint_that_is_none_is_told(void **state)
{
	(void)state;
	s.settings.service_urls[AWS_STS] = "nonsense";
	assume();
	assert_int_equal(asker.status, STATUS_MISCONFIGURED);
	assert_int_equal(captured_log_count(&f.captured,
	                                    "no STS endpoint in us-east-1: the endpoint"
	                                    " URL is not"),
	                 1);
}

static void a_key_that_cannot_be_sent_is_rejected(void **state)
{
	(void)state;
	credentials_unref(source);
	source = credentials_new("AKID\nX: y", "secret", NULL, NULL, 0, "test");
	assume();
	assert_int_equal(asker.status, STATUS_CREDENTIALS_REJECTED);
	assert_int_equal(captured_log_count(&f.captured, "characters that no key has"), 1);
	assert_int_equal(http_server_requests(s.server), 0);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(transient_errors_are_tried_again),
	        cmocka_unit_test_fixture(a_connection_that_breaks_is_tried_again),
	        cmocka_unit_test_fixture(retries_have_an_end),
	        cmocka_unit_test_fixture(the_settings_say_how_often),
	        cmocka_unit_test_fixture(nobody_there_is_told),
	        cmocka_unit_test_fixture(a_wrong_clock_is_corrected_once),
	        cmocka_unit_test_fixture(a_clock_that_is_right_is_no_excuse),
	        cmocka_unit_test_fixture(an_answer_without_credentials_is_refused),
	        cmocka_unit_test_fixture(the_endpoint_may_be_that_of_the_profile),
	        cmocka_unit_test_fixture(an_endpoint_that_is_none_is_told),
	        cmocka_unit_test_fixture(a_key_that_cannot_be_sent_is_rejected),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
