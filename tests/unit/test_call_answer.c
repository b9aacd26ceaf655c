/* Attempts of a call: which errors are tried again, with what, and how often. Against a real server
 * on 127.0.0.1. */
#include "base/cleanup.h"
#include "ecr/api_counts.h"
#include "ecr/call.h"
#include "ecr/clock_skew.h"
#include "ecr/credentials.h"
#include "ecr/retry.h"
#include "tests/unit/api_fixture.h"

#include <string.h>

/* By an hour ahead of the fake clock, and by its own time. */
#define AN_HOUR_AHEAD "Date: Fri, 02 Jan 2026 04:04:05 GMT\r\n"
#define IN_TIME       "Date: Fri, 02 Jan 2026 03:04:05 GMT\r\n"
#define BAD_SIGNATURE "{\"__type\":\"InvalidSignatureException\",\"message\":\"Signature expired\"}"
#define EXPIRED       "{\"__type\":\"RequestExpired\"}"

/* As api_counts numbers it. */
#define LIST_IMAGES 2

/* Of the timers that were set. */
static uint64_t last_wait_ns, longest_wait_ns;

void __real_loop_timer_set(struct loop_timer *timer, uint64_t delay_ns);
void __wrap_loop_timer_set(struct loop_timer *timer, uint64_t delay_ns);

void __wrap_loop_timer_set(struct loop_timer *timer, uint64_t delay_ns)
{
	last_wait_ns = delay_ns;
	if (delay_ns > longest_wait_ns)
		longest_wait_ns = delay_ns;
	__real_loop_timer_set(timer, delay_ns);
}

static void a_throttled_call_is_sent_again(void **state)
{
	(void)state;
	http_server_answer(f.server, 400, "", THROTTLED);
	http_server_answer(f.server, 400, "", THROTTLED);
	http_server_answer(f.server, 200, "", "{}");
	call_with_key(&own);
	assert_int_equal(f.outcome.status, STATUS_OK);
	assert_int_equal(http_server_requests(f.server), 3);
}

static void retries_end_with_one_line_that_tells_everything(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		http_server_answer(f.server, 400, "x-amzn-RequestId: id-7\r\n", THROTTLED);
	call_with_key(&abroad);
	assert_failed(STATUS_THROTTLED, 3);
	assert_int_equal(lines("failed"), 1);
	assert_int_equal(lines("DescribeImages of 012345678910/team/app at 127.0.0.1:"), 1);
	assert_int_equal(lines("failed: throttled (ThrottlingException: Rate exceeded) "
	                       "after 3 attempts, request id id-7"),
	                 1);
}

static void each_attempt_is_signed_anew(void **state)
{
	(void)state;
	http_server_answer(f.server, 500, "", "");
	call(&own);
	give_key("AKID1");
	wait_for_requests(1);
	fake_clock_advance(&f.clock, NS_PER_S);
	http_server_answer(f.server, 200, "", "{}");
	pump_until(f.loop, &f.outcome.done);
	assert_true(sent(0, "X-Amz-Date: 20260102T030405Z"));
	assert_true(sent(1, "X-Amz-Date: 20260102T030406Z"));
}

static void a_denied_call_is_not_sent_again(void **state)
{
	(void)state;
	http_server_answer(f.server, 400, "",
	                   "{\"__type\":\"AccessDeniedException\",\"Message\":\"not allowed\"}");
	call_with_key(&own);
	assert_failed(STATUS_DENIED, 1);
	assert_int_equal(lines("of default/team/app"), 1);
	assert_int_equal(lines("denied (AccessDeniedException: not allowed) after 1 attempt"), 1);
}

static void an_oversized_answer_is_not_asked_for_again(void **state)
{
	CLEANUP(free_string) char *body = calloc(1, MAX_ANSWER_BYTES + 2);

	(void)state;
	memset(body, ' ', MAX_ANSWER_BYTES + 1);
	http_server_answer(f.server, 200, "", body);
	call_with_key(&own);
	assert_failed(STATUS_PROTOCOL, 1);
	assert_true(f.outcome.oversized);
}

static void a_broken_connection_is_tried_again(void **state)
{
	(void)state;
	http_server_answer_and_close(f.server, "");
	http_server_answer(f.server, 200, "", "{}");
	call_with_key(&own);
	assert_int_equal(f.outcome.status, STATUS_OK);
}

static void a_server_that_is_down_is_tried_again(void **state)
{
	char url[64];

	(void)state;
	strcpy(url, http_server_url(f.server));
	f.settings.endpoint_url = url;
	http_server_free(f.server);
	f.server = NULL;
	call_with_key(&own);
	assert_int_equal(f.outcome.status, STATUS_REFUSED);
	assert_int_equal(lines("after 3 attempts"), 1);
}

static void an_answer_that_is_cut_off_is_asked_for_again(void **state)
{
	(void)state;
	http_server_answer_and_close(f.server, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}");
	http_server_answer(f.server, 200, "", "{}");
	call_with_key(&own);
	assert_int_equal(f.outcome.status, STATUS_OK);
	assert_int_equal(http_server_requests(f.server), 2);
}

static void retries_and_throttles_are_counted(void **state)
{
	(void)state;
	http_server_answer(f.server, 400, "", THROTTLED);
	http_server_answer(f.server, 500, "", "");
	http_server_answer(f.server, 200, "", "{}");
	call_with_key(&own);
	assert_int_equal(events(API_RETRIED), 2);
	assert_int_equal(events(API_THROTTLED), 1);
	assert_int_equal(events(API_DELAYED), 0);
	assert_int_equal(events(API_CLOCK_CORRECTED), 0);
}

/* Of a wait of nothing it makes 50 ms; a value that is none is left out. */
static void the_server_may_ask_for_a_longer_wait(void **state)
{
	(void)state;
	http_server_answer(f.server, 200, "", "{}");
	call_with_key(&own); /* which reads the profile, with a limit of its own */
	longest_wait_ns = 0;
	http_server_answer(f.server, 400, "x-amz-retry-after: 50\r\n", THROTTLED);
	http_server_answer(f.server, 400, "x-amz-retry-after: soon\r\n", THROTTLED);
	http_server_answer(f.server, 200, "", "{}");
	call_again(&own);
	assert_int_equal(f.outcome.status, STATUS_OK);
	assert_int_equal(longest_wait_ns, 50 * NS_PER_MS);
	assert_int_equal(last_wait_ns, 0);
}

static void call_sts_in_trouble(struct http_server *sts, unsigned attempts)
{
	fake_clock_advance(&f.clock, 60 * NS_PER_S); /* so that the log repeats itself */
	for (unsigned i = 0; i < attempts; i++)
		http_server_answer(sts, 503, "", "");
	call_sts();
}

/* Two calls use up all tokens. */
static void an_endpoint_in_trouble_uses_up_its_own_tokens_only(void **state)
{
	const unsigned attempts = RETRY_CAPACITY / RETRY_COST / 2 + 1;
	struct http_server *sts = http_server_new();

	(void)state;
	f.settings.service_urls[AWS_STS] = http_server_url(sts);
	f.settings.max_attempts = attempts;
	remake_api();
	call_sts_in_trouble(sts, attempts);
	call_sts_in_trouble(sts, attempts);
	assert_int_equal(lines("after 51 attempts"), 2);
	call_sts_in_trouble(sts, 1);
	assert_int_equal(lines("after 1 attempt"), 1);
	http_server_free(sts);
	http_server_answer(f.server, 400, "", THROTTLED);
	http_server_answer(f.server, 200, "", "{}");
	call_again(&own);
	assert_int_equal(f.outcome.status, STATUS_OK);
}

static void a_wrong_clock_is_corrected_with_one_more_call(void **state)
{
	(void)state;
	f.settings.max_attempts = 1;
	http_server_answer(f.server, 400, AN_HOUR_AHEAD, BAD_SIGNATURE);
	http_server_answer(f.server, 200, AN_HOUR_AHEAD, "{}");
	http_server_answer(f.server, 200, AN_HOUR_AHEAD, "{}");
	call_with_key(&own);
	assert_int_equal(f.outcome.status, STATUS_OK);
	assert_true(sent(0, "X-Amz-Date: 20260102T030405Z"));
	assert_true(sent(1, "X-Amz-Date: 20260102T040405Z"));
	assert_int_equal(lines("the clock is 3600 s behind that of 127.0.0.1:"), 1);
	call_again(&own);
	assert_true(sent(2, "X-Amz-Date: 20260102T040405Z"));
	assert_int_equal(lines("the clock is"), 1);
	assert_int_equal(events(API_CLOCK_CORRECTED), 1);
	assert_int_equal(events(API_RETRIED), 0);
	assert_int_equal(f.provider.fetches, 1); /* the credentials were not to blame */
}

/* Another one, which was refused at the same time, has learnt the new time meanwhile. */
static void a_call_may_be_corrected_by_what_another_one_learnt(void **state)
{
	(void)state;
	call(&own);
	give_key("AKID1");
	wait_for_requests(1);
	f.api->peers.all->clock_offset_s = 3600;
	http_server_answer(f.server, 400, AN_HOUR_AHEAD, BAD_SIGNATURE);
	http_server_answer(f.server, 200, AN_HOUR_AHEAD, "{}");
	pump_until(f.loop, &f.outcome.done);
	assert_int_equal(f.outcome.status, STATUS_OK);
	assert_true(sent(0, "X-Amz-Date: 20260102T030405Z"));
	assert_true(sent(1, "X-Amz-Date: 20260102T040405Z"));
	assert_int_equal(lines("the clock is"), 0);
}

static void an_answer_that_was_good_tells_the_time_as_well(void **state)
{
	(void)state;
	http_server_answer(f.server, 200, AN_HOUR_AHEAD, "{}");
	http_server_answer(f.server, 200, AN_HOUR_AHEAD, "{}");
	call_with_key(&own);
	call_again(&own);
	assert_true(sent(1, "X-Amz-Date: 20260102T040405Z"));
	assert_int_equal(lines("the clock is"), 1);
}

static void a_clock_that_was_set_is_corrected_again(void **state)
{
	(void)state;
	http_server_answer(f.server, 200, AN_HOUR_AHEAD, "{}");
	http_server_answer(f.server, 400, AN_HOUR_AHEAD, BAD_SIGNATURE);
	http_server_answer(f.server, 200, AN_HOUR_AHEAD, "{}");
	call_with_key(&own);
	fake_clock_set_realtime(&f.clock, FAKE_CLOCK_REALTIME_NS + 3600 * NS_PER_S);
	call_again(&own);
	assert_int_equal(f.outcome.status, STATUS_OK);
	assert_true(sent(1, "X-Amz-Date: 20260102T050405Z"));
	assert_true(sent(2, "X-Amz-Date: 20260102T040405Z"));
	assert_int_equal(lines("the clock agrees with that of"), 1);
}

/* Who answers with a wrong time again and again is not asked for ever. */
static void the_time_is_corrected_once_in_a_call(void **state)
{
	(void)state;
	http_server_answer(f.server, 400, AN_HOUR_AHEAD, BAD_SIGNATURE);
	http_server_answer(f.server, 400, IN_TIME, BAD_SIGNATURE);
	http_server_answer(f.server, 400, AN_HOUR_AHEAD, BAD_SIGNATURE);
	call_with_two_keys(&own);
	assert_failed(STATUS_CREDENTIALS_REJECTED, 3);
}

static void a_wrong_signature_at_the_right_time_is_the_credentials_fault(void **state)
{
	(void)state;
	http_server_answer(f.server, 400, IN_TIME, BAD_SIGNATURE);
	http_server_answer(f.server, 200, IN_TIME, "{}");
	call_with_two_keys(&own);
	assert_int_equal(f.outcome.status, STATUS_OK);
	assert_true(sent(1, "Credential=AKID2/"));
	assert_int_equal(lines("the clock"), 0);
}

static void a_request_that_expired_in_time_has_expired_credentials(void **state)
{
	(void)state;
	http_server_answer(f.server, 400, IN_TIME, EXPIRED);
	http_server_answer(f.server, 400, IN_TIME, EXPIRED);
	call_with_two_keys(&own);
	assert_failed(STATUS_CREDENTIALS_EXPIRED, 2);
}

/* They end by the time of AWS: half an hour by the clock here is over, but not by AWS's. */
static void the_end_of_credentials_is_told_by_the_corrected_time(void **state)
{
	uint64_t expires_ns = FAKE_CLOCK_REALTIME_NS + 5400 * NS_PER_S;

	(void)state;
	fake_clock_set_realtime(&f.clock, FAKE_CLOCK_REALTIME_NS + 3600 * NS_PER_S);
	http_server_answer(f.server, 200, IN_TIME, "{}");
	http_server_answer(f.server, 200, IN_TIME, "{}");
	call(&own);
	pump_until(f.loop, &f.provider.asked);
	fake_provider_give(&f.provider,
	                   credentials_new("AKID", "secret", NULL, NULL, expires_ns, "fake"));
	pump_until(f.loop, &f.outcome.done);
	fake_clock_set_realtime(&f.clock, expires_ns + NS_PER_S);
	call_again(&own);
	assert_int_equal(f.outcome.status, STATUS_OK);
}

static void make_adaptive(void)
{
	f.settings.retry_mode = RETRY_MODE_ADAPTIVE;
	remake_api();
}

static void a_throttle_slows_its_own_operation_only(void **state)
{
	struct outcome other = {0};
	struct api_request request = describe_images(&own);

	(void)state;
	request.operation = "ListImages";
	make_adaptive();
	http_server_answer(f.server, 400, "", THROTTLED);
	http_server_answer(f.server, 200, "", "{}");
	call(&own);
	give_key("AKID1");
	while (events(API_DELAYED) == 0)
		loop_run_once(f.loop);
	assert_int_equal(api_call(f.api, &request, answered, &other), 0);
	pump_until(f.loop, &other.done);
	assert_int_equal(other.status, STATUS_OK);
	assert_false(f.outcome.done); /* the clock stands still: its turn does not come */
	assert_int_equal(api_counts_get_event(api_counted(f.api), LIST_IMAGES, API_DELAYED), 0);
}

static void without_a_throttle_nothing_is_slowed(void **state)
{
	(void)state;
	make_adaptive();
	for (int i = 0; i < 20; i++)
		http_server_answer(f.server, 200, "", "{}");
	call_with_key(&own);
	for (int i = 1; i < 20; i++)
		call_again(&own);
	assert_int_equal(events(API_DELAYED), 0);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(a_throttled_call_is_sent_again),
	        cmocka_unit_test_fixture(retries_end_with_one_line_that_tells_everything),
	        cmocka_unit_test_fixture(each_attempt_is_signed_anew),
	        cmocka_unit_test_fixture(a_denied_call_is_not_sent_again),
	        cmocka_unit_test_fixture(an_oversized_answer_is_not_asked_for_again),
	        cmocka_unit_test_fixture(a_broken_connection_is_tried_again),
	        cmocka_unit_test_fixture(a_server_that_is_down_is_tried_again),
	        cmocka_unit_test_fixture(an_answer_that_is_cut_off_is_asked_for_again),
	        cmocka_unit_test_fixture(retries_and_throttles_are_counted),
	        cmocka_unit_test_fixture(the_server_may_ask_for_a_longer_wait),
	        cmocka_unit_test_fixture(an_endpoint_in_trouble_uses_up_its_own_tokens_only),
	        cmocka_unit_test_fixture(a_wrong_clock_is_corrected_with_one_more_call),
	        cmocka_unit_test_fixture(a_call_may_be_corrected_by_what_another_one_learnt),
	        cmocka_unit_test_fixture(an_answer_that_was_good_tells_the_time_as_well),
	        cmocka_unit_test_fixture(a_clock_that_was_set_is_corrected_again),
	        cmocka_unit_test_fixture(the_time_is_corrected_once_in_a_call),
	        cmocka_unit_test_fixture(
	                a_wrong_signature_at_the_right_time_is_the_credentials_fault),
	        cmocka_unit_test_fixture(a_request_that_expired_in_time_has_expired_credentials),
	        cmocka_unit_test_fixture(the_end_of_credentials_is_told_by_the_corrected_time),
	        cmocka_unit_test_fixture(a_throttle_slows_its_own_operation_only),
	        cmocka_unit_test_fixture(without_a_throttle_nothing_is_slowed),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
