/* Remembering: files are read on disk, and handed out page by page. */
#include "store/told.h"
#include "store/told_inside.h"
#include "store/worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/* Of a repository: the files in the order in which they are handed out. */
static const enum listing_kind repository_kinds[] = {LISTING_TAGS, LISTING_DIGESTS,
                                                     LISTING_ANSWERS};
static const enum listing_kind registry_kinds[] = {LISTING_REPOSITORIES};

#define FILES_MAX 3

struct recollection {
	struct worker_job job; /* first */
	struct told *told;
	const struct registry *registry;
	recalled_fn recalled;
	void *arg;
	struct told_caller caller;
	struct told_identity identity;
	bool is_identified;
	struct told_file files[FILES_MAX];
	size_t n_files;
	bool is_handed_out; /* it is on the list of those, and outlives its job */
	struct recollection *prev, *next;
	struct loop_task go_on;
	size_t current; /* file */
	bool is_begun;  /* it */
	struct listing_page page;
	char repository[]; /* "": the registry itself */
};

static void recollection_free(struct recollection *recollection)
{
	for (size_t i = 0; i < recollection->n_files; i++)
		told_file_deinit(&recollection->files[i]);
	listing_page_deinit(&recollection->page);
	free(recollection);
}

static void read_files(struct worker_job *job)
{
	struct recollection *recollection = (struct recollection *)job;
	struct told_files *files = &recollection->told->files;
	bool is_registry = !recollection->repository[0];
	const enum listing_kind *kinds = is_registry ? registry_kinds : repository_kinds;
	char key[TOLD_KEY_SIZE];

	recollection->is_identified =
	        told_caller_identify(files, &recollection->caller, &recollection->identity);
	if (!recollection->is_identified ||
	    !told_caller_key(&recollection->caller, &recollection->identity, recollection->registry,
	                     recollection->repository, key))
		return;
	for (size_t i = 0; i < (is_registry ? 1 : FILES_MAX); i++)
		if (told_files_read(files, kinds[i], key,
		                    &recollection->files[recollection->n_files]) == 0)
			recollection->n_files++;
}

static void hand_out_account(const struct recollection *recollection)
{
	const struct told_identity *identity = &recollection->identity;
	struct recalled recalled = {
	        .kind = RECALLED_ACCOUNT,
	        .told_ns = identity->account_told_ns,
	        .is_stale = identity->is_guess,
	        .name = identity->account,
	};

	if (recollection->is_identified && !recollection->repository[0] &&
	    !recollection->registry->account[0] && identity->account[0])
		recollection->recalled(recollection->arg, &recalled);
}

static void hand_out_answers(const struct recollection *recollection, struct recalled *recalled)
{
	const struct listing_page *page = &recollection->page;

	for (size_t i = 0; i < page->n; i++) {
		const struct listing_answer *answer = &page->answers[i];

		recalled->kind = answer->is_repository ? RECALLED_REPOSITORY : RECALLED_IMAGE;
		recalled->told_ns = answer->told_ns;
		recalled->status = answer->status;
		recalled->name = answer->name;
		recalled->repositories = &answer->repository;
		recalled->images = &answer->image;
		recalled->n = answer->status == STATUS_OK;
		recollection->recalled(recollection->arg, recalled);
	}
}

static void hand_out_page(const struct recollection *recollection, const struct listing_head *head)
{
	const struct listing_page *page = &recollection->page;
	struct recalled recalled = {
	        .told_ns = head->told_ns,
	        .is_stale = recollection->identity.is_guess,
	        .repositories = page->repositories,
	        .images = page->images,
	        .n = page->n,
	        .is_first = !recollection->is_begun,
	        .is_last = page->is_last,
	        .pages = head->pages,
	};

	switch (head->kind) {
	case LISTING_REPOSITORIES:
		recalled.kind = RECALLED_REPOSITORIES;
		break;
	case LISTING_TAGS:
		recalled.kind = RECALLED_TAGS;
		break;
	case LISTING_DIGESTS:
		recalled.kind = RECALLED_DIGESTS;
		break;
	case LISTING_ANSWERS:
	case LISTING_CALLER:
		hand_out_answers(recollection, &recalled);
		return;
	}
	recollection->recalled(recollection->arg, &recalled);
}

/* The next page. Answers false when there is none, or no memory for it. */
static bool hand_out_next(struct recollection *recollection)
{
	struct told_file *file;

	if (recollection->current == recollection->n_files)
		return false;
	file = &recollection->files[recollection->current];
	if (listing_read_page(&file->reader, &recollection->page) < 0)
		return false;
	hand_out_page(recollection, &file->reader.head);
	recollection->is_begun = !recollection->page.is_last;
	if (recollection->page.is_last)
		recollection->current++;
	return true;
}

static void end(struct recollection *recollection)
{
	DL_DELETE(recollection->told->recollections, recollection);
	recollection->recalled(recollection->arg, NULL);
	recollection_free(recollection);
}

static void go_on(struct loop_task *task)
{
	struct recollection *recollection =
	        (struct recollection *)((char *)task - offsetof(struct recollection, go_on));

	if (hand_out_next(recollection))
		loop_post(recollection->told->loop, task);
	else
		end(recollection);
}

static void were_read(struct worker_job *job)
{
	struct recollection *recollection = (struct recollection *)job;
	struct told *told = recollection->told;

	recollection->is_handed_out = true;
	DL_APPEND(told->recollections, recollection);
	hand_out_account(recollection);
	if (!told->is_closing)
		loop_post(told->loop, &recollection->go_on);
}

static void is_late(struct worker_job *job)
{
	struct recollection *recollection = (struct recollection *)job;

	recollection->recalled(recollection->arg, NULL);
}

static void job_free(struct worker_job *job)
{
	struct recollection *recollection = (struct recollection *)job;

	if (!recollection->is_handed_out)
		recollection_free(recollection);
	else if (recollection->told->is_closing)
		end(recollection);
}

static void caller_found(void *arg, enum status status, const struct caller *caller)
{
	struct recollection *recollection = arg;

	if (status == STATUS_OK && told_caller_copy(caller, &recollection->caller) &&
	    worker_submit(recollection->told->worker, &recollection->job) == 0)
		return;
	is_late(&recollection->job);
	recollection_free(recollection);
}

static int recall(struct told *told, const struct registry *registry, const char *repository,
                  recalled_fn recalled, void *arg)
{
	struct recollection *recollection;
	int r;

	if (told->is_closing)
		return -ECANCELED;
	recollection = calloc(1, sizeof(*recollection) + strlen(repository) + 1);
	if (!recollection)
		return -ENOMEM;
	recollection->job = (struct worker_job){
	        .work = read_files,
	        .ended = were_read,
	        .late = is_late,
	        .free = job_free,
	};
	recollection->go_on.run = go_on;
	recollection->told = told;
	recollection->registry = registry;
	recollection->recalled = recalled;
	recollection->arg = arg;
	strcpy(recollection->repository, repository);
	r = told_find_caller(told, registry, caller_found, recollection);
	if (r < 0)
		free(recollection);
	return r;
}

int told_recall_registry(struct told *told, const struct registry *registry, recalled_fn recalled,
                         void *arg)
{
	return recall(told, registry, "", recalled, arg);
}

int told_recall_repository(struct told *told, const struct registry *registry,
                           const char *repository, recalled_fn recalled, void *arg)
{
	return recall(told, registry, repository, recalled, arg);
}

void told_close(struct told *told)
{
	struct recollection *recollection, *next;

	told->is_closing = true;
	loop_unpost(told->loop, &told->flush);
	told_flush(&told->flush);
	DL_FOREACH_SAFE (told->recollections, recollection, next) {
		loop_unpost(told->loop, &recollection->go_on);
		end(recollection);
	}
}
