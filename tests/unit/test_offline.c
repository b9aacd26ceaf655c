/* Calls to an endpoint that cannot be reached, and that comes back. */
#include "ecr/breaker.h"
#include "tests/unit/api_fixture.h"

#include <stdio.h>
#include <string.h>

static unsigned short port;
static char url[64];

/* Why the i-th endpoint is offline. */
static enum status offline(size_t i)
{
	struct api_endpoint endpoint;

	assert_true(api_endpoint(f.api, i, &endpoint));
	return endpoint.offline;
}

static void server_goes(void)
{
	port = http_server_port(f.server);
	snprintf(url, sizeof(url), "%s", http_server_url(f.server));
	f.settings.endpoint_url = url;
	http_server_free(f.server);
	f.server = NULL;
}

static void server_comes_back(void)
{
	f.server = http_server_new_at(port);
}

/* Requests that nobody answers end soon. */
static void hurry(void)
{
	struct http_config http = {
	        .user_agent = "a test",
	        .max_connections = 10,
	        .connect_timeout_ns = 100 * NS_PER_MS,
	        .read_timeout_ns = 100 * NS_PER_MS,
	};

	api_free(f.api);
	f.api = NULL;
	http_free(f.http);
	assert_int_equal(http_new(f.loop, &http, &f.http), 0);
	remake_api();
}

static void go_offline(void)
{
	server_goes();
	call_with_key(&own);
	assert_int_equal(f.outcome.status, STATUS_REFUSED);
	assert_int_equal(offline(0), STATUS_REFUSED);
}

static void wait_until_reachable(void)
{
	while (offline(0) != STATUS_OK)
		loop_run_once(f.loop);
}

static void the_first_call_makes_its_usual_attempts(void **state)
{
	struct api_endpoint endpoint;

	(void)state;
	go_offline();
	assert_int_equal(lines("failed: connection refused"), 1);
	assert_int_equal(lines("after 3 attempts"), 1);
	assert_int_equal(events(API_RETRIED), 2);
	assert_int_equal(events(API_NOT_SENT), 0);
	assert_int_equal(lines("is offline: 3 attempts in a row failed (connection refused)"), 1);
	assert_true(api_endpoint(f.api, 0, &endpoint));
	assert_non_null(strstr(url, endpoint.host));
	assert_int_equal(endpoint.offline_since_s, FAKE_CLOCK_REALTIME_NS / NS_PER_S);
	assert_false(api_endpoint(f.api, 1, &endpoint));
}

/* In the next turn of the loop, also for other registries that are asked there. */
static void then_calls_fail_at_once_and_unsent(void **state)
{
	(void)state;
	go_offline();
	server_comes_back();
	for (unsigned i = 1; i <= 20; i++) {
		call(&abroad);
		loop_run_once(f.loop);
		assert_true(f.outcome.done);
		assert_failed(STATUS_REFUSED, 0);
		assert_int_equal(events(API_NOT_SENT), i);
	}
	assert_int_equal(http_server_connections(f.server), 0);
	assert_int_equal(events(API_RETRIED), 2);
	assert_int_equal(lines("is offline: "), 1);
}

static void an_answer_to_the_probe_ends_it(void **state)
{
	(void)state;
	go_offline();
	server_comes_back();
	fake_clock_advance(&f.clock, 12 * NS_PER_S);
	http_server_answer(f.server, 404, "", "no such page");
	wait_until_reachable();
	assert_true(sent(0, "GET / HTTP/1.1\r\n"));
	assert_false(sent(0, "uthorization"));
	assert_int_equal(lines("has recovered: it answers again, after 12 s offline"), 1);
	http_server_answer(f.server, 200, "", "{}");
	call_again(&own);
	assert_int_equal(f.outcome.status, STATUS_OK);
	assert_int_equal(http_server_requests(f.server), 2);
	assert_int_equal(lines("is offline"), 1);
}

static void an_answer_of_any_size_is_one(void **state)
{
	static char page[200 << 10];

	(void)state;
	memset(page, 'x', sizeof(page) - 1);
	go_offline();
	server_comes_back();
	http_server_answer(f.server, 200, "", page);
	wait_until_reachable();
}

static void a_broken_connection_is_no_answer_to_the_probe(void **state)
{
	(void)state;
	go_offline();
	server_comes_back();
	http_server_answer_and_close(f.server, "");
	wait_for_requests(2); /* the second probe */
	assert_int_equal(offline(0), STATUS_REFUSED);
	assert_int_equal(lines("recovered"), 0);
	http_server_answer(f.server, 500, "", "");
	wait_until_reachable();
}

/* Also when they come 10 times in a row. */
static void who_throttles_denies_or_fails_is_there(void **state)
{
	static const char *const errors[] = {
	        THROTTLED,
	        "{\"__type\":\"AccessDeniedException\"}",
	        "{\"__type\":\"ServerException\"}",
	        "<html>503</html>",
	};

	(void)state;
	f.settings.max_attempts = 1;
	remake_api();
	for (int i = 0; i < 40; i++) {
		http_server_answer(f.server, i / 10 < 2 ? 400 : 503, "", errors[i / 10]);
		if (i == 0)
			call_with_key(&own);
		else
			call_again(&own);
		assert_int_equal(offline(0), STATUS_OK);
	}
	assert_int_equal(http_server_requests(f.server), 40);
	assert_int_equal(events(API_NOT_SENT), 0);
	assert_int_equal(lines("offline"), 0);
}

static void no_answer_in_time_is_offline_too(void **state)
{
	(void)state;
	hurry();
	call_with_key(&own);
	assert_failed(STATUS_TIMED_OUT, 3);
	assert_int_equal(offline(0), STATUS_TIMED_OUT);
	call(&abroad);
	loop_run_once(f.loop);
	assert_failed(STATUS_TIMED_OUT, 3);
}

static void an_answer_that_has_begun_is_one(void **state)
{
	(void)state;
	hurry();
	for (int i = 0; i < 3; i++)
		http_server_answer_bytes(f.server, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
		                         38);
	call_with_key(&own);
	assert_failed(STATUS_TIMED_OUT, 3);
	assert_int_equal(offline(0), STATUS_OK);
}

static void an_answer_in_between_counts_from_zero(void **state)
{
	(void)state;
	hurry();
	f.settings.max_attempts = 2;
	remake_api();
	call_with_key(&own);
	assert_failed(STATUS_TIMED_OUT, 2);
	http_server_answer(f.server, 400, "", "{\"__type\":\"AccessDeniedException\"}");
	call_again(&own);
	assert_failed(STATUS_DENIED, 3);
	call_again(&own);
	assert_failed(STATUS_TIMED_OUT, 5);
	assert_int_equal(offline(0), STATUS_OK);
}

/* It was told to wait for five seconds. */
static void a_call_that_waits_for_its_next_attempt_ends(void **state)
{
	uint64_t before_ns = clock_monotonic_ns(clock_system());
	struct outcome waiting = {0};

	(void)state;
	http_server_answer(f.server, 400, "x-amz-retry-after: 5000\r\n", THROTTLED);
	start(&own, &waiting);
	give_key("AKID1");
	while (events(API_RETRIED) == 0)
		loop_run_once(f.loop);
	server_goes();
	call_again(&abroad);
	pump_until(f.loop, &waiting.done);
	assert_int_equal(waiting.status, STATUS_REFUSED);
	assert_true(clock_monotonic_ns(clock_system()) - before_ns < 4 * NS_PER_S);
	assert_int_equal(events(API_NOT_SENT), 1);
}

/* The clock stands still: its turn would not come. */
static void a_call_that_waits_for_its_turn_ends(void **state)
{
	struct outcome waiting = {0};

	(void)state;
	f.settings.retry_mode = RETRY_MODE_ADAPTIVE;
	remake_api();
	http_server_answer(f.server, 400, "", THROTTLED);
	start(&own, &waiting);
	give_key("AKID1");
	while (events(API_DELAYED) == 0)
		loop_run_once(f.loop);
	server_goes();
	call_again(&abroad);
	pump_until(f.loop, &waiting.done);
	assert_int_equal(waiting.status, STATUS_REFUSED);
}

/* They were asked for while it was thought to be there. */
static void a_call_that_waits_for_credentials_ends_unsent(void **state)
{
	struct outcome before[3] = {0};
	uint64_t expires_ns = FAKE_CLOCK_REALTIME_NS + 3600 * NS_PER_S;

	(void)state;
	f.settings.max_attempts = 1;
	hurry();
	for (int i = 0; i < 3; i++)
		start(&own, &before[i]);
	pump_until(f.loop, &f.provider.asked);
	fake_provider_find(&f.provider, "AKID1", expires_ns);
	wait_for_requests(3);
	fake_clock_advance(&f.clock, 7200 * NS_PER_S);
	call(&own);
	pump_until(f.loop, &f.provider.asked);
	for (int i = 0; i < 3; i++)
		pump_until(f.loop, &before[i].done);
	assert_int_equal(offline(0), STATUS_TIMED_OUT);
	assert_false(f.outcome.done);
	give_key("AKID2");
	pump_until(f.loop, &f.outcome.done);
	assert_failed(STATUS_TIMED_OUT, 3);
	assert_int_equal(events(API_NOT_SENT), 1);
}

/* It is with the server, who still answers on that connection. */
static void a_call_under_way_goes_on_and_its_answer_ends_it(void **state)
{
	struct outcome held = {0};

	(void)state;
	start(&own, &held);
	give_key("AKID1");
	wait_for_requests(1);
	http_server_refuse(f.server);
	call_again(&own);
	assert_int_equal(offline(0), STATUS_REFUSED);
	assert_false(held.done);
	http_server_answer(f.server, 200, "", "{}");
	pump_until(f.loop, &held.done);
	assert_int_equal(held.status, STATUS_OK);
	assert_int_equal(offline(0), STATUS_OK);
	assert_int_equal(lines("has recovered"), 1);
}

static void another_endpoint_is_not_concerned(void **state)
{
	struct http_server *sts = http_server_new();

	(void)state;
	f.settings.service_urls[AWS_STS] = http_server_url(sts);
	remake_api();
	go_offline();
	http_server_answer(sts, 200, "", "{}");
	call_sts();
	assert_int_equal(f.outcome.status, STATUS_OK);
	assert_int_equal(offline(0), STATUS_REFUSED);
	assert_int_equal(offline(1), STATUS_OK);
	http_server_free(sts);
}

/* Nothing is left behind while a probe is under way. */
static void it_can_be_freed_while_offline(void **state)
{
	(void)state;
	go_offline();
	server_comes_back();
	wait_for_requests(1);
	assert_int_equal(offline(0), STATUS_REFUSED);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(the_first_call_makes_its_usual_attempts),
	        cmocka_unit_test_fixture(then_calls_fail_at_once_and_unsent),
	        cmocka_unit_test_fixture(an_answer_to_the_probe_ends_it),
	        cmocka_unit_test_fixture(an_answer_of_any_size_is_one),
	        cmocka_unit_test_fixture(a_broken_connection_is_no_answer_to_the_probe),
	        cmocka_unit_test_fixture(who_throttles_denies_or_fails_is_there),
	        cmocka_unit_test_fixture(no_answer_in_time_is_offline_too),
	        cmocka_unit_test_fixture(an_answer_that_has_begun_is_one),
	        cmocka_unit_test_fixture(an_answer_in_between_counts_from_zero),
	        cmocka_unit_test_fixture(a_call_that_waits_for_its_next_attempt_ends),
	        cmocka_unit_test_fixture(a_call_that_waits_for_its_turn_ends),
	        cmocka_unit_test_fixture(a_call_that_waits_for_credentials_ends_unsent),
	        cmocka_unit_test_fixture(a_call_under_way_goes_on_and_its_answer_ends_it),
	        cmocka_unit_test_fixture(another_endpoint_is_not_concerned),
	        cmocka_unit_test_fixture(it_can_be_freed_while_offline),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
