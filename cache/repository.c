/* Repositories by registry and name, and what the source tells of them.
 *
 * A repository comes to be when somebody asks about it, whether or not ECR has it, and goes when
 * memory is short and nobody waits.
 */
#include "cache/repository.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "cache/manifests.h"
#include "cache/promise.h"

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

void repositories_init(struct repositories *repositories, struct core *core,
                       struct manifests *manifests)
{
	*repositories = (struct repositories){.core = core, .manifests = manifests};
}

static void repository_free(struct repository *repository)
{
	struct repositories *owner = repository->owner;

	HASH_DEL(owner->table, repository);
	budget_remove(&owner->core->budget, &repository->item);
	images_deinit(&repository->images);
	promise_free(repository->promise);
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
	return sizeof(*repository) + 2 * strlen(repository->name) +
	       images_bytes(&repository->images);
}

static void repository_evict(struct budget_item *item)
{
	struct repository *repository =
	        (struct repository *)((char *)item - offsetof(struct repository, item));

	if (core_now_ns(repository->owner->core) - repository->used_ns >= CORE_GRACE_NS &&
	    !fetch_in_use(&repository->by_name) && !images_in_use(&repository->images))
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
	if (!repository) {
		*ret_status = STATUS_NO_MEMORY;
		return NULL;
	}
	repository->used_ns = core_now_ns(owner->core);
	budget_touch(&owner->core->budget, &repository->item);
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

static enum cache_answer find_locked(struct repository *repository, struct asker *asker,
                                     uint64_t *ret_until_ns, bool *ret_ask, enum status *ret_status)
{
	const struct core *core = repository->owner->core;
	struct fetch *fetch = &repository->by_name;

	if (core_is_fresh(core, fetch, asker, core->config.ttl_ns)) {
		if (fetch->status != STATUS_OK)
			return fetch_failure(fetch, ret_status);
		*ret_until_ns = fetch->answered_ns + core->config.ttl_ns;
		return CACHE_FOUND;
	}
	return core_join(fetch, asker, ret_ask, ret_status);
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
	measure(repository);
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
		atomic_fetch_add(&repository->owner->core->pulls, 1);
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
		atomic_fetch_add(&core->manifests_asked, 1);
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
	repository = take(repositories, registry, name, ret_status);
	if (repository) {
		answer = images_find(&repository->images, request, asker, ret_found, &todo,
		                     ret_status);
		measure(repository);
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
	repository = take(repositories, request->registry, request->path, ret_status);
	if (repository)
		answer = images_list(&repository->images, request, asker, max, names, ret_n, &todo,
		                     ret_status);
	pthread_mutex_unlock(&repositories->core->lock);
	do_ask(repository, &todo);
	return answer;
}

const struct repository *repository_peek(struct repositories *repositories,
                                         const struct registry *registry, const char *name)
{
	return peek(repositories, registry, name);
}

static struct image_listing *listing_of(struct repository *repository, enum cache_listing listing)
{
	return listing == CACHE_TAGS ? &repository->images.tags : &repository->images.digests;
}

const struct image_listing *repository_listing(const struct repository *repository,
                                               enum cache_listing listing)
{
	return listing_of((struct repository *)repository, listing);
}

void repository_set_order(struct repositories *repositories, const struct registry *registry,
                          const char *name, enum cache_listing listing, uint64_t complete_ns,
                          struct order *order)
{
	SCOPED_LOCK(&repositories->core->lock);
	struct repository *repository = peek(repositories, registry, name);
	struct image_listing *images = repository ? listing_of(repository, listing) : NULL;

	if (!images || images->order || images->complete_ns != complete_ns) {
		order_free(order);
		return;
	}
	images->order = order;
	measure(repository);
}

bool repository_is_listed(struct repositories *repositories, const struct registry *registry,
                          const char *name)
{
	const struct core *core = repositories->core;
	const struct repository *repository = peek(repositories, registry, name);
	uint64_t complete_ns = repository ? repository->images.tags.complete_ns : 0;

	return complete_ns && core_now_ns(core) - complete_ns < core->config.ttl_ns;
}

uint64_t repository_sequence(struct repositories *repositories, const struct registry *registry,
                             const char *name, enum cache_listing listing, const char *text)
{
	SCOPED_LOCK(&repositories->core->lock);
	const struct repository *repository = peek(repositories, registry, name);
	const struct name *found = NULL;

	if (repository)
		found = names_find(&repository_listing(repository, listing)->names, text);
	return found ? found->sequence : 0;
}

enum cache_known repository_knows(struct repositories *repositories,
                                  const struct registry *registry, const char *name,
                                  const struct asker *asker)
{
	SCOPED_LOCK(&repositories->core->lock);
	const struct repository *repository = peek(repositories, registry, name);

	if (!repository || !core_is_fresh(repositories->core, &repository->by_name, asker,
	                                  repositories->core->config.ttl_ns))
		return CACHE_UNKNOWN;
	if (repository->by_name.status == STATUS_OK)
		return CACHE_KNOWN;
	return repository->by_name.status == STATUS_ABSENT ? CACHE_KNOWN_ABSENT : CACHE_UNKNOWN;
}

bool repository_promises(struct repositories *repositories, const struct registry *registry,
                         const char *name, const char *tag)
{
	SCOPED_LOCK(&repositories->core->lock);
	const struct repository *repository = peek(repositories, registry, name);

	return repository && promise_holds(repository->promise, tag);
}

void repository_times(struct repositories *repositories, const struct registry *registry,
                      const char *name, bool digests, bool is_repository, uint64_t *ret_changed_ns,
                      uint64_t *ret_until_ns)
{
	SCOPED_LOCK(&repositories->core->lock);
	const struct repository *repository = peek(repositories, registry, name);
	const struct image_listing *listing = NULL;
	uint64_t until;

	if (repository)
		listing = digests ? &repository->images.digests : &repository->images.tags;
	if (!listing || !listing->complete_ns) {
		if (is_repository)
			*ret_until_ns = 0;
		return;
	}
	until = listing->complete_ns + repositories->core->config.ttl_ns;
	if (listing->names.changed_ns > *ret_changed_ns)
		*ret_changed_ns = listing->names.changed_ns;
	if (until < *ret_until_ns)
		*ret_until_ns = until;
}
