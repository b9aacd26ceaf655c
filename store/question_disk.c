/* Questions that are put to the disk. */
#include "base/bytes.h"
#include "store/question_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <utlist.h>

/* What the disk has not, or could not say. */
static void missed(struct question *question)
{
	DL_APPEND(question->group->missed, question);
	atomic_fetch_add(&question->owner->misses, 1);
}

/* Not a configuration of which this manifest tells another size: ECR's word on that counts. */
static bool is_found(const struct question *question, const struct wanted *wanted)
{
	return wanted->size &&
	       !(question->kind == QUESTION_CONFIG && wanted->size != question->size_bytes);
}

static void conclude(struct wanted *wanted)
{
	struct question *question = wanted->question;

	if (is_found(question, wanted) && !wanted->is_old) {
		atomic_fetch_add(&question->owner->hits, 1);
		question_answer_kept(question, STATUS_OK, wanted->bytes, wanted->size);
		return;
	}
	if (is_found(question, wanted)) {
		question->old = wanted->bytes;
		wanted->bytes = NULL;
	}
	missed(question);
}

/* The first `n_looked` of them have been looked for. */
static void end(struct lookup *lookup, unsigned n_looked)
{
	struct question_group *group = lookup->wanted[0].question->group;

	for (unsigned i = 0; i < lookup->n; i++) {
		if (i < n_looked)
			conclude(&lookup->wanted[i]);
		else
			missed(lookup->wanted[i].question);
	}
	group->n_looking -= lookup->n;
	question_group_release(group);
}

static void lookup_ended(struct worker_job *job)
{
	struct lookup *lookup = (struct lookup *)job;

	end(lookup, lookup->n);
}

/* What has been found until then is as good as ever. */
static void lookup_is_late(struct worker_job *job)
{
	end((struct lookup *)job, job->n_steps);
}

static void lookup_free(struct worker_job *job)
{
	struct lookup *lookup = (struct lookup *)job;

	for (unsigned i = 0; i < lookup->n; i++)
		bytes_unref(lookup->wanted[i].bytes);
	free(lookup);
}

static struct lookup *lookup_new(const struct questions *questions, unsigned n)
{
	struct lookup *lookup = calloc(1, sizeof(*lookup) + n * sizeof(lookup->wanted[0]));

	if (!lookup)
		return NULL;
	lookup->job = (struct worker_job){
	        .work = lookup_work,
	        .ended = lookup_ended,
	        .late = lookup_is_late,
	        .free = lookup_free,
	};
	lookup->shelf = questions->shelf;
	return lookup;
}

/* Answers 0 or -EIO. */
static int want(struct lookup *lookup, struct question *question)
{
	struct wanted *wanted = &lookup->wanted[lookup->n];
	int r = question_key(question->owner, question->kind, question->registry,
	                     question->repository, &question->digest, &wanted->key);

	if (r < 0)
		return r;
	wanted->question = question;
	wanted->digest = question->digest;
	wanted->size_will_do = question->sized != NULL;
	lookup->n++;
	return 0;
}

/* The lookup is to be done; or else all that it wants is missed, and it is freed. */
static void submit(struct question_group *group, struct lookup *lookup)
{
	if (lookup->n && worker_submit(group->owner->worker, &lookup->job) == 0) {
		group->n_looking += lookup->n;
		return;
	}
	for (unsigned i = 0; i < lookup->n; i++)
		missed(lookup->wanted[i].question);
	lookup_free(&lookup->job);
}

/* The first `n` of those that are asked. */
static void look_up_some(struct question_group *group, unsigned n)
{
	const struct questions *questions = group->owner;
	struct lookup *lookup = questions->is_closing ? NULL : lookup_new(questions, n);

	for (; n && group->asked; n--) {
		struct question *question = group->asked;

		DL_DELETE(group->asked, question);
		if (!lookup || want(lookup, question) < 0)
			missed(question);
	}
	if (lookup)
		submit(group, lookup);
}

/* Somebody waits for the first one; those that follow may be wanted later. */
void question_look_up(struct question_group *group)
{
	unsigned n = 1;

	for (; group->asked; n = LOOKUP_MAX)
		look_up_some(group, n);
}
