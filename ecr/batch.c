/* Questions by id, and whose turn it is. */
#include "ecr/batch.h"
#include "ecr/api.h"
#include "ecr/batch_kind.h"
#include "ecr/batch_queue.h"
#include "ecr/batcher.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#define GATHERING_MAX_NS (25 * NS_PER_MS)

static void dispatch(struct loop_task *task);
static void gathered(void *arg);

int batcher_new(struct loop *loop, struct api *api, unsigned max_calls,
                struct batcher **ret_batcher)
{
	struct batcher *batcher = calloc(1, sizeof(*batcher));

	if (!batcher)
		return -ENOMEM;
	batcher->loop = loop;
	batcher->api = api;
	batcher->max_calls = max_calls;
	batcher->dispatch.run = dispatch;
	if (loop_timer_new(loop, gathered, batcher, &batcher->gathered) < 0) {
		free(batcher);
		return -ENOMEM;
	}
	*ret_batcher = batcher;
	return 0;
}

void batcher_free(struct batcher *batcher)
{
	struct batch_queue *queue, *next;

	if (!batcher)
		return;
	batcher->closing = true;
	loop_unpost(batcher->loop, &batcher->dispatch);
	loop_timer_free(batcher->gathered);
	DL_FOREACH_SAFE (batcher->queues, queue, next) {
		batch_call_fail(queue->kind, queue->questions, STATUS_SERVER_ERROR);
		free(queue);
	}
	free(batcher);
}

/* Where the calls of one repository hang, the others still have `max_calls` calls among them. */
bool batcher_may_send(const struct batcher *batcher, const struct registry *registry,
                      const char *repository)
{
	return batcher->calls < batcher->max_calls ||
	       (batcher->calls < 2 * batcher->max_calls &&
	        !batch_call_is_in_flight(batcher, registry, repository));
}

/* How long questions wait for others. What costs a reader a few milliseconds more saves a call. */
static uint64_t gathering_ns(const struct batcher *batcher)
{
	uint64_t ns = api_usual_ns(batcher->api) / 8;

	return ns < GATHERING_MAX_NS ? ns : GATHERING_MAX_NS;
}

/* Whether nothing would be gained if the queue waited for more questions. */
static bool is_gathered(const struct batcher *batcher, const struct batch_queue *queue)
{
	return queue->is_due || queue->is_half || queue->n >= BATCH_MAX_IDS ||
	       !gathering_ns(batcher) ||
	       !batch_call_is_in_flight(batcher, queue->registry, queue->repository);
}

/* The queue that has waited longest for its turn, of those that may have one; or NULL.
 * `ret_gathers`: others only wait for more questions. */
static struct batch_queue *next_queue(const struct batcher *batcher, bool *ret_gathers)
{
	struct batch_queue *queue;

	*ret_gathers = false;
	DL_FOREACH (batcher->queues, queue) {
		if (!batcher_may_send(batcher, queue->registry, queue->repository))
			continue;
		if (is_gathered(batcher, queue))
			return queue;
		*ret_gathers = true;
	}
	return NULL;
}

void batcher_post_dispatch(struct batcher *batcher)
{
	if (batcher->dispatch_posted || !batcher->queues ||
	    batcher->calls >= 2 * batcher->max_calls)
		return;
	batcher->dispatch_posted = true;
	loop_post(batcher->loop, &batcher->dispatch);
}

/* The queue that such a question joins. */
static struct batch_queue *queue_of(struct batcher *batcher, const struct batch_kind *kind,
                                    const struct registry *registry, const char *repository)
{
	struct batch_queue *queue = batch_queue_find(batcher->queues, kind, registry, repository);

	if (queue)
		return queue;
	queue = batch_queue_new(kind, registry, repository);
	if (queue)
		DL_APPEND(batcher->queues, queue);
	return queue;
}

int batcher_ask(struct batcher *batcher, const struct batch_kind *kind,
                const struct registry *registry, const char *repository, const char *id,
                union batch_fn done, void *arg)
{
	struct batch_question *question;
	struct batch_queue *queue;

	if (batcher->closing)
		return -ECANCELED;
	question = calloc(1, sizeof(*question) + strlen(id) + 1);
	queue = question ? queue_of(batcher, kind, registry, repository) : NULL;
	if (!queue) {
		free(question);
		return -ENOMEM;
	}
	strcpy(question->id, id);
	question->done = done;
	question->arg = arg;
	batch_queue_append(queue, question);
	batcher_post_dispatch(batcher);
	return 0;
}

/* One call for the queue whose turn it is; what is left of the queue goes to the end of the line.
 */
static void dispatch_queue(struct batcher *batcher, struct batch_queue *queue)
{
	struct batch_question *questions = batch_queue_take(queue, BATCH_MAX_IDS);

	DL_DELETE(batcher->queues, queue);
	if (queue->questions)
		DL_APPEND(batcher->queues, queue);
	batch_call_send(batcher, queue->kind, queue->registry, queue->repository, questions);
	if (!queue->questions)
		free(queue);
}

static void dispatch(struct loop_task *task)
{
	struct batcher *batcher =
	        (struct batcher *)((char *)task - offsetof(struct batcher, dispatch));
	struct batch_queue *queue;
	bool gathers;

	batcher->dispatch_posted = false;
	while ((queue = next_queue(batcher, &gathers)))
		dispatch_queue(batcher, queue);
	if (gathers && !batcher->gathers)
		loop_timer_set(batcher->gathered, gathering_ns(batcher));
	batcher->gathers |= gathers;
}

static void gathered(void *arg)
{
	struct batcher *batcher = arg;
	struct batch_queue *queue;

	batcher->gathers = false;
	DL_FOREACH (batcher->queues, queue) {
		queue->is_due = true;
	}
	batcher_post_dispatch(batcher);
}
