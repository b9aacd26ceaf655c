/* What calls learn about their endpoint, and what becomes of them while nobody can be reached
 * there.
 *
 * When that is found out, the calls that wait for another attempt end: their turn comes at once,
 * and call_send() sends nothing. Those that are with the server go on: one of them may be answered.
 */
#include "ecr/call.h"
#include "ecr/principal.h"
#include "ecr/probe.h"

#include <stddef.h>
#include <utlist.h>

bool call_is_offline(const struct call *call)
{
	return breaker_reason(&call->peer->breaker) != STATUS_OK;
}

static void send_now(struct loop_task *task)
{
	call_send((struct call *)((char *)task - offsetof(struct call, start)));
}

/* Later, since they end: other modules are called then. */
static void wake_those_who_wait(struct api *api, const struct peer *peer)
{
	struct call *call;

	DL_FOREACH (api->calls, call) {
		if (call->peer != peer || (!call->backs_off && !call->turn.waiting))
			continue;
		if (call->backs_off)
			loop_timer_stop(call->timer);
		else
			rate_queue_leave(call->queue, &call->turn);
		call->backs_off = false;
		call->start.run = send_now;
		loop_post(api->parts.loop, &call->start);
	}
}

static void has_answered(const struct api *api, struct peer *peer)
{
	char host[ENDPOINT_URL_SIZE];
	uint64_t open_ns;

	if (!breaker_answered(&peer->breaker, api->parts.clock, &open_ns))
		return;
	probe_stop(peer->probe);
	peer_host(peer, host);
	api_log_recovered(api->parts.log, host, open_ns);
}

static void probe_answered(void *arg)
{
	struct peer *peer = arg;

	has_answered(peer->api, peer);
}

/* Without a probe nobody would find out that it is back. */
static bool has_probe(const struct call *call, struct peer *peer)
{
	peer->api = call->api;
	return peer->probe || probe_new(call->api->parts.loop, call->principal->http, peer->url,
	                                probe_answered, peer, &peer->probe) == 0;
}

static void has_failed(struct call *call, enum status status)
{
	struct api *api = call->api;
	struct peer *peer = call->peer;
	char host[ENDPOINT_URL_SIZE];

	if (!has_probe(call, peer) ||
	    !breaker_failed(&peer->breaker, status, call->sent_ns, api->parts.clock))
		return;
	peer_host(peer, host);
	api_log_offline(api->parts.log, host, status);
	probe_start(peer->probe);
	wake_those_who_wait(api, peer);
}

void call_learn_whether_offline(struct call *call, const struct http_answer *http)
{
	if (http->heard)
		has_answered(call->api, call->peer);
	else if (breaker_is_unreachable(http->status))
		has_failed(call, http->status);
	else if (breaker_is_contact(http->status))
		breaker_broke(&call->peer->breaker);
}
