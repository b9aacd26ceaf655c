/* The endpoints that calls went to, and how each has behaved: its bucket of retry tokens, its
 * clock, the rates of its operations, and whether it can be reached. So trouble with one is no
 * trouble with others.
 *
 * Threads: loop; what says so may be called on any.
 */
#ifndef ECRFS_ECR_PEER_H
#define ECRFS_ECR_PEER_H

#include "ecr/breaker.h"
#include "ecr/endpoint.h"
#include "ecr/retry.h"

#include <stdint.h>

struct api;
struct clock;
struct loop;
struct probe;
struct rate_queue;

struct peer {
	_Atomic(struct peer *) next;
	struct retry_bucket bucket;
	int64_t clock_offset_s;  /* what is added to our clock when a request is signed */
	struct peer_rate *rates; /* of operations, where they are limited */
	struct breaker breaker;
	struct probe *probe; /* owned; NULL: it was never needed */
	struct api *api;     /* whose calls go there; with the probe */
	char url[];
};

/* All of them, owned. */
struct peers {
	_Atomic(struct peer *) all; /* grows at its end, until peers_deinit() */
};

/* The one with this URL, new if need be, with the clock of `clock_offset_s`. Borrowed until
 * peers_deinit(). Answers 0 or -ENOMEM. */
int peers_get(struct peers *peers, const char *url, int64_t clock_offset_s, struct peer **ret_peer);
void peers_deinit(struct peers *peers);

/* The i-th, NULL when there are no more. Borrowed likewise. Threads: any. */
const struct peer *peers_at(const struct peers *peers, size_t i);

/* Its host, with its port unless that is the scheme's own. Threads: any. */
void peer_host(const struct peer *peer, char host[static ENDPOINT_URL_SIZE]);

/* The queue of an operation in the registry of an account, new if need be. Borrowed likewise.
 * Answers 0 or -ENOMEM. */
int peer_get_rate(struct peer *peer, struct loop *loop, const struct clock *clock,
                  const char *operation, const char *account, struct rate_queue **ret_queue);

#endif
