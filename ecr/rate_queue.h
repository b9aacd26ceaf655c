/* Attempts of one operation in one registry, which wait in order until the rate limit lets them
 * be sent.
 *
 * Threads: loop.
 */
#ifndef ECRFS_ECR_RATE_QUEUE_H
#define ECRFS_ECR_RATE_QUEUE_H

#include "base/clock.h"

#include <stdbool.h>

struct loop;
struct rate_queue;

/* A place in the queue, embedded in what waits. */
struct rate_turn {
	void (*go)(struct rate_turn *turn); /* its turn has come; not called inside enter */
	struct rate_turn *prev, *next;
	bool waiting;
};

/* Borrows both. Answers 0 or -ENOMEM. */
int rate_queue_new(struct loop *loop, const struct clock *clock, struct rate_queue **ret_queue);

/* Nobody may be waiting any more. Accepts NULL. */
void rate_queue_free(struct rate_queue *queue);

/* Answers true when the attempt may be sent now; else turn->go() follows. */
bool rate_queue_enter(struct rate_queue *queue, struct rate_turn *turn);

/* It does not want to any more. Does nothing when it is not waiting. */
void rate_queue_leave(struct rate_queue *queue, struct rate_turn *turn);

/* An attempt has ended. Those that wait go sooner or later for it. */
void rate_queue_answered(struct rate_queue *queue, bool throttled);

#endif
