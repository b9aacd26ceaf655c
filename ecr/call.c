/* A call on its way to the server. */
#include "ecr/call.h"
#include "base/log.h"
#include "ecr/api_wire.h"
#include "ecr/chain.h"
#include "ecr/corrected_clock.h"
#include "ecr/credentials.h"
#include "ecr/identity.h"
#include "ecr/principal.h"
#include "ecr/principals.h"
#include "ecr/region.h"
#include "ecr/registry.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

void call_free(struct call *call)
{
	loop_unpost(call->api->parts.loop, &call->start);
	if (call->queue)
		rate_queue_leave(call->queue, &call->turn);
	credentials_unref(call->credentials);
	loop_timer_free(call->timer);
	free(call->name);
	free(call->body);
	free(call);
}

void call_finish(struct call *call, const struct api_answer *answer)
{
	DL_DELETE(call->api->calls, call);
	api_counts_add(&call->api->counts, call->subject.operation, answer->status,
	               clock_monotonic_ns(call->api->parts.clock) - call->started_ns);
	if (answer->status == STATUS_OK)
		standings_answered(&call->api->standings, call->subject.registry,
		                   call->endpoint.host);
	call->done(call->arg, answer);
	call_free(call);
}

void call_note_failure(struct call *call, enum status status, const char *code)
{
	struct standing failure = {.failure = status, .operation = call->subject.operation};

	snprintf(failure.host, sizeof(failure.host), "%s", call->endpoint.host);
	snprintf(failure.code, sizeof(failure.code), "%s", code);
	standings_failed(&call->api->standings, call->subject.registry, &failure);
}

void call_fail(struct call *call, enum status status)
{
	struct api_answer answer = {.status = status, .body = "", .request_id = ""};

	call_note_failure(call, status, "");
	call_finish(call, &answer);
}

static void fail_unsent(struct call *call, int error)
{
	struct log *log = call->api->parts.log;

	if (error == -ENOMEM) {
		call_fail(call, STATUS_NO_MEMORY);
	} else if (error == -EINVAL) {
		log_event(log, LEVEL_ERROR, "signing",
		          "the AWS credentials from %s cannot be used: key id or session token "
		          "has characters that no key has, such as line ends, or is too long",
		          credentials_provider(call->credentials));
		call_fail(call, STATUS_CREDENTIALS_REJECTED);
	} else {
		log_event(log, LEVEL_ERROR, "signing",
		          "a request could not be signed: OpenSSL failed");
		call_fail(call, STATUS_SERVER_ERROR);
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
	};
	int r;

	if (!attempt.account[0])
		attempt.account = identity_account(&call->principal->identity, call->credentials);
	call->names_registry = attempt.account;
	call->sent_s = (int64_t)(clock_realtime_ns(parts->clock) / NS_PER_S);
	call->sent_ns = clock_monotonic_ns(parts->clock);
	call->clock_offset_s = call->peer->clock_offset_s;
	attempt.time_s = call->sent_s + call->clock_offset_s;
	r = api_wire_send(call->principal->http, &attempt, call->credentials, call_received, call);
	if (r < 0) {
		fail_unsent(call, r);
		return;
	}
	call->sent++;
	api_counts_add_bytes(&call->api->counts, call->subject.operation, API_SENT,
	                     strlen(call->body));
	call->retry.attempts++;
}

static void credentials_found(void *arg, enum status status, struct credentials *credentials)
{
	struct call *call = arg;

	if (status != STATUS_OK) {
		call_fail(call, status); /* the chain has said why */
		return;
	}
	credentials_unref(call->credentials);
	call->credentials = credentials_ref(credentials);
	if (call_is_offline(call)) /* since they were asked for */
		call_fail_offline(call);
	else
		send_attempt(call);
}

static void find_credentials(struct call *call)
{
	if (chain_get(call->principal->chain, credentials_found, call) < 0)
		call_fail(call, STATUS_NO_MEMORY);
}

static void turn_came(struct rate_turn *turn)
{
	find_credentials((struct call *)((char *)turn - offsetof(struct call, turn)));
}

/* Answers 0 or -ENOMEM. */
static int find_queue(struct call *call)
{
	const struct api_parts *parts = &call->api->parts;

	if (!call->api->rules.adaptive || call->queue)
		return 0;
	return peer_get_rate(call->peer, parts->loop, parts->clock, call->subject.operation,
	                     call->subject.registry->account, &call->queue);
}

void call_send(struct call *call)
{
	if (call_is_offline(call)) {
		call_fail_offline(call);
	} else if (find_queue(call) < 0) {
		call_fail(call, STATUS_NO_MEMORY);
	} else if (!call->queue || rate_queue_enter(call->queue, &call->turn)) {
		find_credentials(call);
	} else {
		api_counts_add_event(&call->api->counts, call->subject.operation, API_DELAYED);
	}
}

static bool find_endpoint(struct call *call, const char *region)
{
	enum aws_service service = call->service == API_STS ? AWS_STS : AWS_ECR;
	enum endpoint_answer answer =
	        endpoint_choice_get(&call->principal->endpoints, service, call->subject.registry,
	                            region, &call->endpoint);

	if (answer == ENDPOINT_FOUND)
		return true;
	log_event(call->api->parts.log, LEVEL_ERROR, "endpoint", "no %s endpoint for %s in %s: %s",
	          endpoint_service_name(service), api_log_account(call->subject.registry), region,
	          endpoint_answer_text(answer));
	return false;
}

static void region_found(void *arg, enum status status, const char *region)
{
	struct call *call = arg;
	struct api *api = call->api;

	if (status != STATUS_OK)
		call_fail(call, status); /* the log says which setting is missing */
	else if (!find_endpoint(call, region))
		call_fail(call, STATUS_MISCONFIGURED);
	else if (peers_get(&api->peers, call->endpoint.url, api->parts.aws_clock->offset_s,
	                   &call->peer) < 0)
		call_fail(call, STATUS_NO_MEMORY);
	else
		call_send(call);
}

/* Where the registry's own name tells the region, nobody needs to be asked. */
static void principal_is_prepared(void *arg, enum status status)
{
	struct call *call = arg;

	if (status != STATUS_OK)
		call_fail(call, status); /* the log says why */
	else if (call->subject.registry->region[0])
		region_found(call, STATUS_OK, call->subject.registry->region);
	else if (region_get(call->principal->region, region_found, call) < 0)
		call_fail(call, STATUS_NO_MEMORY);
}

static void start(struct loop_task *task)
{
	principal_is_prepared((char *)task - offsetof(struct call, start), STATUS_OK);
}

struct call *call_new(struct api *api, const struct api_request *request, api_fn done, void *arg)
{
	struct call *call = calloc(1, sizeof(*call));

	if (!call || !request->body || !(call->name = strdup(request->subject))) {
		free(request->body);
		free(call);
		return NULL;
	}
	call->start.run = start;
	call->started_ns = clock_monotonic_ns(api->parts.clock);
	call->turn.go = turn_came;
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

int call_start(struct call *call)
{
	struct api *api = call->api;

	retry_rules_complete(&api->rules);
	call->principal = principals_of(api->parts.principals, call->subject.registry);
	if (!call->principal)
		return -ENOMEM;
	if (principal_is_ready(call->principal) && call->principal->trouble == STATUS_OK)
		loop_post(api->parts.loop, &call->start);
	else if (principal_prepare(call->principal, principal_is_prepared, call) < 0)
		return -ENOMEM;
	DL_APPEND(api->calls, call);
	return 0;
}
