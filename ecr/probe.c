/* A timer and a request, one after the other. */
#include "ecr/probe.h"
#include "base/clock.h"
#include "base/random.h"
#include "ecr/breaker.h"
#include "net/http.h"
#include "net/loop.h"

#include <errno.h>
#include <stdlib.h>

/* An answer that takes longer is no sign that calls would be answered. */
#define LIMIT_NS (10 * NS_PER_S)

/* Enough for any error page; more of it is not read. */
#define MAX_ANSWER_BYTES (64 << 10)

struct probe {
	struct http *http;
	const char *url;
	probe_fn answered;
	void *arg;
	struct loop_timer *timer;
	unsigned tries; /* since it was started */
	bool running;
	bool asking; /* a request is under way, maybe one from before it was stopped */
};

static void wait_and_ask(struct probe *probe)
{
	loop_timer_set(probe->timer, breaker_wait_ns(probe->tries++, random_spread()));
}

static void received(void *arg, const struct http_answer *http)
{
	struct probe *probe = arg;

	probe->asking = false;
	if (!probe->running)
		return;
	if (!http->heard) {
		wait_and_ask(probe);
		return;
	}
	probe->running = false;
	probe->answered(probe->arg);
}

static void ask(void *arg)
{
	struct probe *probe = arg;
	struct http_request request = {
	        .url = probe->url,
	        .max_answer_bytes = MAX_ANSWER_BYTES,
	        .limit_ns = LIMIT_NS,
	};

	if (http_send(probe->http, &request, received, probe) < 0)
		wait_and_ask(probe);
	else
		probe->asking = true;
}

int probe_new(struct loop *loop, struct http *http, const char *url, probe_fn answered, void *arg,
              struct probe **ret_probe)
{
	struct probe *probe = calloc(1, sizeof(*probe));

	if (!probe || loop_timer_new(loop, ask, probe, &probe->timer) < 0) {
		free(probe);
		return -ENOMEM;
	}
	probe->http = http;
	probe->url = url;
	probe->answered = answered;
	probe->arg = arg;
	*ret_probe = probe;
	return 0;
}

void probe_free(struct probe *probe)
{
	if (!probe)
		return;
	loop_timer_free(probe->timer);
	free(probe);
}

void probe_start(struct probe *probe)
{
	probe->running = true;
	probe->tries = 0;
	if (!probe->asking)
		wait_and_ask(probe);
}

void probe_stop(struct probe *probe)
{
	probe->running = false;
	loop_timer_stop(probe->timer);
}
