/* What the batcher asks and how the answer is taken apart: one row per kind of question. */
#ifndef ECRFS_ECR_BATCH_KIND_H
#define ECRFS_ECR_BATCH_KIND_H

#include "ecr/batch.h"

struct json_document;

struct batch_question {
	struct batch_question *next;
	union batch_fn done;
	void *arg;
	enum status status; /* the answer, STATUS_OK with `record` */
	const void *record; /* borrowed while the answer is handed out; a struct bytes is owned */
	bool answered;      /* of a manifest: status and record are final */
	bool has_digest;    /* of a manifest by tag: what the server calls it */
	struct digest digest;
	char id[];
};

/* For telling the log what was wrong with one id. */
typedef void (*batch_complain_fn)(void *arg, const char *id, const char *what);

struct batch_kind {
	const char *operation;
	size_t max_answer_bytes;

	/* IAM decides about each id for itself: one that is denied fails the whole call. */
	bool one_may_be_denied;

	/* The request's body; heap, or NULL when out of memory. */
	char *(*body)(const char *repository, const char *const *ids, size_t n);

	/* Reads an answer and sets status and record of every question. The document must be
	 * freed when all have been handed out. Answers 0, -EBADMSG or -ENOMEM (nothing is set). */
	int (*read)(const char *body, size_t size, struct batch_question *questions,
	            batch_complain_fn complain, void *arg, struct json_document **ret_document);

	/* Calls the question's callback with what `read` set, and drops what the record owns. */
	void (*hand_out)(struct batch_question *question);
};

#endif
