/* From a question to an answer: of the disk, or of ECR. */
#include "base/bytes.h"
#include "store/question_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/* ECR: at most 100 imageIds per BatchGetImage. */
#define GROUP_MAX 100

static void close_groups(struct loop_task *task);

void questions_init(struct questions *questions)
{
	questions->close.run = close_groups;
}

static void answer(struct question *question, enum status status, struct bytes *bytes, size_t size)
{
	if (question->sized)
		question->sized(question->arg, status, bytes, size);
	else
		question->fetched(question->arg, status, bytes);
	bytes_unref(question->old);
	free(question);
}

void question_answer_kept(struct question *question, enum status status, struct bytes *bytes,
                          size_t size)
{
	struct source *outer = question->owner->outer;

	outer->answers_from_disk = true;
	answer(question, status, bytes, size);
	outer->answers_from_disk = false;
}

static void answered(void *arg, enum status status, struct bytes *bytes)
{
	struct question *question = arg;

	if (bytes) {
		questions_keep(question->owner, question->kind, question->registry,
		               question->repository, &question->digest, bytes);
		answer(question, status, bytes, bytes->size);
	} else if (question->old && status_is_transient(status)) {
		question_answer_kept(question, STATUS_OK, question->old, question->old->size);
	} else {
		answer(question, status, NULL, 0);
	}
}

/* Answers 0 or -errno. */
static int ask_inner(struct question *question)
{
	struct source *inner = question->owner->inner;
	struct document_id id = {
	        .kind = DOCUMENT_CONFIG,
	        .digest = question->digest,
	        .size_bytes = question->size_bytes,
	};

	if (question->kind == QUESTION_CONFIG)
		return inner->ops->fetch_document(inner, question->registry, question->repository,
		                                  &id, answered, question);
	atomic_fetch_add(&question->owner->outer->n_asked, 1);
	return inner->ops->fetch_manifest(inner, question->registry, question->repository,
	                                  &question->digest, answered, question);
}

/* To ECR. */
static void ask(struct question *question)
{
	struct questions *questions = question->owner;
	int r;

	if (questions->no_pull && question->old) { /* as good as it gets */
		question_answer_kept(question, STATUS_OK, question->old, question->old->size);
		return;
	}
	if (questions->no_pull || questions->is_closing) {
		question_answer_kept(question,
		                     questions->no_pull ? STATUS_NOT_PULLED : STATUS_SERVER_ERROR,
		                     NULL, 0);
		return;
	}
	r = ask_inner(question);
	if (r < 0)
		answer(question, r == -ENOMEM ? STATUS_NO_MEMORY : STATUS_SERVER_ERROR, NULL, 0);
}

void question_group_release(struct question_group *group)
{
	struct question *question, *next;

	if (group->is_open || group->n_looking)
		return;
	DL_FOREACH_SAFE (group->missed, question, next) {
		question->group = NULL;
		ask(question);
	}
	free(group);
}

static void close_group(struct question_group *group)
{
	DL_DELETE(group->owner->groups, group);
	group->is_open = false;
	question_look_up(group);
	question_group_release(group);
}

static void close_groups(struct loop_task *task)
{
	struct questions *questions =
	        (struct questions *)((char *)task - offsetof(struct questions, close));

	questions->is_posted = false;
	while (questions->groups)
		close_group(questions->groups);
}

static struct question_group *group_of(struct questions *questions, enum question_kind kind,
                                       const struct registry *registry, const char *repository)
{
	struct question_group *group;

	DL_FOREACH (questions->groups, group) {
		if (group->n < GROUP_MAX && group->kind == kind && group->registry == registry &&
		    strcmp(group->repository, repository) == 0)
			return group;
	}
	group = calloc(1, sizeof(*group) + strlen(repository) + 1);
	if (!group)
		return NULL;
	group->owner = questions;
	group->registry = registry;
	group->kind = kind;
	group->is_open = true;
	strcpy(group->repository, repository);
	DL_APPEND(questions->groups, group);
	if (!questions->is_posted)
		loop_post(questions->loop, &questions->close);
	questions->is_posted = true;
	return group;
}

static int begin(const struct question *template, const char *repository)
{
	struct questions *questions = template->owner;
	struct question *question;
	struct question_group *group;

	if (questions->is_closing)
		return -ECANCELED;
	question = calloc(1, sizeof(*question) + strlen(repository) + 1);
	group = question ? group_of(questions, template->kind, template->registry, repository)
	                 : NULL;
	if (!group) {
		free(question);
		return -ENOMEM;
	}
	*question = *template;
	question->group = group;
	strcpy(question->repository, repository);
	group->n++;
	DL_APPEND(group->asked, question);
	return 0;
}

int questions_ask(struct questions *questions, const struct registry *registry,
                  const char *repository, const struct digest *digest, manifest_fn fetched,
                  size_fn sized, void *arg)
{
	struct question question = {
	        .owner = questions,
	        .registry = registry,
	        .kind = QUESTION_MANIFEST,
	        .digest = *digest,
	        .fetched = fetched,
	        .sized = sized,
	        .arg = arg,
	};

	return begin(&question, repository);
}

int questions_ask_config(struct questions *questions, const struct registry *registry,
                         const char *repository, const struct document_id *id, document_fn fetched,
                         void *arg)
{
	struct question question = {
	        .owner = questions,
	        .registry = registry,
	        .kind = QUESTION_CONFIG,
	        .digest = id->digest,
	        .size_bytes = id->size_bytes,
	        .fetched = fetched,
	        .arg = arg,
	};

	return begin(&question, repository);
}

void questions_close(struct questions *questions)
{
	questions->is_closing = true;
	loop_unpost(questions->loop, &questions->close);
	close_groups(&questions->close);
}
