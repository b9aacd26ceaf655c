/* Repositories by registry and name, and what the source tells of them.
 *
 * A repository comes to be when somebody asks about it, whether or not ECR has it, and goes when
 * memory is short and nobody waits.
 */
#include "cache/repository.h"
#include "base/cleanup.h"
#include "base/log.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* The key: the registry's address and the name, one after the other. */
#define KEY_SIZE (sizeof(void *) + 256 + 1)

static size_t make_key(const struct registry *registry, const char *name, char key[static KEY_SIZE])
{
	size_t length = strnlen(name, KEY_SIZE - sizeof(registry) - 1);

	memcpy(key, &registry, sizeof(registry));
	memcpy(key + sizeof(registry), name, length);
	return sizeof(registry) + length;
}

void repositories_init(struct repositories *repositories, struct core *core)
{
	*repositories = (struct repositories){.core = core};
}

static void repository_free(struct repository *repository)
{
	struct repositories *owner = repository->owner;

	HASH_DEL(owner->table, repository);
	budget_remove(&owner->core->budget, &repository->item);
	images_deinit(&repository->images);
	free(repository->key);
	free(repository);
}

void repositories_deinit(struct repositories *repositories)
{
	struct repository *repository, *next;

	HASH_ITER (hh, repositories->table, repository, next) {
		repository_free(repository);
	}
}

static size_t repository_bytes(const struct repository *repository)
{
	return sizeof(*repository) + 2 * strlen(repository->name) + repository->images.bytes +
	       names_bytes(&repository->images.tags);
}

static void repository_evict(struct budget_item *item)
{
	struct repository *repository =
	        (struct repository *)((char *)item - offsetof(struct repository, item));

	if (!repository->by_name.pins && !repository->by_name.under_way &&
	    !images_in_use(&repository->images))
		repository_free(repository);
}

/* The caller holds the lock, as for the next ones. */
static struct repository *repository_new(struct repositories *owner,
                                         const struct registry *registry, const char *name)
{
	struct repository *repository = calloc(1, sizeof(*repository) + strlen(name) + 1);
	char key[KEY_SIZE];
	size_t key_size = make_key(registry, name, key);

	if (!repository)
		return NULL;
	strcpy(repository->name, name);
	repository->owner = owner;
	repository->registry = registry;
	repository->item.evict = repository_evict;
	images_init(&repository->images, owner->core);
	repository->key = malloc(key_size);
	if (repository->key) {
		memcpy(repository->key, key, key_size);
		HASH_ADD_KEYPTR(hh, owner->table, repository->key, key_size, repository);
	}
	if (!repository->hh.tbl) { /* out of memory */
		free(repository->key);
		free(repository);
		return NULL;
	}
	repository->item.bytes = repository_bytes(repository);
	budget_add(&owner->core->budget, &repository->item);
	return repository;
}

static struct repository *peek(struct repositories *owner, const struct registry *registry,
                               const char *name)
{
	struct repository *repository;
	char key[KEY_SIZE];
	size_t key_size = make_key(registry, name, key);

	HASH_FIND(hh, owner->table, key, key_size, repository);
	return repository;
}

/* The repository, which counts as used; NULL when out of memory. */
static struct repository *take(struct repositories *owner, const struct registry *registry,
                               const char *name, enum status *ret_status)
{
	struct repository *repository = peek(owner, registry, name);

	if (!repository)
		repository = repository_new(owner, registry, name);
	if (repository)
		budget_touch(&owner->core->budget, &repository->item);
	else
		*ret_status = STATUS_NO_MEMORY;
	return repository;
}

static void measure(struct repository *repository)
{
	budget_resize(&repository->owner->core->budget, &repository->item,
	              repository_bytes(repository));
}

static void by_name_answered(void *arg, enum status status, const struct repository_record *record)
{
	struct repository *repository = arg;
	struct core *core = repository->owner->core;

	(void)record;
	pthread_mutex_lock(&core->lock);
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

static enum cache_answer find_locked(struct repository *repository, struct asker *asker,
                                     uint64_t *ret_until_ns, bool *ret_ask, enum status *ret_status)
{
	struct fetch *fetch = &repository->by_name;
	const struct cache_config *config = &repository->owner->core->config;
	uint64_t now = core_now_ns(repository->owner->core);
	bool absent = fetch->status == STATUS_ABSENT;
	enum cache_answer answer;

	if (fetch_is_fresh(fetch, asker, now, absent ? config->negative_ttl_ns : config->ttl_ns)) {
		*ret_until_ns = fetch->answered_ns + config->ttl_ns;
		*ret_status = fetch->status;
		if (absent)
			return CACHE_ABSENT;
		return fetch->status == STATUS_OK ? CACHE_FOUND : CACHE_FAILED;
	}
	if (!asker->may_wait)
		return CACHE_WAIT;
	answer = core_wait(fetch, asker, ret_status);
	if (answer == CACHE_WAIT && !fetch->under_way) {
		fetch->under_way = true;
		*ret_ask = true;
	}
	return answer;
}

enum cache_answer repository_find(struct repositories *repositories,
                                  const struct registry *registry, const char *name,
                                  struct asker *asker, uint64_t *ret_until_ns,
                                  enum status *ret_status)
{
	enum cache_answer answer = CACHE_FAILED;
	struct repository *repository;
	bool must_ask = false;

	pthread_mutex_lock(&repositories->core->lock);
	repository = take(repositories, registry, name, ret_status);
	if (repository)
		answer = find_locked(repository, asker, ret_until_ns, &must_ask, ret_status);
	pthread_mutex_unlock(&repositories->core->lock);
	if (must_ask)
		ask_by_name(repository);
	return answer;
}

static void page_arrived(void *arg, enum status status, const struct image_record *records,
                         size_t n, bool last)
{
	struct repository *repository = arg;
	struct core *core = repository->owner->core;
	unsigned left_out = 0;

	pthread_mutex_lock(&core->lock);
	images_take_page(&repository->images, status, records, n, last);
	if (last)
		left_out = repository->images.left_out;
	measure(repository);
	budget_touch(&core->budget, &repository->item);
	core_unlock(core);
	if (left_out)
		log_event(core->log, LEVEL_WARNING, "odd tags",
		          "%u tags of repository %s are left out: no directory can show them",
		          left_out, repository->name);
}

static void tag_answered(void *arg, enum status status, const struct image_record *record)
{
	struct tag_question *question = arg;
	struct core *core = question->images->core;

	pthread_mutex_lock(&core->lock);
	images_take_answer(question, status, record);
	core_unlock(core);
}

static void ask_for_listing(struct repository *repository)
{
	struct core *core = repository->owner->core;

	if (core->source->ops->list_images(core->source, repository->registry, repository->name,
	                                   page_arrived, repository) < 0)
		core_refused(core, &repository->images.listing);
}

static void ask_for_tag(struct repository *repository, struct tag_question *question)
{
	struct core *core = repository->owner->core;

	if (core->source->ops->find_image(core->source, repository->registry, repository->name,
	                                  question->text, tag_answered, question) < 0)
		core_refused(core, &question->fetch);
}

/* Asks the source for what is to be asked for. The lock is not held: what is asked for is under
 * way, and so stays; where nothing is, the repository may be gone already. */
static void do_ask(struct repository *repository, const struct images_todo *todo)
{
	switch (todo->ask) {
	case IMAGES_ASK_NOTHING:
		break;
	case IMAGES_ASK_LISTING:
		ask_for_listing(repository);
		break;
	case IMAGES_ASK_TAG:
		ask_for_tag(repository, todo->question);
		break;
	}
}

enum cache_answer repository_find_image(struct repositories *repositories,
                                        const struct registry *registry, const char *name,
                                        const char *tag, bool listed, struct asker *asker,
                                        struct image *ret_image, enum status *ret_status)
{
	enum cache_answer answer = CACHE_FAILED;
	struct images_todo todo = {.ask = IMAGES_ASK_NOTHING};
	struct repository *repository;

	pthread_mutex_lock(&repositories->core->lock);
	repository = take(repositories, registry, name, ret_status);
	if (repository) {
		answer = images_find(&repository->images, tag, listed, asker, ret_image, &todo,
		                     ret_status);
		measure(repository);
	}
	pthread_mutex_unlock(&repositories->core->lock);
	do_ask(repository, &todo);
	return answer;
}

enum cache_answer repository_list_tags(struct repositories *repositories,
                                       const struct names_request *request, struct asker *asker,
                                       size_t max, struct listed_name *names, size_t *ret_n,
                                       enum status *ret_status)
{
	enum cache_answer answer = CACHE_FAILED;
	struct images_todo todo = {.ask = IMAGES_ASK_NOTHING};
	struct repository *repository;

	pthread_mutex_lock(&repositories->core->lock);
	repository = take(repositories, request->registry, request->path, ret_status);
	if (repository)
		answer = images_list(&repository->images, request, asker, max, names, ret_n, &todo,
		                     ret_status);
	pthread_mutex_unlock(&repositories->core->lock);
	do_ask(repository, &todo);
	return answer;
}

enum cache_known repository_knows(struct repositories *repositories,
                                  const struct registry *registry, const char *name,
                                  const struct asker *asker)
{
	SCOPED_LOCK(&repositories->core->lock);
	const struct repository *repository = peek(repositories, registry, name);
	const struct cache_config *config = &repositories->core->config;
	uint64_t now = core_now_ns(repositories->core);

	if (!repository)
		return CACHE_UNKNOWN;
	if (repository->by_name.status == STATUS_OK &&
	    fetch_is_fresh(&repository->by_name, asker, now, config->ttl_ns))
		return CACHE_KNOWN;
	if (repository->by_name.status == STATUS_ABSENT &&
	    fetch_is_fresh(&repository->by_name, asker, now, config->negative_ttl_ns))
		return CACHE_KNOWN_ABSENT;
	return CACHE_UNKNOWN;
}

void repository_times(struct repositories *repositories, const struct registry *registry,
                      const char *name, bool is_repository, uint64_t *ret_changed_ns,
                      uint64_t *ret_until_ns)
{
	SCOPED_LOCK(&repositories->core->lock);
	const struct repository *repository = peek(repositories, registry, name);
	uint64_t until;

	if (!repository || !repository->images.complete_ns) {
		if (is_repository)
			*ret_until_ns = 0;
		return;
	}
	until = repository->images.complete_ns + repositories->core->config.ttl_ns;
	if (repository->images.tags.changed_ns > *ret_changed_ns)
		*ret_changed_ns = repository->images.tags.changed_ns;
	if (until < *ret_until_ns)
		*ret_until_ns = until;
}
