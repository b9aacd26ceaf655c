/* Questions by id, whose turn it is, and the calls they become. */
#include "ecr/batch.h"
#include "base/cleanup.h"
#include "ecr/api.h"
#include "ecr/batch_kind.h"
#include "ecr/batch_queue.h"
#include "ecr/json.h"
#include "net/loop.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <utlist.h>

#define GATHERING_MAX_NS (25 * NS_PER_MS)

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

/* One call in flight. */
struct batch {
	struct batch *prev, *next; /* in batcher->batches */
	struct batcher *batcher;
	const struct batch_kind *kind;
	const struct registry *registry;
	struct batch_question *questions;
	size_t n;
	const char *request_id; /* while its answer is taken apart */
	char repository[];
};

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

static void hand_out_all(const struct batch_kind *kind, struct batch_question *questions)
{
	struct batch_question *question, *next;

	LL_FOREACH_SAFE(questions, question, next)
	{
		kind->hand_out(question);
		free(question);
	}
}

static void fail_all(const struct batch_kind *kind, struct batch_question *questions,
                     enum status status)
{
	struct batch_question *question;

	LL_FOREACH (questions, question) {
		question->status = status;
		question->record = NULL;
	}
	hand_out_all(kind, questions);
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
		fail_all(queue->kind, queue->questions, STATUS_SERVER_ERROR);
		free(queue);
	}
	free(batcher);
}

static bool has_call(const struct batcher *batcher, const struct registry *registry,
                     const char *repository)
{
	const struct batch *batch;

	DL_FOREACH (batcher->batches, batch) {
		if (batch->registry == registry && strcmp(batch->repository, repository) == 0)
			return true;
	}
	return false;
}

/* Where the calls of one repository hang, the others still have `max_calls` calls among them. */
static bool may_send(const struct batcher *batcher, const struct registry *registry,
                     const char *repository)
{
	return batcher->calls < batcher->max_calls || (batcher->calls < 2 * batcher->max_calls &&
	                                               !has_call(batcher, registry, repository));
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
	       !gathering_ns(batcher) || !has_call(batcher, queue->registry, queue->repository);
}

/* The queue that has waited longest for its turn, of those that may have one; or NULL.
 * `ret_gathers`: others only wait for more questions. */
static struct batch_queue *next_queue(const struct batcher *batcher, bool *ret_gathers)
{
	struct batch_queue *queue;

	*ret_gathers = false;
	DL_FOREACH (batcher->queues, queue) {
		if (!may_send(batcher, queue->registry, queue->repository))
			continue;
		if (is_gathered(batcher, queue))
			return queue;
		*ret_gathers = true;
	}
	return NULL;
}

/* Calls go out on the next turn of the loop: what is asked in this one gathers. */
static void post_dispatch(struct batcher *batcher)
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
	post_dispatch(batcher);
	return 0;
}

static void complain(void *arg, const char *id, const char *what)
{
	struct batch *batch = arg;
	CLEANUP(free_string) char *subject = NULL;

	if (asprintf(&subject, "%s%s%s", batch->repository, batch->repository[0] ? "@" : "", id) <
	    0)
		subject = NULL;
	api_complain(batch->batcher->api, batch->registry, batch->kind->operation,
	             subject ? subject : id, batch->request_id, what);
}

static void answered(void *arg, const struct api_answer *answer);

static void in_flight(struct batch *batch)
{
	DL_APPEND(batch->batcher->batches, batch);
	batch->batcher->calls++;
}

static void not_in_flight(struct batch *batch)
{
	DL_DELETE(batch->batcher->batches, batch);
	batch->batcher->calls--;
}

/* Sends a call for these questions, which it takes; answers them at once when that fails. */
static void send_batch(struct batcher *batcher, const struct batch_kind *kind,
                       const struct registry *registry, const char *repository,
                       struct batch_question *questions)
{
	struct batch *batch = calloc(1, sizeof(*batch) + strlen(repository) + 1);
	const char *ids[BATCH_MAX_IDS];
	struct api_request request = {
	        .registry = registry,
	        .operation = kind->operation,
	        .subject = repository,
	        .max_answer_bytes = kind->max_answer_bytes,
	};
	struct batch_question *question;

	if (!batch) {
		fail_all(kind, questions, STATUS_NO_MEMORY);
		return;
	}
	batch->batcher = batcher;
	batch->kind = kind;
	batch->registry = registry;
	batch->questions = questions;
	strcpy(batch->repository, repository);
	LL_FOREACH (questions, question) {
		ids[batch->n++] = question->id;
	}
	request.body = kind->body(repository, ids, batch->n);
	if (!repository[0] && batch->n == 1)
		request.subject = questions->id;
	in_flight(batch);
	if (api_call(batcher->api, &request, answered, batch) < 0) {
		not_in_flight(batch);
		fail_all(kind, questions, STATUS_NO_MEMORY);
		free(batch);
	}
}

/* Sends half of a call that failed, or has it wait for the next turn. */
static void ask_half(const struct batch *batch, struct batch_question *questions)
{
	struct batcher *batcher = batch->batcher;
	struct batch_queue *queue;

	if (may_send(batcher, batch->registry, batch->repository)) {
		send_batch(batcher, batch->kind, batch->registry, batch->repository, questions);
		return;
	}
	queue = batch_queue_new(batch->kind, batch->registry, batch->repository);
	if (!queue) {
		fail_all(batch->kind, questions, STATUS_NO_MEMORY);
		return;
	}
	queue->questions = questions;
	queue->is_half = true;
	DL_PREPEND(batcher->queues, queue);
}

static void halve(const struct batch *batch)
{
	struct batch_question *second = batch_questions_cut(batch->questions, (batch->n + 1) / 2);

	ask_half(batch, batch->questions);
	ask_half(batch, second);
}

/* Whether one id of several can be to blame: one that is missing, malformed or, of repositories,
 * denied fails the whole Describe call, one poison manifest makes an answer too large or
 * unreadable. Where the repository of all ids is missing, none is. */
static bool one_may_be_to_blame(const struct batch *batch, const struct api_answer *answer)
{
	if (answer->repository_absent && batch->repository[0])
		return false;
	if (answer->status == STATUS_DENIED)
		return batch->kind->one_may_be_denied;
	return answer->status == STATUS_ABSENT || answer->invalid_parameter || answer->oversized;
}

/* Takes the answer apart. Answers false when it cannot be read. */
static bool read_answer(struct batch *batch, const struct api_answer *answer)
{
	struct json_document *document;
	int r;

	batch->request_id = answer->request_id;
	r = batch->kind->read(answer->body, answer->body_size, batch->questions, complain, batch,
	                      &document);
	if (r == -ENOMEM) {
		fail_all(batch->kind, batch->questions, STATUS_NO_MEMORY);
		return true;
	}
	if (r < 0)
		return false;
	hand_out_all(batch->kind, batch->questions);
	json_free(document);
	return true;
}

static void fail_batch(struct batch *batch, const struct api_answer *answer)
{
	enum status status = answer->status;

	/* What ECR would refuse as a name does not exist. A digest is no such name: it was written
	 * here, and something else is what ECR refuses. */
	if (answer->invalid_parameter && batch->kind != &batch_manifests)
		status = STATUS_ABSENT;
	if (status == STATUS_OK) {
		status = STATUS_PROTOCOL;
		complain(batch, batch->questions->id,
		         "the answer is not the JSON that was asked for");
	}
	fail_all(batch->kind, batch->questions, status);
}

static void answered(void *arg, const struct api_answer *answer)
{
	struct batch *batch = arg;
	struct batcher *batcher = batch->batcher;

	not_in_flight(batch);
	if (answer->status != STATUS_OK || !read_answer(batch, answer)) {
		if (batch->n > 1 &&
		    (answer->status == STATUS_OK || one_may_be_to_blame(batch, answer)))
			halve(batch);
		else
			fail_batch(batch, answer);
	}
	free(batch);
	post_dispatch(batcher);
}

/* One call for the queue whose turn it is; what is left of the queue goes to the end of the line.
 */
static void dispatch_queue(struct batcher *batcher, struct batch_queue *queue)
{
	struct batch_question *questions = batch_queue_take(queue, BATCH_MAX_IDS);

	DL_DELETE(batcher->queues, queue);
	if (queue->questions)
		DL_APPEND(batcher->queues, queue);
	send_batch(batcher, queue->kind, queue->registry, queue->repository, questions);
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
	post_dispatch(batcher);
}
