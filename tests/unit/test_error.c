/* What the error codes of AWS mean. */
#include "ecr/error.h"
#include "tests/unit/unit_test.h"

static void assert_meaning(const char *code, long http_status, enum status status, bool retryable)
{
	struct api_error error = api_error_of(code, http_status);

	print_message("%s %ld\n", code, http_status);
	assert_int_equal(error.status, status);
	assert_int_equal(error.retryable, retryable);
}

static void the_code_decides_not_the_http_status(void **state)
{
	(void)state;
	assert_meaning("RepositoryNotFoundException", 400, STATUS_ABSENT, false);
	assert_meaning("RepositoryNotFoundException", 500, STATUS_ABSENT, false);
	assert_meaning("AccessDeniedException", 400, STATUS_DENIED, false);
	assert_meaning("AccessDeniedException", 403, STATUS_DENIED, false);
	assert_meaning("ThrottlingException", 400, STATUS_THROTTLED, true);
	assert_meaning("ServerException", 400, STATUS_SERVER_ERROR, true);
}

static void an_unknown_code_goes_by_the_http_status(void **state)
{
	(void)state;
	assert_meaning("", 429, STATUS_THROTTLED, true);
	assert_meaning("", 500, STATUS_SERVER_ERROR, true);
	assert_meaning("", 502, STATUS_SERVER_ERROR, true);
	assert_meaning("NewException", 503, STATUS_SERVER_ERROR, true);
	assert_meaning("", 504, STATUS_SERVER_ERROR, true);
	assert_meaning("", 403, STATUS_DENIED, false);
	assert_meaning("NewException", 400, STATUS_SERVER_ERROR, false);
	assert_meaning("", 302, STATUS_SERVER_ERROR, false);
}

static void an_operation_that_the_server_does_not_know_is_told_apart(void **state)
{
	(void)state;
	assert_meaning("UnknownOperationException", 404, STATUS_UNSUPPORTED, false);
	assert_meaning("InvalidAction", 400, STATUS_UNSUPPORTED, false);
	assert_meaning("InternalFailure", 501, STATUS_UNSUPPORTED, false);
}

static void every_spelling_of_throttling_is_throttling(void **state)
{
	static const char *const codes[] = {
	        "Throttling",
	        "ThrottlingException",
	        "ThrottledException",
	        "ThrottleException",
	        "RequestThrottledException",
	        "TooManyRequestsException",
	        "ProvisionedThroughputExceededException",
	        "TransactionInProgressException",
	        "RequestLimitExceeded",
	        "BandwidthLimitExceeded",
	        "LimitExceededException",
	        "RequestThrottled",
	        "SlowDown",
	        "EC2ThrottledException",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		assert_meaning(codes[i], 400, STATUS_THROTTLED, true);
		assert_true(api_error_of(codes[i], 400).throttled);
	}
}

/* In botocore's list of throttles, and in that of what passes. */
static void a_prior_request_is_a_throttle_that_passes(void **state)
{
	(void)state;
	assert_meaning("PriorRequestNotComplete", 400, STATUS_SERVER_ERROR, true);
	assert_true(api_error_of("PriorRequestNotComplete", 400).throttled);
}

static void what_passes_is_worth_a_retry(void **state)
{
	static const char *const codes[] = {
	        "RequestTimeout",        "RequestTimeoutException",     "ServerException",
	        "InternalFailure",       "ServiceUnavailableException", "ServiceUnavailable",
	        "IDPCommunicationError",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		assert_meaning(codes[i], 400, STATUS_SERVER_ERROR, true);
		assert_false(api_error_of(codes[i], 400).throttled);
	}
}

static void the_clock_may_be_why_a_request_is_refused(void **state)
{
	static const char *const certain[] = {"RequestExpired", "RequestInTheFuture",
	                                      "RequestTimeTooSkewed"};
	static const char *const possible[] = {"InvalidSignatureException", "SignatureDoesNotMatch",
	                                       "AuthFailure"};

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_true(api_error_of(certain[i], 400).time_refused);
		assert_false(api_error_of(certain[i], 400).time_may_be_refused);
		assert_false(api_error_of(possible[i], 400).time_refused);
		assert_true(api_error_of(possible[i], 400).time_may_be_refused);
	}
	assert_false(api_error_of("UnrecognizedClientException", 400).time_may_be_refused);
}

static void refused_credentials_are_worth_a_refresh(void **state)
{
	static const char *const codes[] = {
	        "UnrecognizedClientException",
	        "InvalidClientTokenId",
	        "InvalidSignatureException",
	        "IncompleteSignatureException",
	        "ExpiredTokenException",
	        "ExpiredToken",
	        "RequestExpired",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		assert_true(api_error_of(codes[i], 400).credentials_refused);
		assert_false(api_error_of(codes[i], 400).retryable);
	}
	assert_int_equal(api_error_of("ExpiredToken", 403).status, STATUS_CREDENTIALS_EXPIRED);
	assert_int_equal(api_error_of("InvalidClientTokenId", 403).status,
	                 STATUS_CREDENTIALS_REJECTED);
}

static void denied_is_not_a_reason_to_refresh(void **state)
{
	(void)state;
	assert_false(api_error_of("AccessDeniedException", 403).credentials_refused);
}

static void an_invalid_name_is_told_apart(void **state)
{
	(void)state;
	assert_true(api_error_of("InvalidParameterException", 400).invalid_parameter);
	assert_true(api_error_of("ValidationException", 400).invalid_parameter);
	assert_false(api_error_of("ImageNotFoundException", 400).invalid_parameter);
}

static void a_missing_repository_is_told_apart(void **state)
{
	(void)state;
	assert_true(api_error_of("RepositoryNotFoundException", 400).repository_absent);
	assert_false(api_error_of("ImageNotFoundException", 400).repository_absent);
}

static void assert_code(const char *text, const char *expected)
{
	char code[16];

	api_error_copy_code(text, code, sizeof(code));
	assert_string_equal(code, expected);
}

static void prefix_and_suffix_of_a_code_are_cut(void **state)
{
	(void)state;
	assert_code("SlowDown", "SlowDown");
	assert_code("com.amazonaws.ecr#SlowDown", "SlowDown");
	assert_code("SlowDown:http://internal/#fragment", "SlowDown");
	assert_code("a#b#SlowDown:x:y", "SlowDown");
	assert_code("AVeryLongCodeIndeed", "AVeryLongCodeIn");
	assert_code("", "");
	assert_code("#", "");
}

static void a_failure_of_one_image_has_its_own_meaning(void **state)
{
	(void)state;
	assert_int_equal(image_failure_status("ImageNotFound"), STATUS_ABSENT);
	assert_int_equal(image_failure_status("InvalidImageDigest"), STATUS_ABSENT);
	assert_int_equal(image_failure_status("ImageInaccessible"), STATUS_ARCHIVED);
	assert_int_equal(image_failure_status("KmsError"), STATUS_DENIED);
	assert_int_equal(image_failure_status("UpstreamTooManyRequests"), STATUS_THROTTLED);
	assert_int_equal(image_failure_status("UpstreamUnavailable"), STATUS_SERVER_ERROR);
	assert_int_equal(image_failure_status(""), STATUS_SERVER_ERROR);
}

static bool is_about_filter(const char *code, const char *message)
{
	struct api_error error = api_error_of(code, 400);

	return api_error_is_about_filter(&error, message);
}

static void a_filter_that_is_not_understood_is_told_apart(void **state)
{
	(void)state;
	assert_true(is_about_filter("SerializationException", ""));
	assert_true(is_about_filter("InvalidParameterException",
	                            "Invalid parameter at 'filter' failed to satisfy constraint"));
	assert_true(is_about_filter("ValidationException", "unknown member ImageStatus"));
	assert_false(
	        is_about_filter("InvalidParameterException", "Invalid parameter at 'nextToken'"));
	assert_false(is_about_filter("AccessDeniedException", "filter"));
}

/* ECR may have new ones at any time. */
static void an_unknown_failure_of_one_image_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(image_failure_status("ImageOnTheMoon"), STATUS_SERVER_ERROR);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_code_decides_not_the_http_status),
	        cmocka_unit_test(an_unknown_code_goes_by_the_http_status),
	        cmocka_unit_test(an_operation_that_the_server_does_not_know_is_told_apart),
	        cmocka_unit_test(every_spelling_of_throttling_is_throttling),
	        cmocka_unit_test(a_prior_request_is_a_throttle_that_passes),
	        cmocka_unit_test(what_passes_is_worth_a_retry),
	        cmocka_unit_test(the_clock_may_be_why_a_request_is_refused),
	        cmocka_unit_test(refused_credentials_are_worth_a_refresh),
	        cmocka_unit_test(denied_is_not_a_reason_to_refresh),
	        cmocka_unit_test(an_invalid_name_is_told_apart),
	        cmocka_unit_test(a_missing_repository_is_told_apart),
	        cmocka_unit_test(prefix_and_suffix_of_a_code_are_cut),
	        cmocka_unit_test(a_failure_of_one_image_has_its_own_meaning),
	        cmocka_unit_test(a_filter_that_is_not_understood_is_told_apart),
	        cmocka_unit_test(an_unknown_failure_of_one_image_is_an_error),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
