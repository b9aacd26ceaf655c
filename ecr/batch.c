/* Queues of questions by id, and the calls they become. */
#include "ecr/batch.h"
#include "base/cleanup.h"
#include "ecr/api.h"
#include "ecr/batch_kind.h"
#include "ecr/json.h"
#include "net/loop.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <utlist.h>

/* Questions of one kind in one repository that wait for a call. Exists while there are any. */
struct queue {
	struct queue *prev, *next; /* in batcher->queues, oldest turn first */
	const struct batch_kind *kind;
	const struct registry *registry;
	struct batch_question *questions, *last;
	char repository[];
};

struct batcher {
	struct loop *loop;
	struct api *api;
	unsigned max_calls;
	unsigned calls; /* in flight */
	struct queue *queues;
	struct loop_task dispatch;
	bool dispatch_posted;
	bool closing;
};

/* One call in flight. */
struct batch {
	struct batcher *batcher;
	const struct batch_kind *kind;
	const struct registry *registry;
	struct batch_question *questions;
	size_t n;
	const char *request_id; /* while its answer is taken apart */
	char repository[];
};

static void dispatch(struct loop_task *task);

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
	struct queue *queue, *next;

	if (!batcher)
		return;
	batcher->closing = true;
	loop_unpost(batcher->loop, &batcher->dispatch);
	DL_FOREACH_SAFE (batcher->queues, queue, next) {
		fail_all(queue->kind, queue->questions, STATUS_SERVER_ERROR);
		free(queue);
	}
	free(batcher);
}

/* Calls go out on the next turn of the loop: what is asked in this one gathers. */
static void post_dispatch(struct batcher *batcher)
{
	if (batcher->dispatch_posted || !batcher->queues || batcher->calls >= batcher->max_calls)
		return;
	batcher->dispatch_posted = true;
	loop_post(batcher->loop, &batcher->dispatch);
}

static struct queue *queue_of(struct batcher *batcher, const struct batch_kind *kind,
                              const struct registry *registry, const char *repository)
{
	struct queue *queue;

	DL_FOREACH (batcher->queues, queue) {
		if (queue->kind == kind && queue->registry == registry &&
		    strcmp(queue->repository, repository) == 0)
			return queue;
	}
	queue = calloc(1, sizeof(*queue) + strlen(repository) + 1);
	if (!queue)
		return NULL;
	queue->kind = kind;
	queue->registry = registry;
	strcpy(queue->repository, repository);
	DL_APPEND(batcher->queues, queue);
	return queue;
}

int batcher_ask(struct batcher *batcher, const struct batch_kind *kind,
                const struct registry *registry, const char *repository, const char *id,
                union batch_fn done, void *arg)
{
	struct batch_question *question;
	struct queue *queue;

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
	LL_APPEND_ELEM(queue->questions, queue->last, question); /* LL_APPEND walks the queue */
	queue->last = question;
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
	batcher->calls++;
	if (api_call(batcher->api, &request, answered, batch) < 0) {
		batcher->calls--;
		fail_all(kind, questions, STATUS_NO_MEMORY);
		free(batch);
	}
}

/* Cuts the list after its first `n` questions; answers the rest. */
static struct batch_question *cut(struct batch_question *questions, size_t n)
{
	struct batch_question *rest;

	while (--n && questions->next)
		questions = questions->next;
	rest = questions->next;
	questions->next = NULL;
	return rest;
}

static void halve(struct batch *batch)
{
	struct batch_question *second = cut(batch->questions, (batch->n + 1) / 2);

	send_batch(batch->batcher, batch->kind, batch->registry, batch->repository,
	           batch->questions);
	send_batch(batch->batcher, batch->kind, batch->registry, batch->repository, second);
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

	batcher->calls--;
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
static void dispatch_queue(struct batcher *batcher, struct queue *queue)
{
	struct batch_question *questions = queue->questions;

	queue->questions = cut(questions, BATCH_MAX_IDS);
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

	batcher->dispatch_posted = false;
	while (batcher->queues && batcher->calls < batcher->max_calls)
		dispatch_queue(batcher, batcher->queues);
}
