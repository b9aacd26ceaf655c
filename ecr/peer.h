/* The endpoints that calls went to, and how each has behaved: its bucket of retry tokens, its
 * clock, and the rates of its operations. So trouble with one is no trouble with others.
 *
 * Threads: loop.
 */
#ifndef ECRFS_ECR_PEER_H
#define ECRFS_ECR_PEER_H

#include "ecr/retry.h"

#include <stdint.h>

struct clock;
struct loop;
struct rate_queue;

struct peer {
	struct peer *next;
	struct retry_bucket bucket;
	int64_t clock_offset_s;  /* what is added to our clock when a request is signed */
	struct peer_rate *rates; /* of operations, where they are limited */
	char url[];
};

/* All of them, owned. */
struct peers {
	struct peer *all;
};

/* The one with this URL, new if need be, with the clock of `clock_offset_s`. Borrowed until
 * peers_deinit(). Answers 0 or -ENOMEM. */
int peers_get(struct peers *peers, const char *url, int64_t clock_offset_s, struct peer **ret_peer);
void peers_deinit(struct peers *peers);

/* The queue of an operation in the registry of an account, new if need be. Borrowed likewise.
 * Answers 0 or -ENOMEM. */
int peer_get_rate(struct peer *peer, struct loop *loop, const struct clock *clock,
                  const char *operation, const char *account, struct rate_queue **ret_queue);

#endif
