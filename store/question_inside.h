/* A question on its way from the disk to ECR: store/question.c, and store/question_disk.c, which
 * has it looked for on disk. Inside of store/question.
 */
#ifndef ECRFS_STORE_QUESTION_INSIDE_H
#define ECRFS_STORE_QUESTION_INSIDE_H

#include "store/question.h"

/* Questions of one repository and kind that go on to ECR together. */
struct question_group {
	struct question_group *prev, *next; /* of those that are open */
	struct questions *owner;
	const struct registry *registry;
	struct question *asked;  /* to be looked for, in their order */
	struct question *missed; /* to be asked for */
	unsigned n;              /* ever */
	unsigned n_looking;
	enum question_kind kind;
	bool is_open; /* in this turn of the loop */
	char repository[];
};

struct question {
	struct question *prev, *next; /* of `asked`, then `missed` */
	struct question_group *group; /* NULL: on its way to ECR */
	struct questions *owner;
	const struct registry *registry;
	enum question_kind kind;
	struct digest digest;
	uint64_t size_bytes; /* of a configuration, as its manifest says */
	manifest_fn fetched; /* one of the two */
	size_fn sized;
	void *arg;
	struct bytes *old; /* what may be shown if ECR cannot be reached, or NULL */
	char repository[];
};

/* Has all that the group was asked looked for: what is found is answered, and the rest becomes
 * `missed`, some of it perhaps at once. Each time that some have ended, question_group_release()
 * follows. */
void question_look_up(struct question_group *group);

/* From disk, or with nobody's answer; frees the question. */
void question_answer_kept(struct question *question, enum status status, struct bytes *bytes,
                          size_t size);

/* Asks ECR for what is missed, and frees the group, once nobody can join it any more and all has
 * been looked for. */
void question_group_release(struct question_group *group);

#endif
