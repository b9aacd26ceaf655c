/* Two levels of lists: there are few endpoints, and few operations. */
#include "ecr/peer.h"
#include "ecr/probe.h"
#include "ecr/rate_queue.h"
#include "ecr/registry.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

struct peer_rate {
	struct peer_rate *next;
	const char *operation; /* static */
	char account[REGISTRY_ACCOUNT_DIGITS + 1];
	struct rate_queue *queue;
};

int peers_get(struct peers *peers, const char *url, int64_t clock_offset_s, struct peer **ret_peer)
{
	size_t size = strlen(url) + 1;
	struct peer *peer;

	LL_FOREACH (peers->all, peer) {
		if (strcmp(peer->url, url) == 0)
			break;
	}
	if (!peer) {
		peer = calloc(1, sizeof(*peer) + size);
		if (!peer)
			return -ENOMEM;
		memcpy(peer->url, url, size);
		retry_bucket_init(&peer->bucket);
		peer->clock_offset_s = clock_offset_s;
		LL_APPEND(peers->all, peer);
	}
	*ret_peer = peer;
	return 0;
}

static void peer_free(struct peer *peer)
{
	struct peer_rate *rate, *next;

	LL_FOREACH_SAFE(peer->rates, rate, next)
	{
		rate_queue_free(rate->queue);
		free(rate);
	}
	probe_free(peer->probe);
	free(peer);
}

void peers_deinit(struct peers *peers)
{
	struct peer *peer, *next;

	LL_FOREACH_SAFE(peers->all, peer, next)
	{
		peer_free(peer);
	}
	peers->all = NULL;
}

const struct peer *peers_at(const struct peers *peers, size_t i)
{
	const struct peer *peer = peers->all;

	while (peer && i--)
		peer = peer->next;
	return peer;
}

void peer_host(const struct peer *peer, char host[static ENDPOINT_URL_SIZE])
{
	const char *scheme_end = strstr(peer->url, "://");
	const char *from = scheme_end ? scheme_end + strlen("://") : peer->url;

	snprintf(host, ENDPOINT_URL_SIZE, "%.*s", (int)strcspn(from, "/"), from);
}

static int add_rate(struct peer *peer, struct loop *loop, const struct clock *clock,
                    const char *operation, const char *account, struct peer_rate **ret_rate)
{
	struct peer_rate *rate = calloc(1, sizeof(*rate));

	if (!rate || rate_queue_new(loop, clock, &rate->queue) < 0) {
		free(rate);
		return -ENOMEM;
	}
	rate->operation = operation;
	snprintf(rate->account, sizeof(rate->account), "%s", account);
	LL_PREPEND(peer->rates, rate);
	*ret_rate = rate;
	return 0;
}

int peer_get_rate(struct peer *peer, struct loop *loop, const struct clock *clock,
                  const char *operation, const char *account, struct rate_queue **ret_queue)
{
	struct peer_rate *rate;
	int r = 0;

	LL_FOREACH (peer->rates, rate) {
		if (strcmp(rate->operation, operation) == 0 && strcmp(rate->account, account) == 0)
			break;
	}
	if (!rate)
		r = add_rate(peer, loop, clock, operation, account, &rate);
	if (r == 0)
		*ret_queue = rate->queue;
	return r;
}
