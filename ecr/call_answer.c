/* What the answer to an attempt leads to: the end of the call, or another attempt. */
#include "base/random.h"
#include "ecr/api_wire.h"
#include "ecr/call.h"
#include "ecr/chain.h"
#include "ecr/clock_skew.h"
#include "ecr/corrected_clock.h"
#include "ecr/error.h"
#include "ecr/identity.h"
#include "ecr/principal.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static void count(struct call *call, enum api_event event)
{
	api_counts_add_event(&call->api->counts, call->subject.operation, event);
}

/* Whether the failure is an answer that the caller can do with; or one of many that say what the
 * log said when the endpoint went offline. */
static bool is_expected(const struct call *call, const struct api_answer *answer)
{
	return answer->status == STATUS_ABSENT || !call->sent ||
	       (answer->status == STATUS_DENIED && call->may_be_denied) ||
	       (answer->filter_refused && call->filter_may_be_refused);
}

static void finish_failed(struct call *call, const struct api_answer *answer, const char *code,
                          const char *message)
{
	struct api_failure failure = {
	        .host = call->endpoint.host,
	        .code = code,
	        .message = message,
	        .attempts = call->sent,
	        .expected = is_expected(call, answer),
	};

	if (!failure.expected)
		call_note_failure(call, answer->status, code);
	api_log_failure(call->api->parts.log, &call->subject, answer, &failure);
	call_finish(call, answer);
}

void call_fail_offline(struct call *call)
{
	struct api_answer answer = {
	        .status = breaker_reason(&call->peer->breaker), .body = "", .request_id = ""};

	count(call, API_NOT_SENT);
	finish_failed(call, &answer, "", "not sent, since it is offline");
}

static void retry_timer_fired(void *arg)
{
	struct call *call = arg;

	call->backs_off = false;
	call_send(call);
}

/* Sends again later, if the retry rules allow. */
static bool try_again(struct call *call, const struct retry_failure *failure)
{
	struct api *api = call->api;
	uint64_t wait_ns;

	if (call_is_offline(call) ||
	    !retry_again(&call->peer->bucket, &call->retry, api->rules.max_attempts, failure,
	                 random_spread(), &wait_ns))
		return false;
	if (!call->timer &&
	    loop_timer_new(api->parts.loop, retry_timer_fired, call, &call->timer) < 0)
		return false;
	count(call, API_RETRIED);
	call->backs_off = true;
	loop_timer_set(call->timer, wait_ns);
	return true;
}

/* The request was wrong, and the next one will not be: that is no retry. */
static void correct(struct call *call, bool *corrected)
{
	*corrected = true;
	call->retry.attempts--;
	call_send(call);
}

/* Once per call: when the credentials may be replaced by others, tries with these. */
static bool try_other_credentials(struct call *call)
{
	if (call->refreshed || !chain_reject(call->principal->chain, call->credentials))
		return false;
	correct(call, &call->refreshed);
	return true;
}

/* Once per call: when the time of the endpoint is known to be another one than it was signed with,
 * be it from another call, tries with that. */
static bool try_other_time(struct call *call)
{
	if (call->clock_corrected || call->peer->clock_offset_s == call->clock_offset_s)
		return false;
	correct(call, &call->clock_corrected);
	return true;
}

/* Every answer has a Date. */
static void compare_clocks(struct call *call, const struct http_answer *http, int64_t tolerated_s)
{
	const struct api_parts *parts = &call->api->parts;
	struct clock_sample sample = {
	        .sent_s = call->sent_s,
	        .received_s = (int64_t)(clock_realtime_ns(parts->clock) / NS_PER_S),
	};

	if (!clock_skew_parse_date(api_wire_header(http, "date"), &sample.server_s) ||
	    !clock_skew_learn(&call->peer->clock_offset_s, &sample, tolerated_s))
		return;
	parts->aws_clock->offset_s = call->peer->clock_offset_s;
	count(call, API_CLOCK_CORRECTED);
	api_log_clock(parts->log, call->endpoint.host, call->peer->clock_offset_s);
}

/* For the limit of the rate. */
static void note_end(struct call *call, bool throttled)
{
	if (throttled)
		count(call, API_THROTTLED);
	if (call->queue)
		rate_queue_answered(call->queue, throttled);
}

/* Sends again what may succeed then. */
static bool try_otherwise(struct call *call, const struct api_error *error,
                          const struct http_answer *http)
{
	struct retry_failure failure = {
	        .after_ms = retry_after_ms(api_wire_header(http, "x-amz-retry-after")),
	};

	return ((error->time_refused || error->time_may_be_refused) && try_other_time(call)) ||
	       (error->credentials_refused && try_other_credentials(call)) ||
	       (error->retryable && try_again(call, &failure));
}

static void receive_error(struct call *call, const struct http_answer *http)
{
	struct api_answer answer = {.body = ""};
	char code[JSON_CODE_SIZE], message[JSON_MESSAGE_SIZE];
	struct api_error error;

	api_wire_read_error(call->service, http, code, message);
	error = api_error_of(code, http->code);
	if (!code[0])
		snprintf(code, sizeof(code), "HTTP %ld", http->code);
	note_end(call, error.throttled);
	compare_clocks(call, http,
	               error.time_refused ? CLOCK_SKEW_REFUSED_S : CLOCK_SKEW_TOLERATED_S);
	if (try_otherwise(call, &error, http))
		return;
	answer.status = error.status;
	answer.invalid_parameter = error.invalid_parameter;
	answer.filter_refused = api_error_is_about_filter(&error, message);
	answer.repository_absent = error.repository_absent;
	answer.request_id = api_wire_header(http, "x-amzn-requestid");
	finish_failed(call, &answer, code, message);
}

/* No HTTP answer at all. */
static void receive_nothing(struct call *call, const struct http_answer *http)
{
	struct api_answer answer = {.status = http->status, .body = "", .request_id = ""};
	struct retry_failure failure = {.timed_out = http->status == STATUS_TIMED_OUT};

	note_end(call, false);
	if (http->broken && try_again(call, &failure))
		return;
	answer.oversized = http->oversized;
	finish_failed(call, &answer, "", http->error);
}

static void receive_success(struct call *call, const struct http_answer *http)
{
	struct api *api = call->api;
	struct api_answer answer = {
	        .status = STATUS_OK,
	        .body = http->body,
	        .body_size = http->body_size,
	        .unencrypted = strncasecmp(call->endpoint.url, "http:", strlen("http:")) == 0,
	        .request_id = api_wire_header(http, "x-amzn-requestid"),
	        .credentials = call->credentials,
	};

	note_end(call, false);
	compare_clocks(call, http, CLOCK_SKEW_TOLERATED_S);
	retry_succeeded(&call->peer->bucket, &call->retry);
	api_log_success(api->parts.log, &call->subject, &answer);
	if (call->service == API_ECR && !call->names_registry)
		identity_learn_from_answer(&call->principal->identity, call->credentials,
		                           http->body, http->body_size);
	call_finish(call, &answer);
}

/* A running average: an eighth of it is new each time. */
static void learn_duration(const struct call *call)
{
	struct api *api = call->api;
	uint64_t took_ns = clock_monotonic_ns(api->parts.clock) - call->sent_ns;

	api->usual_ns = api->usual_ns ? (7 * api->usual_ns + took_ns) / 8 : took_ns;
}

static void count_bytes(struct call *call, const struct http_answer *http)
{
	api_counts_add_bytes(&call->api->counts, call->subject.operation, API_RECEIVED,
	                     http->body_size);
}

void call_received(void *arg, const struct http_answer *http)
{
	count_bytes(arg, http);
	call_learn_whether_offline(arg, http);
	if (http->heard)
		learn_duration(arg);
	if (http->status != STATUS_OK)
		receive_nothing(arg, http);
	else if (http->code != 200)
		receive_error(arg, http);
	else
		receive_success(arg, http);
}
