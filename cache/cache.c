/* Puts the parts of the cache together.
 *
 *   catalog       the repositories of a registry          (one per registry)
 *   repositories  existence, tags and images by tag       (one per repository asked about)
 *   manifests     bytes and sizes                         (one per repository and digest)
 *   documents     what else there is to read              (likewise, by kind)
 *   readahead     manifests and listings that will be wanted soon
 *   configs_ahead configurations that will be wanted soon
 *   core          lock, time, budget, and waking
 */
#include "base/cleanup.h"
#include "cache/cache_inside.h"
#include "ecr/source.h"

#include <errno.h>
#include <stdlib.h>

int cache_new(struct loop *loop, const struct clock *clock, struct log *log, struct source *source,
              const struct cache_config *config, struct cache **ret_cache)
{
	struct cache *cache = calloc(1, sizeof(*cache));
	int r;

	if (!cache)
		return -ENOMEM;
	r = core_init(&cache->core, loop, clock, log, source, config);
	if (r < 0) {
		core_deinit(&cache->core);
		free(cache);
		return r;
	}
	repositories_init(&cache->repositories, &cache->core, &cache->manifests);
	manifests_init(&cache->manifests, &cache->core);
	documents_init(&cache->documents, &cache->core);
	readahead_init(&cache->readahead, &cache->core, &cache->repositories, &cache->manifests,
	               &cache->catalogs);
	configs_ahead_init(&cache->configs_ahead, &cache->core, &cache->repositories,
	                   &cache->manifests, &cache->documents, &cache->catalogs);
	*ret_cache = cache;
	return 0;
}

void cache_free(struct cache *cache)
{
	struct catalog *catalog, *next;

	if (!cache)
		return;
	configs_ahead_deinit(&cache->configs_ahead);
	readahead_deinit(&cache->readahead);
	documents_deinit(&cache->documents);
	manifests_deinit(&cache->manifests);
	repositories_deinit(&cache->repositories);
	for (catalog = cache->catalogs; catalog; catalog = next) {
		next = catalog->next;
		catalog_free(catalog);
	}
	core_deinit(&cache->core);
	free(cache);
}

int cache_add_registry(struct cache *cache, const struct registry *registry)
{
	SCOPED_LOCK(&cache->core.lock);
	struct catalog *catalog = catalog_new(&cache->core, registry);

	if (!catalog)
		return -ENOMEM;
	catalog->next = cache->catalogs;
	cache->catalogs = catalog;
	return 0;
}

void cache_release(struct cache *cache, struct asker *asker)
{
	pthread_mutex_lock(&cache->core.lock);
	streams_end_waiting(&cache->manifests.streams, asker);
	asker_release(asker, &cache->core.ready);
	core_unlock(&cache->core);
}

void cache_forget(struct cache *cache)
{
	pthread_mutex_lock(&cache->core.lock);
	streams_clear(&cache->configs_ahead.streams);
	streams_clear(&cache->manifests.streams); /* who reads on is not to blame for what goes */
	pthread_mutex_unlock(&cache->core.lock);
	core_forget(&cache->core);
}

void cache_forget_part(struct cache *cache, const struct cache_scope *scope)
{
	struct core *core = &cache->core;
	struct digest digest;
	size_t bytes;

	pthread_mutex_lock(&core->lock);
	bytes = core->budget.bytes;
	streams_clear(&cache->configs_ahead.streams);
	streams_clear(&cache->manifests.streams);
	core->part_forgotten_ns = core_now_ns(core);
	if (scope->repository &&
	    repository_forget_image(&cache->repositories, scope->registry, scope->repository,
	                            scope->image, &digest)) {
		manifests_forget_one(&cache->manifests, scope->registry, scope->repository,
		                     &digest);
		documents_forget_image(&cache->documents, scope->registry, scope->repository,
		                       &digest);
	}
	if (scope->path) {
		catalog_forget(catalog_of(cache->catalogs, scope->registry), scope->path);
		repositories_forget(&cache->repositories, scope->registry, scope->path);
		manifests_forget(&cache->manifests, scope->registry, scope->path);
		documents_forget(&cache->documents, scope->registry, scope->path);
	}
	core->evicted_bytes += bytes - core->budget.bytes;
	core_unlock(core);
}

uint64_t cache_new_number(struct cache *cache)
{
	SCOPED_LOCK(&cache->core.lock);
	return core_new_number(&cache->core);
}

void cache_figures(struct cache *cache, struct cache_figures *ret_figures)
{
	*ret_figures = (struct cache_figures){.max_bytes = cache->core.config.max_bytes};
	counts_read(&cache->core.counts, ret_figures);
	ret_figures->events[CACHE_IDS_FETCHED] += cache->core.source->n_asked;
	SCOPED_LOCK(&cache->core.lock);

	ret_figures->bytes = cache->core.budget.bytes;
}
