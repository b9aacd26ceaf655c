/* Queues of questions by id. */
#include "ecr/batch_queue.h"
#include "ecr/batch_kind.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

struct batch_queue *batch_queue_new(const struct batch_kind *kind, const struct registry *registry,
                                    const char *repository)
{
	struct batch_queue *queue = calloc(1, sizeof(*queue) + strlen(repository) + 1);

	if (!queue)
		return NULL;
	queue->kind = kind;
	queue->registry = registry;
	strcpy(queue->repository, repository);
	return queue;
}

struct batch_queue *batch_queue_find(struct batch_queue *queues, const struct batch_kind *kind,
                                     const struct registry *registry, const char *repository)
{
	struct batch_queue *queue;

	DL_FOREACH (queues, queue) {
		if (queue->kind == kind && queue->registry == registry && !queue->is_half &&
		    strcmp(queue->repository, repository) == 0)
			return queue;
	}
	return NULL;
}

void batch_queue_append(struct batch_queue *queue, struct batch_question *question)
{
	if (queue->questions)
		queue->last->next = question;
	else
		queue->questions = question;
	queue->last = question;
	queue->n++;
}

struct batch_question *batch_queue_take(struct batch_queue *queue, size_t max)
{
	struct batch_question *questions = queue->questions;

	queue->questions = batch_questions_cut(questions, max);
	queue->n -= queue->n < max ? queue->n : max;
	queue->is_due = false;
	return questions;
}

struct batch_question *batch_questions_cut(struct batch_question *questions, size_t n)
{
	struct batch_question *rest;

	while (--n && questions->next)
		questions = questions->next;
	rest = questions->next;
	questions->next = NULL;
	return rest;
}
