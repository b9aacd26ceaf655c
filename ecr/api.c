/* One API call after the other:
 *
 *   region ─► credentials ─► sign ─► send ─► answer ─► done
 *                 ▲           ▲                │
 *                 │           └── wait ◄───────┤ retryable
 *                 └────────────────────────────┘ credentials refused: once with fresh ones
 */
#include "ecr/api.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "ecr/chain.h"
#include "ecr/credentials.h"
#include "ecr/endpoint.h"
#include "ecr/error.h"
#include "ecr/json.h"
#include "ecr/region.h"
#include "ecr/registry.h"
#include "ecr/retry.h"
#include "ecr/settings.h"
#include "ecr/sigv4.h"
#include "net/http.h"
#include "net/loop.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <utlist.h>

#define CONTENT_TYPE  "application/x-amz-json-1.1"
#define TARGET_PREFIX "AmazonEC2ContainerRegistry_V20150921."
#define MAX_HEADERS   8

struct api {
	struct loop *loop;
	const struct clock *clock;
	struct log *log;
	struct http *http;
	struct chain *chain;
	struct region *region;
	const struct aws_settings *settings;
	struct retry_bucket bucket;
	struct call *calls;
	bool closing;
};

struct call {
	struct call *prev, *next; /* in api->calls */
	struct loop_task start;
	struct api *api;
	const struct registry *registry;
	const char *operation;
	char *subject;
	char *body;
	size_t max_answer_bytes;
	struct endpoint endpoint;
	struct credentials *credentials;
	struct loop_timer *timer;
	struct retry_state retry;
	bool refreshed; /* fresh credentials were tried already */
	api_fn done;
	void *arg;
};

static void find_credentials(struct call *call);

int api_new(struct loop *loop, const struct clock *clock, struct log *log, struct http *http,
            struct chain *chain, struct region *region, const struct aws_settings *settings,
            struct api **ret_api)
{
	struct api *api = calloc(1, sizeof(*api));

	if (!api)
		return -ENOMEM;
	*api = (struct api){
	        .loop = loop,
	        .clock = clock,
	        .log = log,
	        .http = http,
	        .chain = chain,
	        .region = region,
	        .settings = settings,
	};
	retry_bucket_init(&api->bucket);
	*ret_api = api;
	return 0;
}

static void call_free(struct call *call)
{
	loop_unpost(call->api->loop, &call->start);
	credentials_unref(call->credentials);
	loop_timer_free(call->timer);
	free(call->subject);
	free(call->body);
	free(call);
}

static void finish(struct call *call, const struct api_answer *answer)
{
	DL_DELETE(call->api->calls, call);
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

static const char *account_of(const struct registry *registry)
{
	return registry->account[0] ? registry->account : "default";
}

/* The subject as a path below the mount point: registry, and repository where there is one. */
static const char *slash(const char *subject)
{
	return subject[0] ? "/" : "";
}

void api_complain(struct api *api, const struct registry *registry, const char *operation,
                  const char *subject, const char *request_id, const char *what)
{
	char key[256];

	snprintf(key, sizeof(key), "%s %s %s", operation, account_of(registry), what);
	log_event(api->log, LEVEL_ERROR, key, "%s of %s%s%s: %s%s%s", operation,
	          account_of(registry), slash(subject), subject, what,
	          request_id[0] ? ", request id " : "", request_id);
}

/* The one line about a call that failed for good. */
static void log_failure(const struct call *call, enum status status, const char *code,
                        const char *message, const char *request_id)
{
	enum level level = status == STATUS_ABSENT ? LEVEL_DEBUG : LEVEL_ERROR;
	char key[256];

	snprintf(key, sizeof(key), "%s %s %s %d", call->operation, account_of(call->registry), code,
	         (int)status);
	log_event(call->api->log, level, key,
	          "%s of %s%s%s at %s failed: %s (%s%s%s) after %u attempt%s%s%s", call->operation,
	          account_of(call->registry), slash(call->subject), call->subject,
	          call->endpoint.host, status_text(status), code, code[0] && message[0] ? ": " : "",
	          message, call->retry.attempts, call->retry.attempts == 1 ? "" : "s",
	          request_id[0] ? ", request id " : "", request_id);
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

	if (!retry_again(&api->bucket, &call->retry, api->settings->max_attempts, timed_out,
	                 random_number(), &wait_ns))
		return false;
	if (!call->timer && loop_timer_new(api->loop, retry_timer_fired, call, &call->timer) < 0)
		return false;
	loop_timer_set(call->timer, wait_ns);
	return true;
}

/* Once per call: when the credentials may be replaced by others, tries with these. */
static bool try_other_credentials(struct call *call)
{
	if (call->refreshed || !chain_reject(call->api->chain, call->credentials))
		return false;
	call->refreshed = true;
	find_credentials(call);
	return true;
}

static const char *header_or_empty(const struct http_answer *http, const char *name)
{
	const char *value = http_answer_header(http, name);

	return value ? value : "";
}

static void receive_error(struct call *call, const struct http_answer *http)
{
	struct api_answer answer = {.body = ""};
	char code[JSON_CODE_SIZE], message[JSON_MESSAGE_SIZE];
	struct api_error error;

	json_read_error(http->body, http->body_size, code, message);
	if (!code[0])
		api_error_copy_code(header_or_empty(http, "x-amzn-errortype"), code, sizeof(code));
	error = api_error_of(code, http->code);
	if (!code[0])
		snprintf(code, sizeof(code), "HTTP %ld", http->code);
	if (error.credentials_refused && try_other_credentials(call))
		return;
	if (error.retryable && try_again(call, false))
		return;
	answer.status = error.status;
	answer.invalid_parameter = error.invalid_parameter;
	answer.repository_absent = error.repository_absent;
	answer.request_id = header_or_empty(http, "x-amzn-requestid");
	log_failure(call, answer.status, code, message, answer.request_id);
	finish(call, &answer);
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
	log_failure(call, http->status, "", http->error, "");
	finish(call, &answer);
}

static void received(void *arg, const struct http_answer *http)
{
	struct call *call = arg;
	struct api_answer answer = {.status = STATUS_OK};

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
	answer.request_id = header_or_empty(http, "x-amzn-requestid");
	log_write(call->api->log, LEVEL_DEBUG, "%s of %s%s%s: %zu bytes, request id %s",
	          call->operation, account_of(call->registry), slash(call->subject), call->subject,
	          http->body_size, answer.request_id);
	finish(call, &answer);
}

static void wipe_string(char **text)
{
	if (*text)
		explicit_bzero(*text, strlen(*text));
	free(*text);
}

/* Sends the signed request. Answers 0 or -ENOMEM. */
static int send_signed(struct call *call, const char *target,
                       const struct sigv4_signature *signature)
{
	const char *token = credentials_session_token(call->credentials);
	CLEANUP(wipe_string) char *token_header = NULL;
	char target_header[160], date_header[64], authorization[SIGV4_AUTHORIZATION_SIZE + 32];
	const char *headers[MAX_HEADERS] = {"Content-Type: " CONTENT_TYPE, "Expect:"};
	struct http_request request = {
	        .url = call->endpoint.url,
	        .headers = headers,
	        .body = call->body,
	        .body_size = strlen(call->body),
	        .max_answer_bytes = call->max_answer_bytes,
	};

	snprintf(target_header, sizeof(target_header), "X-Amz-Target: %s", target);
	snprintf(date_header, sizeof(date_header), "X-Amz-Date: %s", signature->date);
	snprintf(authorization, sizeof(authorization), "Authorization: %s",
	         signature->authorization);
	headers[2] = target_header;
	headers[3] = date_header;
	headers[4] = authorization;
	if (token && asprintf(&token_header, "X-Amz-Security-Token: %s", token) < 0)
		return -ENOMEM;
	headers[5] = token_header;
	return http_send(call->api->http, &request, received, call);
}

static void fail_unsent(struct call *call, int error)
{
	if (error == -ENOMEM) {
		fail(call, STATUS_NO_MEMORY);
	} else if (error == -EINVAL) {
		log_event(call->api->log, LEVEL_ERROR, "signing",
		          "the AWS credentials from %s cannot be used: key id or session token "
		          "has characters that no key has, such as line ends, or is too long",
		          credentials_provider(call->credentials));
		fail(call, STATUS_CREDENTIALS_REJECTED);
	} else {
		log_event(call->api->log, LEVEL_ERROR, "signing",
		          "a request could not be signed: OpenSSL failed");
		fail(call, STATUS_SERVER_ERROR);
	}
}

/* Each attempt is signed anew: the date is part of the signature. */
static void send_attempt(struct call *call)
{
	struct api *api = call->api;
	char target[128];
	struct sigv4_request request = {
	        .service = "ecr",
	        .region = call->endpoint.region,
	        .host = call->endpoint.host,
	        .content_type = CONTENT_TYPE,
	        .target = target,
	        .body = call->body,
	        .body_size = strlen(call->body),
	        .time_s = (int64_t)(clock_realtime_ns(api->clock) / NS_PER_S),
	};
	struct sigv4_signature signature;
	int r;

	snprintf(target, sizeof(target), TARGET_PREFIX "%s", call->operation);
	r = sigv4_sign(&request, call->credentials, &signature);
	if (r == 0)
		r = send_signed(call, target, &signature);
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
	if (chain_get(call->api->chain, credentials_found, call) < 0)
		fail(call, STATUS_NO_MEMORY);
}

static void region_found(void *arg, enum status status, const char *region)
{
	struct call *call = arg;
	const struct aws_settings *settings = call->api->settings;
	enum endpoint_answer answer;

	if (status != STATUS_OK) {
		fail(call, status); /* the log says which setting is missing */
		return;
	}
	answer = endpoint_resolve(region, settings->use_fips_endpoint || call->registry->fips,
	                          settings->use_dualstack_endpoint || call->registry->dualstack,
	                          settings->endpoint_url, &call->endpoint);
	if (answer != ENDPOINT_FOUND) {
		log_event(call->api->log, LEVEL_ERROR, "endpoint",
		          "no ECR endpoint for %s in %s: %s", account_of(call->registry), region,
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

	region_found(call, STATUS_OK, call->registry->region);
}

static struct call *call_new(struct api *api, const struct api_request *request, api_fn done,
                             void *arg)
{
	struct call *call = calloc(1, sizeof(*call));

	if (!call || !request->body || !(call->subject = strdup(request->subject))) {
		free(request->body);
		free(call);
		return NULL;
	}
	call->start.run = start_with_own_region;
	call->api = api;
	call->registry = request->registry;
	call->operation = request->operation;
	call->body = request->body;
	call->max_answer_bytes = request->max_answer_bytes;
	call->done = done;
	call->arg = arg;
	return call;
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
	if (call->registry->region[0]) {
		loop_post(api->loop, &call->start);
	} else if (region_get(api->region, region_found, call) < 0) {
		call_free(call);
		return -ENOMEM;
	}
	DL_APPEND(api->calls, call);
	return 0;
}
