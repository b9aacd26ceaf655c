/* Questions of one kind in one repository that wait for a call. */
#ifndef ECRFS_ECR_BATCH_QUEUE_H
#define ECRFS_ECR_BATCH_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

struct batch_kind;
struct batch_question;
struct registry;

/* Exists while there are any. */
struct batch_queue {
	struct batch_queue *prev, *next; /* of the batcher, oldest turn first */
	const struct batch_kind *kind;
	const struct registry *registry; /* borrowed */
	struct batch_question *questions, *last;
	size_t n;
	bool is_due;  /* its questions have waited long enough for others */
	bool is_half; /* of a call that failed as a whole: no question may join */
	char repository[];
};

/* Returns new, without questions and in no list, or NULL. Threads: pure. */
struct batch_queue *batch_queue_new(const struct batch_kind *kind, const struct registry *registry,
                                    const char *repository);

/* The queue in this list that such questions may join, or NULL. Threads: pure. */
struct batch_queue *batch_queue_find(struct batch_queue *queues, const struct batch_kind *kind,
                                     const struct registry *registry, const char *repository);

/* Takes the question. Threads: pure. */
void batch_queue_append(struct batch_queue *queue, struct batch_question *question);

/* Takes the oldest questions away, `max` > 0 at most; there must be some. Threads: pure. */
struct batch_question *batch_queue_take(struct batch_queue *queue, size_t max);

/* Cuts the list after its first `n` questions, n > 0; answers the rest. Threads: pure. */
struct batch_question *batch_questions_cut(struct batch_question *questions, size_t n);

#endif
