/* What the source is asked about repositories and their images, and what comes of the answers. */
#include "cache/repository.h"
#include "base/log.h"
#include "cache/manifests.h"
#include "cache/promise.h"

#include <stddef.h>

static void by_name_answered(void *arg, enum status status, const struct repository_record *record)
{
	struct repository *repository = arg;
	struct core *core = repository->owner->core;

	pthread_mutex_lock(&core->lock);
	promise_free(repository->promise);
	repository->promise = status == STATUS_OK ? promise_new(record) : NULL;
	fetch_finish(&repository->by_name, status, core_now_ns(core), &core->ready);
	core_unlock(core);
}

static void ask_by_name(struct repository *repository)
{
	struct core *core = repository->owner->core;

	if (core->source->ops->find_repository(core->source, repository->registry, repository->name,
	                                       by_name_answered, repository) < 0)
		core_refused(core, &repository->by_name);
}

enum cache_answer repository_find(struct repositories *repositories,
                                  const struct registry *registry, const char *name,
                                  struct asker *asker, uint64_t *ret_until_ns,
                                  enum status *ret_status)
{
	struct core *core = repositories->core;
	enum cache_answer answer = CACHE_FAILED;
	struct repository *repository;
	bool must_ask = false, must_recall = false;

	pthread_mutex_lock(&repositories->core->lock);
	repository = repository_take(repositories, registry, name, ret_status);
	if (repository)
		answer = recall_find(core, &repository->recall, asker, &must_recall, ret_status);
	if (answer == CACHE_FOUND)
		answer = core_find(core, &repository->by_name, core->config.ttl_ns, asker,
		                   ret_until_ns, &must_ask, ret_status);
	pthread_mutex_unlock(&repositories->core->lock);
	if (must_recall)
		repository_recall(repository);
	if (must_ask)
		ask_by_name(repository);
	return answer;
}

static void page_arrived(struct repository *repository, struct image_listing *listing,
                         enum status status, const struct image_record *records, size_t n,
                         bool last)
{
	struct core *core = repository->owner->core;
	unsigned left_out = 0;

	pthread_mutex_lock(&core->lock);
	image_listing_take_page(listing, status, records, n, last);
	if (last)
		left_out = listing->left_out;
	repository_measure(repository);
	budget_touch(&core->budget, &repository->item);
	core_unlock(core);
	if (left_out)
		log_event(core->log, LEVEL_WARNING, "odd tags",
		          "%u tags of repository %s are left out: no directory can show them",
		          left_out, repository->name);
}

static void tags_arrived(void *arg, enum status status, const struct image_record *records,
                         size_t n, bool last)
{
	struct repository *repository = arg;

	page_arrived(repository, &repository->images.tags, status, records, n, last);
}

static void digests_arrived(void *arg, enum status status, const struct image_record *records,
                            size_t n, bool last)
{
	struct repository *repository = arg;

	page_arrived(repository, &repository->images.digests, status, records, n, last);
}

static void image_answered(void *arg, enum status status, const struct image_record *record)
{
	struct image_question *question = arg;
	struct core *core = question->images->core;

	pthread_mutex_lock(&core->lock);
	images_take_answer(question, status, record);
	core_unlock(core);
}

static struct repository *repository_of(struct image_question *question)
{
	return (struct repository *)((char *)question->images -
	                             offsetof(struct repository, images));
}

/* The tag's manifest came; nothing else is known of the image. */
static void tag_pulled(void *arg, enum status status, const struct digest *digest,
                       struct bytes *bytes)
{
	struct image_question *question = arg;
	const struct repository *repository = repository_of(question);
	const char *tag = question->text;
	struct image_record record = {.tags = &tag, .n_tags = 1};

	if (status == STATUS_OK) {
		counts_event(&repository->owner->core->counts, CACHE_PULLED, 1);
		record.digest = *digest;
		manifests_store(repository->owner->manifests, repository->registry,
		                repository->name, digest, bytes);
	}
	image_answered(question, status, &record);
}

static void ask_for_listing(struct repository *repository, struct image_listing *listing)
{
	struct core *core = repository->owner->core;
	images_fn arrived = listing->scope == IMAGES_TAGGED ? tags_arrived : digests_arrived;

	if (core->source->ops->list_images(core->source, repository->registry, repository->name,
	                                   listing->scope, arrived, repository) < 0)
		core_refused(core, &listing->fetch);
}

static void ask_for_image(struct repository *repository, struct image_question *question)
{
	struct core *core = repository->owner->core;
	const struct source_ops *ops = core->source->ops;
	struct image_reference reference = {.tag = question->text};
	int r;

	if (digest_parse(question->text, &reference.digest))
		reference.tag = NULL;
	if (question->is_pull)
		counts_event(&core->counts, CACHE_IDS_FETCHED, 1);
	if (question->is_pull)
		r = ops->pull_tag(core->source, repository->registry, repository->name,
		                  question->text, tag_pulled, question);
	else
		r = ops->find_image(core->source, repository->registry, repository->name,
		                    &reference, image_answered, question);
	if (r < 0)
		core_refused(core, &question->fetch);
}

/* Asks the source for what is to be asked for. The lock is not held: what is asked for is under
 * way, and so stays; where nothing is, the repository may be gone already. */
static void do_ask(struct repository *repository, const struct images_todo *todo)
{
	if (todo->recall)
		repository_recall(repository);
	if (todo->listing)
		ask_for_listing(repository, todo->listing);
	if (todo->question)
		ask_for_image(repository, todo->question);
}

enum cache_answer repository_find_image(struct repositories *repositories,
                                        const struct registry *registry, const char *name,
                                        const struct images_request *request, struct asker *asker,
                                        struct found_image *ret_found, enum status *ret_status)
{
	enum cache_answer answer = CACHE_FAILED;
	struct images_todo todo = {0};
	struct repository *repository;

	pthread_mutex_lock(&repositories->core->lock);
	repository = repository_take(repositories, registry, name, ret_status);
	if (repository)
		answer = recall_find(repositories->core, &repository->recall, asker, &todo.recall,
		                     ret_status);
	if (answer == CACHE_FOUND) {
		answer = images_find(&repository->images, request, asker, ret_found, &todo,
		                     ret_status);
		repository_measure(repository);
	}
	pthread_mutex_unlock(&repositories->core->lock);
	do_ask(repository, &todo);
	return answer;
}

enum cache_answer repository_list(struct repositories *repositories,
                                  const struct names_request *request, struct asker *asker,
                                  size_t max, struct listed_name *names, size_t *ret_n,
                                  enum status *ret_status)
{
	enum cache_answer answer = CACHE_FAILED;
	struct images_todo todo = {0};
	struct repository *repository;

	pthread_mutex_lock(&repositories->core->lock);
	repository = repository_take(repositories, request->registry, request->path, ret_status);
	if (repository)
		answer = recall_find(repositories->core, &repository->recall, asker, &todo.recall,
		                     ret_status);
	if (answer == CACHE_FOUND)
		answer = images_list(&repository->images, request, asker, max, names, ret_n, &todo,
		                     ret_status);
	pthread_mutex_unlock(&repositories->core->lock);
	do_ask(repository, &todo);
	return answer;
}
