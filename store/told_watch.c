/* Watching answers pass: each is copied on its way from ECR to the cache.
 *
 * A watch notes at the start of a question whose key is in use. What was told is written down only
 * if that is still so at its end: keys that were exchanged in between may be another caller's.
 */
#include "base/bytes.h"
#include "store/told.h"
#include "store/told_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/* Answers by name about one repository, told to one key. */
struct answer_group {
	struct answer_group *next;
	const struct registry *registry;
	struct listing_writer writer;
	char key[DIGEST_HEX_SIZE];
	char repository[];
};

struct watch {
	struct told *told;
	const struct registry *registry;
	union {
		repositories_fn repositories;
		repository_fn repository;
		images_fn images;
		image_fn image;
		pulled_fn pulled;
	} done;
	void *arg;
	unsigned references; /* the question, and the question who asks */
	char key[DIGEST_HEX_SIZE];
	enum listing_kind kind;
	struct listing_writer writer; /* of a listing */
	unsigned pages;
	const char *name; /* of an image: a tag or digest; behind the repository */
	char repository[];
};

static void watch_unref(struct watch *watch)
{
	if (--watch->references)
		return;
	listing_writer_deinit(&watch->writer);
	free(watch);
}

static void began(void *arg, enum status status, const struct caller *caller)
{
	struct watch *watch = arg;
	struct told_caller copy;

	if (status == STATUS_OK && told_caller_copy(caller, &copy))
		strcpy(watch->key, copy.key);
	watch_unref(watch);
}

static bool can_keep(const struct told *told)
{
	return !folder_is_shared(told->files.folder) && folder_is_writable(told->files.folder);
}

/* For a question of that kind. NULL when out of memory. */
static struct watch *watch_new(struct told *told, const struct registry *registry,
                               const char *repository, const char *name, enum listing_kind kind,
                               void *arg)
{
	size_t size = strlen(repository) + 1;
	struct watch *watch = calloc(1, sizeof(*watch) + size + strlen(name) + 1);

	if (!watch)
		return NULL;
	watch->told = told;
	watch->registry = registry;
	watch->arg = arg;
	watch->kind = kind;
	strcpy(watch->repository, repository);
	watch->name = strcpy(watch->repository + size, name);
	watch->references = 2;
	if (kind != LISTING_ANSWERS)
		listing_writer_begin(&watch->writer, kind);
	if (!can_keep(told))
		watch->writer.has_failed = true; /* nothing is copied */
	/* Without an answer to this nothing is kept. */
	if (told_find_caller(told, registry, began, watch) < 0)
		watch->references--;
	return watch;
}

/* Answers what the inner source did. */
static int begin(struct watch *watch, int r)
{
	if (r < 0)
		watch_unref(watch);
	return r;
}

static bool is_refusal(enum status status)
{
	return status == STATUS_ABSENT || status == STATUS_DENIED ||
	       status == STATUS_CREDENTIALS_REJECTED;
}

/* A page has passed, the last one if `is_last`. */
static void end_page(struct watch *watch, enum status status, bool is_last)
{
	struct told *told = watch->told;
	struct told_order order = {
	        .work = status == STATUS_OK ? TOLD_KEEP : TOLD_REMOVE,
	        .kind = watch->kind,
	        .told_ns = clock_realtime_ns(told->files.clock),
	};

	watch->pages++;
	if (!is_last && status == STATUS_OK)
		return;
	if (status == STATUS_OK && !watch->writer.has_failed) {
		order.pages = watch->pages;
		order.writer = watch->writer;
		watch->writer = (struct listing_writer){.data = NULL};
	}
	if (order.writer.data || is_refusal(status))
		told_do(told, watch->registry, watch->repository, watch->key, &order);
	watch_unref(watch);
}

static void repositories_page(void *arg, enum status status,
                              const struct repository_record *records, size_t n, bool last)
{
	struct watch *watch = arg;

	for (size_t i = 0; i < n; i++)
		listing_write_repository(&watch->writer, &records[i]);
	watch->done.repositories(watch->arg, status, records, n, last);
	end_page(watch, status, last);
}

int told_list_repositories(struct told *told, const struct registry *registry, repositories_fn page,
                           void *arg)
{
	struct watch *watch = watch_new(told, registry, "", "", LISTING_REPOSITORIES, arg);

	if (!watch)
		return -ENOMEM;
	watch->done.repositories = page;
	return begin(watch, told->inner->ops->list_repositories(told->inner, registry,
	                                                        repositories_page, watch));
}

static void images_page(void *arg, enum status status, const struct image_record *records, size_t n,
                        bool last)
{
	struct watch *watch = arg;

	for (size_t i = 0; i < n; i++)
		listing_write_image(&watch->writer, &records[i]);
	watch->done.images(watch->arg, status, records, n, last);
	end_page(watch, status, last);
}

int told_list_images(struct told *told, const struct registry *registry, const char *repository,
                     enum image_scope scope, images_fn page, void *arg)
{
	struct watch *watch =
	        watch_new(told, registry, repository, "",
	                  scope == IMAGES_TAGGED ? LISTING_TAGS : LISTING_DIGESTS, arg);

	if (!watch)
		return -ENOMEM;
	watch->done.images = page;
	return begin(watch, told->inner->ops->list_images(told->inner, registry, repository, scope,
	                                                  images_page, watch));
}

void told_post_flush(struct told *told)
{
	if (told->groups && !told->is_posted && !told->n_adding && !told->is_closing) {
		loop_post(told->loop, &told->flush);
		told->is_posted = true;
	}
}

static struct answer_group *group_of(const struct watch *watch)
{
	struct told *told = watch->told;
	struct answer_group *group;

	LL_FOREACH (told->groups, group) {
		if (group->registry == watch->registry && strcmp(group->key, watch->key) == 0 &&
		    strcmp(group->repository, watch->repository) == 0)
			return group;
	}
	group = calloc(1, sizeof(*group) + strlen(watch->repository) + 1);
	if (!group)
		return NULL;
	group->registry = watch->registry;
	strcpy(group->key, watch->key);
	strcpy(group->repository, watch->repository);
	listing_writer_begin(&group->writer, LISTING_ANSWERS);
	LL_PREPEND(told->groups, group);
	told_post_flush(told);
	return group;
}

void told_flush(struct loop_task *task)
{
	struct told *told = (struct told *)((char *)task - offsetof(struct told, flush));
	struct told_order order = {.work = TOLD_ADD, .kind = LISTING_ANSWERS};
	struct answer_group *group, *next, *groups = told->groups;

	told->is_posted = false;
	told->groups = NULL;
	for (group = groups; group; group = next) {
		next = group->next;
		order.told_ns = clock_realtime_ns(told->files.clock);
		order.writer = group->writer;
		told_do(told, group->registry, group->repository, group->key, &order);
		free(group);
	}
}

/* Notes an answer by name, where it is one. */
static void note(struct watch *watch, struct listing_answer *answer)
{
	struct answer_group *group;

	answer->told_ns = clock_realtime_ns(watch->told->files.clock);
	if (answer->status != STATUS_OK && answer->status != STATUS_ABSENT &&
	    answer->status != STATUS_DENIED)
		return;
	if (folder_is_shared(watch->told->files.folder))
		return;
	group = watch->key[0] ? group_of(watch) : NULL;
	if (group)
		listing_write_answer(&group->writer, answer);
	else
		atomic_fetch_add(&watch->told->n_skipped, 1);
}

static void repository_found(void *arg, enum status status, const struct repository_record *record)
{
	struct watch *watch = arg;
	struct listing_answer answer = {
	        .is_repository = true,
	        .status = status,
	        .name = watch->repository,
	};

	if (record)
		answer.repository = *record;
	note(watch, &answer);
	watch->done.repository(watch->arg, status, record);
	watch_unref(watch);
}

int told_find_repository(struct told *told, const struct registry *registry, const char *repository,
                         repository_fn found, void *arg)
{
	struct watch *watch = watch_new(told, registry, repository, "", LISTING_ANSWERS, arg);

	if (!watch)
		return -ENOMEM;
	watch->done.repository = found;
	return begin(watch, told->inner->ops->find_repository(told->inner, registry, repository,
	                                                      repository_found, watch));
}

static void image_found(void *arg, enum status status, const struct image_record *record)
{
	struct watch *watch = arg;
	struct listing_answer answer = {.status = status, .name = watch->name};

	if (record)
		answer.image = *record;
	note(watch, &answer);
	watch->done.image(watch->arg, status, record);
	watch_unref(watch);
}

int told_find_image(struct told *told, const struct registry *registry, const char *repository,
                    const struct image_reference *reference, image_fn found, void *arg)
{
	char digest[DIGEST_TEXT_SIZE];
	struct watch *watch;

	digest_format(&reference->digest, digest);
	watch = watch_new(told, registry, repository, reference->tag ? reference->tag : digest,
	                  LISTING_ANSWERS, arg);
	if (!watch)
		return -ENOMEM;
	watch->done.image = found;
	return begin(watch, told->inner->ops->find_image(told->inner, registry, repository,
	                                                 reference, image_found, watch));
}

static void pulled(void *arg, enum status status, const struct digest *digest, struct bytes *bytes)
{
	struct watch *watch = arg;
	struct listing_answer answer = {
	        .status = status,
	        .name = watch->name,
	        .image = {.tags = &watch->name, .n_tags = 1},
	};

	if (digest)
		answer.image.digest = *digest;
	note(watch, &answer);
	watch->done.pulled(watch->arg, status, digest, bytes);
	watch_unref(watch);
}

int told_pull_tag(struct told *told, const struct registry *registry, const char *repository,
                  const char *tag, pulled_fn done, void *arg)
{
	struct watch *watch = watch_new(told, registry, repository, tag, LISTING_ANSWERS, arg);

	if (!watch)
		return -ENOMEM;
	watch->done.pulled = done;
	return begin(watch, told->inner->ops->pull_tag(told->inner, registry, repository, tag,
	                                               pulled, watch));
}
