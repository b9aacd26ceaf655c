/* One API call after the other:
 *
 *   region ─► credentials ─► sign ─► send ─► answer ─► done
 *                 ▲           ▲                │
 *                 │           └── wait ◄───────┤ retryable
 *                 └────────────────────────────┘ credentials refused: once with fresh ones
 */
#include "ecr/api.h"
#include "base/log.h"
#include "ecr/api_counts.h"
#include "ecr/api_log.h"
#include "ecr/api_wire.h"
#include "ecr/chain.h"
#include "ecr/credentials.h"
#include "ecr/error.h"
#include "ecr/identity.h"
#include "ecr/region.h"
#include "ecr/registry.h"
#include "ecr/retry.h"
#include "ecr/settings.h"
#include "net/loop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <utlist.h>

struct api {
	struct api_parts parts;
	struct retry_bucket bucket;
	struct api_counts counts;
	struct call *calls;
	bool closing;
};

struct call {
	struct call *prev, *next; /* in api->calls */
	struct loop_task start;
	struct api *api;
	enum api_service service;
	char *name;
	struct api_subject subject; /* borrows the name */
	char *body;
	size_t max_answer_bytes;
	bool may_be_denied, filter_may_be_refused;
	struct endpoint endpoint;
	struct credentials *credentials;
	struct loop_timer *timer;
	struct retry_state retry;
	bool refreshed;      /* fresh credentials were tried already */
	bool names_registry; /* the last attempt did */
	api_fn done;
	void *arg;
};

static void find_credentials(struct call *call);

int api_new(const struct api_parts *parts, struct api **ret_api)
{
	struct api *api = calloc(1, sizeof(*api));

	if (!api)
		return -ENOMEM;
	api->parts = *parts;
	retry_bucket_init(&api->bucket);
	*ret_api = api;
	return 0;
}

static void call_free(struct call *call)
{
	loop_unpost(call->api->parts.loop, &call->start);
	credentials_unref(call->credentials);
	loop_timer_free(call->timer);
	free(call->name);
	free(call->body);
	free(call);
}

static void finish(struct call *call, const struct api_answer *answer)
{
	DL_DELETE(call->api->calls, call);
	api_counts_add(&call->api->counts, call->subject.operation, answer->status);
	call->done(call->arg, answer);
	call_free(call);
}

static void fail(struct call *call, enum status status)
{
	struct api_answer answer = {.status = status, .body = "", .request_id = ""};

	finish(call, &answer);
}

void api_free(struct api *api)
{
	if (!api)
		return;
	api->closing = true;
	while (api->calls)
		fail(api->calls, STATUS_SERVER_ERROR);
	free(api);
}

void api_complain(struct api *api, const struct registry *registry, const char *operation,
                  const char *subject, const char *request_id, const char *what)
{
	struct api_subject about = {.registry = registry, .operation = operation, .name = subject};

	api_log_complaint(api->parts.log, &about, request_id, what);
}

/* Whether the failure is an answer that the caller can do with. */
static bool is_expected(const struct call *call, const struct api_answer *answer)
{
	return answer->status == STATUS_ABSENT ||
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
	        .attempts = call->retry.attempts,
	        .expected = is_expected(call, answer),
	};

	api_log_failure(call->api->parts.log, &call->subject, answer, &failure);
	finish(call, answer);
}

static void retry_timer_fired(void *arg)
{
	find_credentials(arg);
}

static uint32_t random_number(void)
{
	uint32_t number = UINT32_MAX / 2;

	/* Without entropy the waits are not spread: harmless. */
	if (getrandom(&number, sizeof(number), GRND_NONBLOCK) < 0)
		return UINT32_MAX / 2;
	return number;
}

/* Sends again later, if the retry rules allow. */
static bool try_again(struct call *call, bool timed_out)
{
	struct api *api = call->api;
	uint64_t wait_ns;

	if (!retry_again(&api->bucket, &call->retry, api->parts.settings->max_attempts, timed_out,
	                 random_number(), &wait_ns))
		return false;
	if (!call->timer &&
	    loop_timer_new(api->parts.loop, retry_timer_fired, call, &call->timer) < 0)
		return false;
	loop_timer_set(call->timer, wait_ns);
	return true;
}

/* Once per call: when the credentials may be replaced by others, tries with these. */
static bool try_other_credentials(struct call *call)
{
	if (call->refreshed || !chain_reject(call->api->parts.chain, call->credentials))
		return false;
	call->refreshed = true;
	find_credentials(call);
	return true;
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
	if (error.credentials_refused && try_other_credentials(call))
		return;
	if (error.retryable && try_again(call, false))
		return;
	answer.status = error.status;
	answer.invalid_parameter = error.invalid_parameter;
	answer.filter_refused = api_error_is_about_filter(&error, message);
	answer.repository_absent = error.repository_absent;
	answer.request_id = api_wire_header(http, "x-amzn-requestid");
	finish_failed(call, &answer, code, message);
}

/* No HTTP answer at all. A connection that failed or broke may work the next time; an answer that
 * was larger than allowed or garbled will be so again. */
static void receive_nothing(struct call *call, const struct http_answer *http)
{
	struct api_answer answer = {.status = http->status, .body = "", .request_id = ""};
	bool timed_out = http->status == STATUS_TIMED_OUT;
	bool transient = timed_out || http->status == STATUS_REFUSED ||
	                 http->status == STATUS_UNRESOLVED || http->status == STATUS_SERVER_ERROR;

	if (transient && try_again(call, timed_out))
		return;
	answer.oversized = http->oversized;
	finish_failed(call, &answer, "", http->error);
}

static void received(void *arg, const struct http_answer *http)
{
	struct call *call = arg;
	struct api_answer answer = {.status = STATUS_OK, .credentials = call->credentials};

	if (http->status != STATUS_OK) {
		receive_nothing(call, http);
		return;
	}
	if (http->code != 200) {
		receive_error(call, http);
		return;
	}
	retry_succeeded(&call->api->bucket, &call->retry);
	answer.body = http->body;
	answer.body_size = http->body_size;
	answer.request_id = api_wire_header(http, "x-amzn-requestid");
	api_log_success(call->api->parts.log, &call->subject, &answer);
	if (call->service == API_ECR && !call->names_registry)
		identity_learn_from_answer(call->api->parts.identity, call->credentials, http->body,
		                           http->body_size);
	finish(call, &answer);
}

static void fail_unsent(struct call *call, int error)
{
	struct log *log = call->api->parts.log;

	if (error == -ENOMEM) {
		fail(call, STATUS_NO_MEMORY);
	} else if (error == -EINVAL) {
		log_event(log, LEVEL_ERROR, "signing",
		          "the AWS credentials from %s cannot be used: key id or session token "
		          "has characters that no key has, such as line ends, or is too long",
		          credentials_provider(call->credentials));
		fail(call, STATUS_CREDENTIALS_REJECTED);
	} else {
		log_event(log, LEVEL_ERROR, "signing",
		          "a request could not be signed: OpenSSL failed");
		fail(call, STATUS_SERVER_ERROR);
	}
}

/* The registry is named by its account, else by that of the credentials where that is known. Each
 * attempt is signed anew: the date is part of the signature. */
static void send_attempt(struct call *call)
{
	const struct api_parts *parts = &call->api->parts;
	struct api_wire_call attempt = {
	        .service = call->service,
	        .operation = call->subject.operation,
	        .account = call->subject.registry->account,
	        .body = call->body,
	        .max_answer_bytes = call->max_answer_bytes,
	        .endpoint = &call->endpoint,
	        .time_s = (int64_t)(clock_realtime_ns(parts->clock) / NS_PER_S),
	};
	int r;

	if (!attempt.account[0])
		attempt.account = identity_account(parts->identity, call->credentials);
	call->names_registry = attempt.account;
	r = api_wire_send(parts->http, &attempt, call->credentials, received, call);
	if (r == 0)
		call->retry.attempts++;
	else
		fail_unsent(call, r);
}

static void credentials_found(void *arg, enum status status, struct credentials *credentials)
{
	struct call *call = arg;

	if (status != STATUS_OK) {
		fail(call, status); /* the chain has said why */
		return;
	}
	credentials_unref(call->credentials);
	call->credentials = credentials_ref(credentials);
	send_attempt(call);
}

static void find_credentials(struct call *call)
{
	if (chain_get(call->api->parts.chain, credentials_found, call) < 0)
		fail(call, STATUS_NO_MEMORY);
}

static void region_found(void *arg, enum status status, const char *region)
{
	struct call *call = arg;
	enum endpoint_answer answer;

	if (status != STATUS_OK) {
		fail(call, status); /* the log says which setting is missing */
		return;
	}
	answer = api_wire_find_endpoint(call->service, call->subject.registry, region,
	                                call->api->parts.settings, &call->endpoint);
	if (answer != ENDPOINT_FOUND) {
		log_event(call->api->parts.log, LEVEL_ERROR, "endpoint",
		          "no %s endpoint for %s in %s: %s",
		          call->service == API_STS ? "STS" : "ECR",
		          api_log_account(call->subject.registry), region,
		          endpoint_answer_text(answer));
		fail(call, STATUS_MISCONFIGURED);
		return;
	}
	find_credentials(call);
}

/* The registry's own name tells the region: nobody needs to be asked. */
static void start_with_own_region(struct loop_task *task)
{
	struct call *call = (struct call *)((char *)task - offsetof(struct call, start));

	region_found(call, STATUS_OK, call->subject.registry->region);
}

static struct call *call_new(struct api *api, const struct api_request *request, api_fn done,
                             void *arg)
{
	struct call *call = calloc(1, sizeof(*call));

	if (!call || !request->body || !(call->name = strdup(request->subject))) {
		free(request->body);
		free(call);
		return NULL;
	}
	call->start.run = start_with_own_region;
	call->api = api;
	call->service = request->service;
	call->subject = (struct api_subject){
	        .registry = request->registry,
	        .operation = request->operation,
	        .name = call->name,
	};
	call->body = request->body;
	call->max_answer_bytes = request->max_answer_bytes;
	call->may_be_denied = request->may_be_denied;
	call->filter_may_be_refused = request->filter_may_be_refused;
	call->done = done;
	call->arg = arg;
	return call;
}

const struct api_counts *api_counted(const struct api *api)
{
	return &api->counts;
}

int api_call(struct api *api, const struct api_request *request, api_fn done, void *arg)
{
	struct call *call;

	if (api->closing) {
		free(request->body);
		return -ECANCELED;
	}
	call = call_new(api, request, done, arg);
	if (!call)
		return -ENOMEM;
	if (request->registry->region[0]) {
		loop_post(api->parts.loop, &call->start);
	} else if (region_get(api->parts.region, region_found, call) < 0) {
		call_free(call);
		return -ENOMEM;
	}
	DL_APPEND(api->calls, call);
	return 0;
}
