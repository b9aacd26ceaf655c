/* One call of the ECR API, against a real server on 127.0.0.1. */
#include "ecr/api.h"
#include "ecr/credentials.h"
#include "tests/unit/api_fixture.h"

#include <errno.h>
#include <string.h>

static void a_call_is_signed_and_answered(void **state)
{
	(void)state;
	http_server_answer(f.server, 200, "x-amzn-RequestId: id-1\r\n", "{\"answer\":1}");
	call_with_key(&own);
	assert_int_equal(f.outcome.status, STATUS_OK);
	assert_string_equal(f.outcome.body, "{\"answer\":1}");
	assert_string_equal(f.outcome.request_id, "id-1");
	assert_true(sent(0, "\r\nAuthorization: AWS4-HMAC-SHA256 "
	                    "Credential=AKID1/20260102/us-east-1/ecr/aws4_request, "));
	assert_true(sent(0, "\r\nX-Amz-Date: 20260102T030405Z\r\n"));
	assert_true(sent(0, "\r\nContent-Type: application/x-amz-json-1.1\r\n"));
	assert_true(sent(0, "\r\nX-Amz-Target: "
	                    "AmazonEC2ContainerRegistry_V20150921.DescribeImages\r\n"));
	assert_true(sent(0, "\r\n\r\n{\"repositoryName\":\"team/app\"}"));
	assert_false(sent(0, "Security-Token"));
	assert_false(sent(0, "Expect"));
}

static void the_session_token_is_sent(void **state)
{
	(void)state;
	http_server_answer(f.server, 200, "", "{}");
	call(&own);
	pump_until(f.loop, &f.provider.asked);
	fake_provider_give(&f.provider,
	                   credentials_new("AKID", "secret", "the-token", NULL, 0, "fake"));
	pump_until(f.loop, &f.outcome.done);
	assert_true(sent(0, "\r\nX-Amz-Security-Token: the-token\r\n"));
	assert_true(sent(0, "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;"
	                    "x-amz-target"));
	assert_int_equal(lines("the-token"), 0);
}

static void the_registrys_own_region_is_signed_for(void **state)
{
	(void)state;
	http_server_answer(f.server, 200, "", "{}");
	call_with_key(&abroad);
	assert_true(sent(0, "/20260102/eu-west-1/ecr/aws4_request"));
}

/* Zeros lead: an account id is no number. */
static void a_registry_is_named_by_its_account(void **state)
{
	(void)state;
	http_server_answer(f.server, 200, "", "{\"registryId\":\"111111111111\"}");
	http_server_answer(f.server, 200, "", "{}");
	call_with_key(&abroad);
	assert_true(sent(0, "\r\n\r\n{\"registryId\":\"012345678910\","
	                    "\"repositoryName\":\"team/app\"}"));
	call_again(&own);
	assert_false(sent(1, "registryId")); /* whom the other belongs to says nothing */
}

static void the_callers_own_registry_is_named_when_an_answer_told_it(void **state)
{
	(void)state;
	http_server_answer(f.server, 200, "", "{\"a\":[{\"registryId\":\"012345678910\"}]}");
	http_server_answer(f.server, 200, "", "{}");
	call_with_key(&own);
	assert_false(sent(0, "registryId"));
	call_again(&own);
	assert_true(sent(1, "{\"registryId\":\"012345678910\",\"repositoryName\":"));
}

static void the_callers_own_registry_is_named_when_the_credentials_do(void **state)
{
	(void)state;
	http_server_answer(f.server, 200, "", "{}");
	call(&own);
	pump_until(f.loop, &f.provider.asked);
	fake_provider_give(&f.provider,
	                   credentials_new("AKID", "secret", NULL, "012345678910", 0, "fake"));
	pump_until(f.loop, &f.outcome.done);
	assert_true(sent(0, "{\"registryId\":\"012345678910\","));
}

/* They may be another account's. */
static void new_credentials_do_not_inherit_the_account(void **state)
{
	(void)state;
	http_server_answer(f.server, 200, "", "{\"registryId\":\"012345678910\"}");
	http_server_answer(f.server, 400, "", UNKNOWN_KEY);
	http_server_answer(f.server, 200, "", "{}");
	call_with_key(&own);
	call(&own);
	give_key("AKID2");
	pump_until(f.loop, &f.outcome.done);
	assert_true(sent(1, "registryId"));
	assert_false(sent(2, "registryId"));
}

/* The server answers for STS, and for nothing else. */
static void call_sts_at_server(void)
{
	f.settings.service_urls[AWS_STS] = http_server_url(f.server);
	f.settings.endpoint_url = "http://127.0.0.1:1";
	remake_api();
	call_sts();
}

static void sts_is_asked_at_its_own_endpoint_in_its_own_way(void **state)
{
	(void)state;
	http_server_answer(f.server, 200, "", "{}");
	call_sts_at_server();
	assert_int_equal(f.outcome.status, STATUS_OK);
	assert_true(sent(0, "Credential=AKID1/20260102/us-east-1/sts/aws4_request, "
	                    "SignedHeaders=content-type;host;x-amz-date, "));
	assert_true(sent(0, "\r\nContent-Type: application/x-www-form-urlencoded; "
	                    "charset=utf-8\r\n"));
	assert_true(sent(0, "\r\nAccept: application/json\r\n"));
	assert_false(sent(0, "X-Amz-Target"));
	assert_true(sent(0, "\r\n\r\nAction=GetCallerIdentity"));
}

static void an_error_of_sts_is_read_from_its_xml(void **state)
{
	(void)state;
	http_server_answer(f.server, 403, "",
	                   "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>"
	                   "<Message>not &lt;you&gt;</Message></Error></ErrorResponse>");
	call_sts_at_server();
	assert_failed(STATUS_DENIED, 1);
	assert_int_equal(lines("(AccessDenied: not <you>)"), 1);
}

static void an_error_of_sts_is_read_from_its_json(void **state)
{
	(void)state;
	http_server_answer(f.server, 400, "",
	                   "{\"Error\":{\"Code\":\"Throttling\",\"Message\":\"slow\"}}");
	http_server_answer(f.server, 400, "", "{\"Error\":{\"Code\":\"AccessDenied\"}}");
	call_sts_at_server();
	assert_failed(STATUS_DENIED, 2);
}

static void a_refused_filter_is_told_apart(void **state)
{
	(void)state;
	http_server_answer(f.server, 400, "", "{\"__type\":\"SerializationException\"}");
	call_with_key(&own);
	assert_failed(STATUS_SERVER_ERROR, 1);
	assert_true(f.outcome.filter_refused);
	assert_int_equal(lines("SerializationException"), 1);
}

static void call_with_ways(bool may_be_denied, bool filter_may_be_refused)
{
	http_server_answer(f.server, 400, "", "{\"__type\":\"AccessDeniedException\"}");
	http_server_answer(f.server, 400, "", "{\"__type\":\"SerializationException\"}");
	for (int i = 0; i < 2; i++) {
		struct api_request request = describe_images(&own);

		request.may_be_denied = may_be_denied;
		request.filter_may_be_refused = filter_may_be_refused;
		call_for(&request);
	}
}

/* The log at its usual level does not tell of what the caller knows a way around. */
static void a_failure_with_a_way_around_it_is_for_debugging_only(void **state)
{
	(void)state;
	assert_int_equal(log_new(&f.clock.clock, LEVEL_INFO, &f.log), 0);
	assert_int_equal(log_to_file(f.log, f.captured.path), 0);
	remake_api();
	call_with_ways(true, true);
	assert_int_equal(lines("failed"), 0);
	call_with_ways(true, false);
	assert_int_equal(lines("failed"), 1);
	call_with_ways(false, true);
	assert_int_equal(lines("failed"), 2);
	api_free(f.api);
	f.api = NULL;
	log_free(f.log);
}

static void what_is_absent_says_whether_it_is_the_repository(void **state)
{
	(void)state;
	http_server_answer(f.server, 400, "", "{\"__type\":\"ImageNotFoundException\"}");
	call_with_key(&own);
	assert_failed(STATUS_ABSENT, 1);
	assert_false(f.outcome.repository_absent);
	http_server_answer(f.server, 400, "", "{\"__type\":\"RepositoryNotFoundException\"}");
	call_again(&own);
	assert_failed(STATUS_ABSENT, 2);
	assert_true(f.outcome.repository_absent);
}

static void an_invalid_name_is_told_apart(void **state)
{
	(void)state;
	http_server_answer(f.server, 400, "", "{\"__type\":\"InvalidParameterException\"}");
	call_with_key(&own);
	assert_true(f.outcome.invalid_parameter);
	assert_int_equal(http_server_requests(f.server), 1);
}

static void the_code_may_be_in_a_header(void **state)
{
	(void)state;
	http_server_answer(f.server, 400,
	                   "x-amzn-ErrorType: "
	                   "com.amazonaws.ecr#AccessDeniedException:http://internal/\r\n",
	                   "");
	call_with_key(&own);
	assert_failed(STATUS_DENIED, 1);
	assert_int_equal(lines("(AccessDeniedException)"), 1);
}

/* Load balancers and proxies do not speak JSON. */
static void an_html_page_is_known_by_its_http_status(void **state)
{
	(void)state;
	http_server_answer(f.server, 503, "Content-Type: text/html\r\n", "<html>down</html>");
	http_server_answer(f.server, 403, "Content-Type: text/html\r\n", "<html>no</html>");
	call_with_key(&own);
	assert_failed(STATUS_DENIED, 2);
	assert_int_equal(lines("denied (HTTP 403) after 2 attempts"), 1);
}

static void refused_credentials_are_replaced_once(void **state)
{
	(void)state;
	http_server_answer(f.server, 400, "", UNKNOWN_KEY);
	http_server_answer(f.server, 200, "", "{}");
	call_with_two_keys(&own);
	assert_int_equal(f.outcome.status, STATUS_OK);
	assert_true(sent(0, "Credential=AKID1/"));
	assert_true(sent(1, "Credential=AKID2/"));
}

static void credentials_that_are_refused_twice_are_rejected(void **state)
{
	(void)state;
	http_server_answer(f.server, 400, "", UNKNOWN_KEY);
	http_server_answer(f.server, 400, "", UNKNOWN_KEY);
	call_with_two_keys(&own);
	assert_failed(STATUS_CREDENTIALS_REJECTED, 2);
	assert_int_equal(f.provider.fetches, 2);
}

static void without_credentials_nothing_is_sent(void **state)
{
	(void)state;
	call(&own);
	pump_until(f.loop, &f.provider.asked);
	fake_provider_pass(&f.provider);
	pump_until(f.loop, &f.outcome.done);
	assert_failed(STATUS_NO_CREDENTIALS, 0);
}

static void without_a_region_nothing_is_sent(void **state)
{
	(void)state;
	region_free(f.region);
	assert_int_equal(region_new(f.loop, f.captured.log, f.profile, f.imds, NULL, &f.region), 0);
	remake_api();
	call_again(&own);
	assert_failed(STATUS_MISCONFIGURED, 0);
	assert_int_equal(lines("no AWS region"), 1);
}

/* The option and an endpoint URL contradict each other. */
static void without_an_endpoint_nothing_is_sent(void **state)
{
	(void)state;
	f.settings.use_fips_endpoint = AWS_CHOICE_ON;
	remake_api();
	call_again(&own);
	assert_failed(STATUS_MISCONFIGURED, 0);
	assert_int_equal(lines("no ECR endpoint for default in"), 1);
}

/* The key of an environment file with DOS line ends, for one. */
static void a_key_that_cannot_be_sent_is_rejected_with_a_word(void **state)
{
	(void)state;
	call(&own);
	give_key("AKID\r");
	pump_until(f.loop, &f.outcome.done);
	assert_failed(STATUS_CREDENTIALS_REJECTED, 0);
	assert_int_equal(lines("the AWS credentials from fake cannot be used"), 1);
}

static void call_at_the_end(void *arg, const struct api_answer *answer)
{
	struct api_request request = describe_images(&own);

	answered(arg, answer);
	assert_int_equal(api_call(f.api, &request, answered, &f.outcome), -ECANCELED);
}

static void the_end_answers_calls_and_refuses_new_ones(void **state)
{
	struct outcome outcome = {0};
	struct api_request request = describe_images(&abroad);

	(void)state;
	assert_int_equal(api_call(f.api, &request, call_at_the_end, &outcome), 0);
	api_free(f.api);
	f.api = NULL;
	assert_true(outcome.done);
	assert_int_equal(outcome.status, STATUS_SERVER_ERROR);
	loop_run_once(f.loop); /* what was posted for it does not run any more */
	assert_int_equal(f.provider.fetches, 0);
}

static void the_end_may_come_at_any_stage_of_a_call(void **state)
{
	struct outcome outcomes[3] = {0};

	(void)state;
	call(&own);
	give_key("AKID1");
	wait_for_requests(1);
	for (int i = 0; i < 3; i++) {
		start(i ? &own : &abroad, &outcomes[i]);
		if (i < 2)
			loop_run_once(f.loop);
	}
	api_free(f.api);
	f.api = NULL;
	assert_int_equal(f.outcome.status, STATUS_SERVER_ERROR);
	for (int i = 0; i < 3; i++)
		assert_int_equal(outcomes[i].status, STATUS_SERVER_ERROR);
}

static void a_call_without_a_body_is_out_of_memory(void **state)
{
	struct api_request request = {
	        .registry = &own, .operation = "DescribeImages", .subject = ""};

	(void)state;
	assert_int_equal(api_call(f.api, &request, answered, &f.outcome), -ENOMEM);
}

static void a_complaint_names_everything(void **state)
{
	(void)state;
	api_complain(f.api, &abroad, "BatchGetImage", "team/app", "id-3", "it is wrong");
	assert_int_equal(lines("BatchGetImage of 012345678910/team/app: it is wrong, "
	                       "request id id-3"),
	                 1);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(a_call_is_signed_and_answered),
	        cmocka_unit_test_fixture(the_session_token_is_sent),
	        cmocka_unit_test_fixture(the_registrys_own_region_is_signed_for),
	        cmocka_unit_test_fixture(a_registry_is_named_by_its_account),
	        cmocka_unit_test_fixture(the_callers_own_registry_is_named_when_an_answer_told_it),
	        cmocka_unit_test_fixture(the_callers_own_registry_is_named_when_the_credentials_do),
	        cmocka_unit_test_fixture(new_credentials_do_not_inherit_the_account),
	        cmocka_unit_test_fixture(sts_is_asked_at_its_own_endpoint_in_its_own_way),
	        cmocka_unit_test_fixture(an_error_of_sts_is_read_from_its_xml),
	        cmocka_unit_test_fixture(an_error_of_sts_is_read_from_its_json),
	        cmocka_unit_test_fixture(a_refused_filter_is_told_apart),
	        cmocka_unit_test_fixture(a_failure_with_a_way_around_it_is_for_debugging_only),
	        cmocka_unit_test_fixture(what_is_absent_says_whether_it_is_the_repository),
	        cmocka_unit_test_fixture(an_invalid_name_is_told_apart),
	        cmocka_unit_test_fixture(the_code_may_be_in_a_header),
	        cmocka_unit_test_fixture(an_html_page_is_known_by_its_http_status),
	        cmocka_unit_test_fixture(refused_credentials_are_replaced_once),
	        cmocka_unit_test_fixture(credentials_that_are_refused_twice_are_rejected),
	        cmocka_unit_test_fixture(without_credentials_nothing_is_sent),
	        cmocka_unit_test_fixture(without_a_region_nothing_is_sent),
	        cmocka_unit_test_fixture(without_an_endpoint_nothing_is_sent),
	        cmocka_unit_test_fixture(a_key_that_cannot_be_sent_is_rejected_with_a_word),
	        cmocka_unit_test_fixture(the_end_answers_calls_and_refuses_new_ones),
	        cmocka_unit_test_fixture(the_end_may_come_at_any_stage_of_a_call),
	        cmocka_unit_test_fixture(a_call_without_a_body_is_out_of_memory),
	        cmocka_unit_test_fixture(a_complaint_names_everything),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
