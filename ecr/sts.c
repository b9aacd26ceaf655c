/* region ─► profile (for the endpoint) ─► sign ─► send ─► answer ─► done
 *                                          ▲                 │
 *                                          └──── wait ◄──────┘ may pass
 */
#include "ecr/sts.h"
#include "base/log.h"
#include "base/random.h"
#include "ecr/api_log.h"
#include "ecr/clock_skew.h"
#include "ecr/corrected_clock.h"
#include "ecr/credentials.h"
#include "ecr/endpoint_choice.h"
#include "ecr/error.h"
#include "ecr/json.h"
#include "ecr/profile.h"
#include "ecr/profile_reader.h"
#include "ecr/provider.h"
#include "ecr/query.h"
#include "ecr/region.h"
#include "ecr/retry.h"
#include "ecr/retry_rules.h"
#include "ecr/signed_request.h"
#include "ecr/sts_answer.h"
#include "ecr/sts_request.h"
#include "net/loop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Credentials of some kilobytes, and an error of one. */
#define ANSWER_MAX_BYTES (64u * 1024)

struct sts {
	struct provider_parts parts;
	const char *provider;
	struct profile_reader reader;
	struct loop_timer *timer;
	struct retry_rules rules;
	struct retry_bucket bucket;
	struct loop_task fail; /* when the question cannot even be started */
	enum status failure;

	/* Of the call under way. */
	sts_fn done;
	void *arg;
	const char *action; /* static */
	char *role, *body;
	bool by_token;
	struct credentials *source;
	char region[REGISTRY_REGION_SIZE];
	struct endpoint endpoint;
	struct retry_state retry;
	unsigned sent;
	int64_t sent_s;      /* the last one, by the clock here */
	bool time_corrected; /* another time was tried already */
};

static void end_call(struct sts *sts)
{
	if (sts->body)
		explicit_bzero(sts->body, strlen(sts->body));
	free(sts->body);
	free(sts->role);
	credentials_unref(sts->source);
	sts->body = NULL;
	sts->role = NULL;
	sts->source = NULL;
}

static void finish(struct sts *sts, enum status status, struct credentials *credentials)
{
	end_call(sts);
	sts->done(sts->arg, status, credentials);
}

/* The parts of a line about a failure that may be missing. */
static void log_failure(const struct sts *sts, enum status status, const char *code,
                        const char *message, const char *request_id)
{
	const char *remedy = sts_answer_remedy(code, sts->by_token);
	char key[256];

	snprintf(key, sizeof(key), "%s %s %s", sts->action, sts->role, code);
	log_event(
	        sts->parts.log, LEVEL_ERROR, key,
	        "no AWS credentials: %s of %s at %s failed: %s (%s%s%s) after %u attempt%s%s%s%s%s",
	        sts->action, sts->role, sts->endpoint.host, status_text(status), code,
	        code[0] && message[0] ? ": " : "", message, sts->sent, sts->sent == 1 ? "" : "s",
	        request_id[0] ? ", request id " : "", request_id, remedy ? "; " : "",
	        remedy ? remedy : "");
}

static const char *header(const struct http_answer *http, const char *name)
{
	const char *value = http_answer_header(http, name);

	return value ? value : "";
}

/* Sends again later, if the retry rules allow. */
static bool try_again(struct sts *sts, const struct retry_failure *failure)
{
	uint64_t wait_ns;

	if (!retry_again(&sts->bucket, &sts->retry, sts->rules.max_attempts, failure,
	                 random_spread(), &wait_ns))
		return false;
	loop_timer_set(sts->timer, wait_ns);
	return true;
}

/* What AWS says of the time counts for all that is signed here, and for the end of credentials.
 * Answers whether it is another one than was believed. */
static bool learn_time(struct sts *sts, const struct http_answer *http, int64_t tolerated_s)
{
	struct corrected_clock *clock = sts->parts.aws_clock;
	struct clock_sample sample = {
	        .sent_s = sts->sent_s,
	        .received_s = (int64_t)(clock_realtime_ns(clock->system) / NS_PER_S),
	};

	if (!clock_skew_parse_date(header(http, "date"), &sample.server_s) ||
	    !clock_skew_learn(&clock->offset_s, &sample, tolerated_s))
		return false;
	api_log_clock(sts->parts.log, sts->endpoint.host, clock->offset_s);
	return true;
}

static void send_attempt(struct sts *sts);

static void receive_error(struct sts *sts, const struct http_answer *http)
{
	struct retry_failure failure = {
	        .after_ms = retry_after_ms(header(http, "x-amz-retry-after")),
	};
	char code[JSON_CODE_SIZE], message[JSON_MESSAGE_SIZE];
	struct api_error error;
	bool corrected;

	query_read_text(http->body, http->body_size, "Code", code, sizeof(code));
	query_read_text(http->body, http->body_size, "Message", message, sizeof(message));
	error = api_error_of(code, http->code);
	if (!code[0])
		snprintf(code, sizeof(code), "HTTP %ld", http->code);
	corrected = learn_time(sts, http,
	                       error.time_refused ? CLOCK_SKEW_REFUSED_S : CLOCK_SKEW_TOLERATED_S);
	if (corrected && (error.time_refused || error.time_may_be_refused) &&
	    !sts->time_corrected) {
		sts->time_corrected = true;
		sts->retry.attempts--; /* the request was wrong: that is no retry */
		send_attempt(sts);
		return;
	}
	if (error.retryable && try_again(sts, &failure))
		return;
	log_failure(sts, error.status, code, message, header(http, "x-amzn-requestid"));
	finish(sts, error.status, NULL);
}

static void receive_nothing(struct sts *sts, const struct http_answer *http)
{
	struct retry_failure failure = {.timed_out = http->status == STATUS_TIMED_OUT};

	if (http->broken && try_again(sts, &failure))
		return;
	log_failure(sts, http->status, "", http->error, "");
	finish(sts, http->status, NULL);
}

static void receive_success(struct sts *sts, const struct http_answer *http)
{
	struct credentials *credentials = NULL;
	int r;

	learn_time(sts, http, CLOCK_SKEW_TOLERATED_S);
	retry_succeeded(&sts->bucket, &sts->retry);
	r = sts_answer_read(http->body, http->body_size, sts->action, sts->provider, &credentials);
	if (r == -EBADMSG) {
		log_failure(sts, STATUS_PROTOCOL, "", "the answer has no credentials",
		            header(http, "x-amzn-requestid"));
		finish(sts, STATUS_PROTOCOL, NULL);
	} else {
		finish(sts, r < 0 ? STATUS_NO_MEMORY : STATUS_OK, credentials);
	}
}

static void received(void *arg, const struct http_answer *http)
{
	if (http->status != STATUS_OK)
		receive_nothing(arg, http);
	else if (http->code != 200)
		receive_error(arg, http);
	else
		receive_success(arg, http);
}

static void fail_unsent(struct sts *sts, int error)
{
	if (error == -ENOMEM) {
		finish(sts, STATUS_NO_MEMORY, NULL);
	} else if (error == -EINVAL) {
		log_failure(sts, STATUS_CREDENTIALS_REJECTED, "",
		            "the key that it is assumed with has characters that no key has", "");
		finish(sts, STATUS_CREDENTIALS_REJECTED, NULL);
	} else {
		log_failure(sts, STATUS_SERVER_ERROR, "", "signing failed: OpenSSL", "");
		finish(sts, STATUS_SERVER_ERROR, NULL);
	}
}

/* Each attempt is signed anew: the date is part of the signature. */
static void send_attempt(struct sts *sts)
{
	struct corrected_clock *clock = sts->parts.aws_clock;
	struct signed_request request = {
	        .endpoint = &sts->endpoint,
	        .service = "sts",
	        .content_type = QUERY_CONTENT_TYPE,
	        .accept = QUERY_ACCEPT,
	        .body = sts->body,
	        .max_answer_bytes = ANSWER_MAX_BYTES,
	};
	int r;

	sts->sent_s = (int64_t)(clock_realtime_ns(clock->system) / NS_PER_S);
	request.time_s = sts->sent_s + clock->offset_s;
	r = signed_request_send(sts->parts.http, &request, sts->source, received, sts);
	if (r < 0) {
		fail_unsent(sts, r);
		return;
	}
	sts->sent++;
	sts->retry.attempts++;
}

static void retry_timer_fired(void *arg)
{
	send_attempt(arg);
}

static void profile_was_read(void *arg, enum status status, const struct profile_content *content)
{
	struct sts *sts = arg;
	enum endpoint_answer answer;

	if (status != STATUS_OK) {
		finish(sts, status, NULL); /* logged by the profile */
		return;
	}
	answer =
	        endpoint_choose(sts->parts.settings, content, AWS_STS, sts->region, &sts->endpoint);
	if (answer == ENDPOINT_FOUND) {
		send_attempt(sts);
		return;
	}
	log_event(sts->parts.log, LEVEL_ERROR, "STS endpoint",
	          "no AWS credentials: no STS endpoint in %s: %s", sts->region,
	          endpoint_answer_text(answer));
	finish(sts, STATUS_MISCONFIGURED, NULL);
}

static void region_found(void *arg, enum status status, const char *region)
{
	struct sts *sts = arg;

	if (status != STATUS_OK) {
		finish(sts, status, NULL); /* the log says which setting is missing */
		return;
	}
	snprintf(sts->region, sizeof(sts->region), "%s", region);
	profile_reader_ask(&sts->reader);
}

static void fail_later(struct loop_task *task)
{
	struct sts *sts = (struct sts *)((char *)task - offsetof(struct sts, fail));

	finish(sts, sts->failure, NULL);
}

struct sts *sts_new(const struct provider_parts *parts, const char *provider)
{
	struct sts *sts = calloc(1, sizeof(*sts));

	if (!sts)
		return NULL;
	if (loop_timer_new(parts->loop, retry_timer_fired, sts, &sts->timer) < 0) {
		free(sts);
		return NULL;
	}
	sts->parts = *parts;
	sts->provider = provider;
	sts->fail.run = fail_later;
	profile_reader_init(&sts->reader, parts->loop, parts->main_profile, profile_was_read, sts);
	retry_rules_init(&sts->rules, parts->settings, parts->main_profile, parts->log);
	retry_bucket_init(&sts->bucket);
	return sts;
}

void sts_free(struct sts *sts)
{
	if (!sts)
		return;
	loop_unpost(sts->parts.loop, &sts->fail);
	loop_timer_free(sts->timer);
	retry_rules_deinit(&sts->rules);
	profile_reader_deinit(&sts->reader);
	end_call(sts);
	free(sts);
}

void sts_assume(struct sts *sts, const struct sts_role *role, sts_fn done, void *arg)
{
	sts->done = done;
	sts->arg = arg;
	sts->by_token = role->token;
	sts->action = sts_request_action(role);
	sts->source = role->source ? credentials_ref(role->source) : NULL;
	sts->role = strdup(role->arn);
	sts->body = sts_request_body(role, clock_realtime_ns(sts->parts.clock) / NS_PER_S);
	sts->retry = (struct retry_state){0};
	sts->sent = 0;
	sts->time_corrected = false;
	retry_rules_complete(&sts->rules);
	if (sts->role && sts->body && region_get(sts->parts.region, region_found, sts) == 0)
		return;
	sts->failure = STATUS_NO_MEMORY;
	loop_post(sts->parts.loop, &sts->fail);
}
