/* What its two halves share: ecr/batch.c, questions and turns, and ecr/batch_call.c, the calls.
 * Inside of ecr/batch. Threads: loop.
 */
#ifndef ECRFS_ECR_BATCHER_H
#define ECRFS_ECR_BATCHER_H

#include "ecr/batch.h"
#include "net/loop.h"

#include <stdbool.h>

struct batch;
struct batch_question;
struct batch_queue;

struct batcher {
	struct loop *loop;
	struct api *api;
	unsigned max_calls;
	unsigned calls;        /* in flight */
	struct batch *batches; /* these calls */
	struct batch_queue *queues;
	struct loop_task dispatch;
	bool dispatch_posted;
	struct loop_timer *gathered;
	bool gathers; /* the timer is set */
	bool closing;
};

/* Whether another call of the repository may go out now. */
bool batcher_may_send(const struct batcher *batcher, const struct registry *registry,
                      const char *repository);

/* Calls go out on the next turn of the loop: what is asked in this one gathers. */
void batcher_post_dispatch(struct batcher *batcher);

/* Sends a call for these questions, which it takes; answers them at once when that fails. */
void batch_call_send(struct batcher *batcher, const struct batch_kind *kind,
                     const struct registry *registry, const char *repository,
                     struct batch_question *questions);

/* Whether a call of the repository is in flight. */
bool batch_call_is_in_flight(const struct batcher *batcher, const struct registry *registry,
                             const char *repository);

/* Answers all these questions so, and frees them. */
void batch_call_fail(const struct batch_kind *kind, struct batch_question *questions,
                     enum status status);

#endif
