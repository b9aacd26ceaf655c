/* Calls: sent, taken apart, and where they fail as a whole asked again in halves. */
#include "base/cleanup.h"
#include "ecr/api.h"
#include "ecr/batch_kind.h"
#include "ecr/batch_queue.h"
#include "ecr/batcher.h"
#include "ecr/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

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

static void hand_out_all(const struct batch_kind *kind, struct batch_question *questions)
{
	struct batch_question *question, *next;

	LL_FOREACH_SAFE(questions, question, next)
	{
		kind->hand_out(question);
		free(question);
	}
}

void batch_call_fail(const struct batch_kind *kind, struct batch_question *questions,
                     enum status status)
{
	struct batch_question *question;

	LL_FOREACH (questions, question) {
		question->status = status;
		question->record = NULL;
	}
	hand_out_all(kind, questions);
}

bool batch_call_is_in_flight(const struct batcher *batcher, const struct registry *registry,
                             const char *repository)
{
	const struct batch *batch;

	DL_FOREACH (batcher->batches, batch) {
		if (batch->registry == registry && strcmp(batch->repository, repository) == 0)
			return true;
	}
	return false;
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

void batch_call_send(struct batcher *batcher, const struct batch_kind *kind,
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
		batch_call_fail(kind, questions, STATUS_NO_MEMORY);
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
		batch_call_fail(kind, questions, STATUS_NO_MEMORY);
		free(batch);
	}
}

/* Sends half of a call that failed, or has it wait for the next turn. */
static void ask_half(const struct batch *batch, struct batch_question *questions)
{
	struct batcher *batcher = batch->batcher;
	struct batch_queue *queue;

	if (batcher_may_send(batcher, batch->registry, batch->repository)) {
		batch_call_send(batcher, batch->kind, batch->registry, batch->repository,
		                questions);
		return;
	}
	queue = batch_queue_new(batch->kind, batch->registry, batch->repository);
	if (!queue) {
		batch_call_fail(batch->kind, questions, STATUS_NO_MEMORY);
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
		batch_call_fail(batch->kind, batch->questions, STATUS_NO_MEMORY);
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
	batch_call_fail(batch->kind, batch->questions, status);
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
	batcher_post_dispatch(batcher);
}
