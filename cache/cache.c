/* Puts the parts of the cache together, and answers for them.
 *
 *   catalog       the repositories of a registry          (one per registry)
 *   repositories  existence, tags and images by tag       (one per repository asked about)
 *   manifests     bytes and sizes                         (one per repository and digest)
 *   core          lock, time, budget, and waking
 */
#include "cache/cache.h"
#include "base/cleanup.h"
#include "cache/catalog.h"
#include "cache/core.h"
#include "cache/manifests.h"
#include "cache/repository.h"

#include <errno.h>
#include <stdlib.h>
#include <utlist.h>

struct cache {
	struct core core;
	struct catalog *catalogs;
	struct repositories repositories;
	struct manifests manifests;
};

int cache_new(struct loop *loop, const struct clock *clock, struct log *log, struct source *source,
              const struct cache_config *config, struct cache **ret_cache)
{
	struct cache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		return -ENOMEM;
	core_init(&cache->core, loop, clock, log, source, config);
	repositories_init(&cache->repositories, &cache->core);
	manifests_init(&cache->manifests, &cache->core);
	*ret_cache = cache;
	return 0;
}

void cache_free(struct cache *cache)
{
	struct catalog *catalog, *next;

	if (!cache)
		return;
	manifests_deinit(&cache->manifests);
	repositories_deinit(&cache->repositories);
	LL_FOREACH_SAFE(cache->catalogs, catalog, next)
	{
		catalog_free(catalog);
	}
	core_deinit(&cache->core);
	free(cache);
}

int cache_add_registry(struct cache *cache, const struct registry *registry)
{
	struct catalog *catalog = catalog_new(&cache->core, registry);

	if (!catalog)
		return -ENOMEM;
	LL_APPEND(cache->catalogs, catalog);
	return 0;
}

void cache_release(struct cache *cache, struct asker *asker)
{
	pthread_mutex_lock(&cache->core.lock);
	asker_release(asker, &cache->core.ready);
	core_unlock(&cache->core);
}

uint64_t cache_new_number(struct cache *cache)
{
	SCOPED_LOCK(&cache->core.lock);
	return core_new_number(&cache->core);
}

/* Every registry that is asked about was added. */
static struct catalog *catalog_of(struct cache *cache, const struct registry *registry)
{
	struct catalog *catalog;

	LL_SEARCH_SCALAR(cache->catalogs, catalog, registry, registry);
	return catalog;
}

enum cache_answer cache_find_path(struct cache *cache, const struct registry *registry,
                                  const char *path, struct asker *asker,
                                  struct path_roles *ret_roles, enum status *ret_status)
{
	return catalog_find(catalog_of(cache, registry), path, asker, ret_roles, ret_status);
}

enum cache_known cache_shows_path(struct cache *cache, const struct registry *registry,
                                  const char *path, bool *ret_is_short)
{
	return catalog_shows(catalog_of(cache, registry), path, ret_is_short);
}

enum cache_answer cache_find_repository(struct cache *cache, const struct registry *registry,
                                        const char *repository, struct asker *asker,
                                        uint64_t *ret_until_ns, enum status *ret_status)
{
	return repository_find(&cache->repositories, registry, repository, asker, ret_until_ns,
	                       ret_status);
}

enum cache_known cache_is_repository(struct cache *cache, const struct registry *registry,
                                     const char *path, const struct asker *asker)
{
	enum cache_known known = repository_knows(&cache->repositories, registry, path, asker);

	if (known == CACHE_UNKNOWN)
		known = catalog_knows(catalog_of(cache, registry), path, asker);
	return known;
}

enum cache_answer cache_find_image(struct cache *cache, const struct registry *registry,
                                   const char *repository, const char *tag, bool listed,
                                   struct asker *asker, struct image *ret_image,
                                   enum status *ret_status)
{
	return repository_find_image(&cache->repositories, registry, repository, tag, listed, asker,
	                             ret_image, ret_status);
}

enum cache_answer cache_get_manifest(struct cache *cache, const struct registry *registry,
                                     const char *repository, const struct digest *digest,
                                     struct asker *asker, struct bytes **ret_bytes,
                                     enum status *ret_status)
{
	return manifests_get(&cache->manifests, registry, repository, digest, asker, ret_bytes,
	                     ret_status);
}

bool cache_manifest_size(struct cache *cache, const struct registry *registry,
                         const char *repository, const struct digest *digest, size_t *ret_size)
{
	return manifests_size(&cache->manifests, registry, repository, digest, ret_size);
}

enum cache_answer cache_list(struct cache *cache, const struct names_request *request,
                             struct asker *asker, size_t max, struct listed_name *names,
                             size_t *ret_n, enum status *ret_status)
{
	switch (request->listing) {
	case CACHE_COMPONENTS:
		return catalog_list(catalog_of(cache, request->registry), request, asker, max,
		                    names, ret_n, ret_status);
	case CACHE_TAGS:
		return repository_list_tags(&cache->repositories, request, asker, max, names, ret_n,
		                            ret_status);
	}
	return CACHE_ABSENT;
}

void cache_listing_times(struct cache *cache, const struct registry *registry, const char *path,
                         uint64_t *ret_changed_ns, uint64_t *ret_until_ns)
{
	bool is_repository;

	*ret_changed_ns = 0;
	*ret_until_ns = UINT64_MAX;
	is_repository =
	        catalog_times(catalog_of(cache, registry), path, ret_changed_ns, ret_until_ns);
	repository_times(&cache->repositories, registry, path, is_repository, ret_changed_ns,
	                 ret_until_ns);
}
