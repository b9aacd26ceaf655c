/* Repositories by registry and name, and what is known of them.
 *
 * A repository comes to be when somebody asks about it, whether or not ECR has it, and goes when
 * memory is short and nobody waits.
 */
#include "cache/repository.h"
#include "base/cleanup.h"
#include "cache/promise.h"
#include "ecr/name.h"

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
	    !fetch_in_use(&repository->recall.fetch) && !fetch_in_use(&repository->by_name) &&
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

struct repository *repository_take(struct repositories *owner, const struct registry *registry,
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

void repository_measure(struct repository *repository)
{
	budget_resize(&repository->owner->core->budget, &repository->item,
	              repository_bytes(repository));
}

struct image_listing *repository_listing(struct repositories *repositories,
                                         const struct registry *registry, const char *name,
                                         enum cache_listing listing)
{
	struct repository *repository = peek(repositories, registry, name);

	return repository ? images_listing(&repository->images, listing) : NULL;
}

void repository_set_order(struct repositories *repositories, const struct registry *registry,
                          const char *name, enum cache_listing listing, uint64_t complete_ns,
                          struct order *order)
{
	SCOPED_LOCK(&repositories->core->lock);
	struct repository *repository = peek(repositories, registry, name);
	struct image_listing *images = NULL;

	if (repository)
		images = images_listing(&repository->images, listing);

	if (!images || images->order || images->complete_ns != complete_ns) {
		order_free(order);
		return;
	}
	images->order = order;
	repository_measure(repository);
}

bool repository_is_listed(struct repositories *repositories, const struct registry *registry,
                          const char *name)
{
	const struct core *core = repositories->core;
	const struct image_listing *tags =
	        repository_listing(repositories, registry, name, CACHE_TAGS);

	return tags && tags->complete_ns &&
	       core_now_ns(core) - tags->complete_ns < core->config.ttl_ns;
}

uint64_t repository_sequence(struct repositories *repositories, const struct registry *registry,
                             const char *name, enum cache_listing listing, const char *text)
{
	SCOPED_LOCK(&repositories->core->lock);
	const struct image_listing *names =
	        repository_listing(repositories, registry, name, listing);
	const struct listed_image *found = names ? image_listing_find(names, text) : NULL;

	return found ? found->name.sequence : 0;
}

enum cache_known repository_knows(struct repositories *repositories,
                                  const struct registry *registry, const char *name,
                                  const struct asker *asker)
{
	SCOPED_LOCK(&repositories->core->lock);
	const struct repository *repository = peek(repositories, registry, name);
	struct asker looking = *asker;
	enum status status;
	uint64_t until_ns;

	if (!repository)
		return CACHE_UNKNOWN;
	switch (core_look_up(repositories->core, &repository->by_name,
	                     repositories->core->config.ttl_ns, &looking, &until_ns, &status)) {
	case CACHE_FOUND:
		return CACHE_KNOWN;
	case CACHE_ABSENT:
		return CACHE_KNOWN_ABSENT;
	case CACHE_FAILED:
	case CACHE_WAIT:
		break;
	}
	return CACHE_UNKNOWN;
}

uint64_t repository_found_ns(struct repositories *repositories, const struct registry *registry,
                             const char *name)
{
	SCOPED_LOCK(&repositories->core->lock);
	const struct repository *repository = peek(repositories, registry, name);
	const struct fetch *by_name = repository ? &repository->by_name : NULL;

	if (!by_name || by_name->good_ns <= by_name->refused_ns ||
	    by_name->good_ns <= by_name->forgotten_ns ||
	    by_name->good_ns <= repositories->core->forgotten_ns)
		return 0;
	return by_name->good_ns;
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
	const struct image_listing *listing = repository_listing(
	        repositories, registry, name, digests ? CACHE_DIGESTS : CACHE_TAGS);
	uint64_t until;

	if (!listing || !listing->complete_ns) {
		if (is_repository)
			*ret_until_ns = 0;
		return;
	}
	until = image_listing_is_forgotten(listing)
	                ? 0
	                : listing->complete_ns + repositories->core->config.ttl_ns;
	if (listing->names.changed_ns > *ret_changed_ns)
		*ret_changed_ns = listing->names.changed_ns;
	if (until < *ret_until_ns)
		*ret_until_ns = until;
}

/* What nobody uses goes. */
void repositories_forget(struct repositories *repositories, const struct registry *registry,
                         const char *path)
{
	uint64_t now = core_now_ns(repositories->core);
	struct repository *repository, *next;

	HASH_ITER (hh, repositories->table, repository, next) {
		if (repository->registry != registry || !name_is_below(repository->name, path))
			continue;
		repository->by_name.forgotten_ns = now;
		images_forget(&repository->images);
		repository_evict(&repository->item);
	}
}

bool repository_forget_image(struct repositories *repositories, const struct registry *registry,
                             const char *name, const char *text, struct digest *ret_digest)
{
	struct repository *repository = peek(repositories, registry, name);

	return repository && images_forget_one(&repository->images, text, ret_digest);
}
