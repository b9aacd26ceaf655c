/* What ECR has handed out, on its way to the disk. */
#include "base/bytes.h"
#include "ecr/registry.h"
#include "store/folder.h"
#include "store/question.h"
#include "store/trim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* So many bytes at most wait to be written: what comes faster than that is not kept. */
#define WAITING_MAX ((size_t)64 << 20)

/* An account, a region, a kind, and what is between them. */
#define SCOPE_SIZE 128

static void make_scope(const struct questions *questions, enum question_kind kind,
                       const struct registry *registry, char scope[static SCOPE_SIZE])
{
	snprintf(scope, SCOPE_SIZE, "%s.%s%s", registry->account[0] ? registry->account : "default",
	         registry->region[0] ? registry->region : questions->region,
	         kind == QUESTION_CONFIG ? " config" : "");
}

int question_key(const struct questions *questions, enum question_kind kind,
                 const struct registry *registry, const char *repository,
                 const struct digest *digest, struct sizes_key *ret_key)
{
	char scope[SCOPE_SIZE];

	make_scope(questions, kind, registry, scope);
	return sizes_key(scope, repository, digest, ret_key);
}

static void keeping_ended(struct worker_job *job)
{
	trim_poke(((struct keeping *)job)->owner->trim);
}

static void keeping_is_late(struct worker_job *job)
{
	atomic_fetch_add(&((struct keeping *)job)->owner->skipped, 1);
}

static void keeping_free(struct worker_job *job)
{
	struct keeping *keeping = (struct keeping *)job;

	keeping->owner->waiting_bytes -= keeping->bytes->size;
	bytes_unref(keeping->bytes);
	free(keeping);
}

/* Answers 0 or -errno. */
static int keep(struct questions *questions, enum question_kind kind, struct keeping *keeping,
                const struct registry *registry, const char *repository)
{
	int r = question_key(questions, kind, registry, repository, &keeping->digest,
	                     &keeping->key);

	if (r == 0 && (!folder_is_writable(questions->shelf->folder) ||
	               questions->waiting_bytes > WAITING_MAX))
		r = -EBUSY;
	return r == 0 ? worker_submit(questions->worker, &keeping->job) : r;
}

void questions_keep(struct questions *questions, enum question_kind kind,
                    const struct registry *registry, const char *repository,
                    const struct digest *digest, struct bytes *bytes)
{
	struct keeping *keeping = calloc(1, sizeof(*keeping));

	if (!keeping) {
		atomic_fetch_add(&questions->skipped, 1);
		return;
	}
	keeping->job = (struct worker_job){
	        .work = keeping_work,
	        .ended = keeping_ended,
	        .late = keeping_is_late,
	        .free = keeping_free,
	        .is_patient = true,
	};
	keeping->owner = questions;
	keeping->shelf = questions->shelf;
	keeping->digest = *digest;
	keeping->bytes = bytes_ref(bytes);
	questions->waiting_bytes += bytes->size;
	if (keep(questions, kind, keeping, registry, repository) < 0) {
		keeping_is_late(&keeping->job);
		keeping_free(&keeping->job);
	}
}
