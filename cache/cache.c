/* Puts the parts of the cache together, and answers for them.
 *
 *   catalog       the repositories of a registry          (one per registry)
 *   repositories  existence, tags and images by tag       (one per repository asked about)
 *   manifests     bytes and sizes                         (one per repository and digest)
 *   documents     what else there is to read              (likewise, by kind)
 *   readahead     manifests and listings that will be wanted soon
 *   configs_ahead configurations that will be wanted soon
 *   core          lock, time, budget, and waking
 */
#include "cache/cache.h"
#include "base/cleanup.h"
#include "cache/catalog.h"
#include "cache/configs_ahead.h"
#include "cache/core.h"
#include "cache/documents.h"
#include "cache/manifests.h"
#include "cache/owner.h"
#include "cache/readahead.h"
#include "cache/repository.h"
#include "ecr/source.h"

#include <errno.h>
#include <stdlib.h>
#include <utlist.h>

struct cache {
	struct core core;
	_Atomic(struct catalog *) catalogs; /* only ever grows, at its head */
	struct repositories repositories;
	struct manifests manifests;
	struct documents documents;
	struct readahead readahead;
	struct configs_ahead configs_ahead;
};

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

static enum cache_answer count(struct cache *cache, enum cache_kind kind, struct asker *asker,
                               enum cache_answer answer)
{
	counts_answer(&cache->core.counts, kind, asker, answer);
	return answer;
}

void cache_figures(struct cache *cache, struct cache_figures *ret_figures)
{
	*ret_figures = (struct cache_figures){.max_bytes = cache->core.config.max_bytes};
	counts_read(&cache->core.counts, ret_figures);
	ret_figures->events[CACHE_IDS_FETCHED] += cache->core.source->n_asked;
	SCOPED_LOCK(&cache->core.lock);

	ret_figures->bytes = cache->core.budget.bytes;
}

enum cache_answer cache_find_account(struct cache *cache, const struct registry *registry,
                                     struct asker *asker,
                                     char ret_account[static REGISTRY_ACCOUNT_DIGITS + 1],
                                     enum status *ret_status)
{
	struct catalog *catalog = catalog_of(cache->catalogs, registry);
	enum cache_answer answer = catalog_recall(catalog, asker, ret_status);

	return answer == CACHE_FOUND ? owner_find(&catalog->owner, asker, ret_account, ret_status)
	                             : answer;
}

enum cache_answer cache_find_path(struct cache *cache, const struct registry *registry,
                                  const char *path, struct asker *asker,
                                  struct path_roles *ret_roles, enum status *ret_status)
{
	struct catalog *catalog = catalog_of(cache->catalogs, registry);
	enum cache_answer answer = catalog_recall(catalog, asker, ret_status);

	if (answer == CACHE_FOUND)
		answer = catalog_find(catalog, path, asker, ret_roles, ret_status);
	return count(cache, CACHE_KIND_REPOSITORIES, asker, answer);
}

enum cache_known cache_shows_path(struct cache *cache, const struct registry *registry,
                                  const char *path, bool *ret_is_short)
{
	return catalog_shows(catalog_of(cache->catalogs, registry), path, ret_is_short);
}

enum cache_answer cache_find_repository(struct cache *cache, const struct registry *registry,
                                        const char *repository, struct asker *asker,
                                        uint64_t *ret_until_ns, enum status *ret_status)
{
	enum cache_answer answer =
	        catalog_recall(catalog_of(cache->catalogs, registry), asker, ret_status);

	if (answer == CACHE_FOUND)
		answer = repository_find(&cache->repositories, registry, repository, asker,
		                         ret_until_ns, ret_status);
	return count(cache, CACHE_KIND_REPOSITORIES, asker, answer);
}

enum cache_known cache_is_repository(struct cache *cache, const struct registry *registry,
                                     const char *path, const struct asker *asker)
{
	enum cache_known known = repository_knows(&cache->repositories, registry, path, asker);

	if (known == CACHE_UNKNOWN)
		known = catalog_knows(catalog_of(cache->catalogs, registry), path, asker);
	return known;
}

/* How long it is believed what a tag or digest stands for. A tag that its repository promises not
 * to move is asked for again all the same when no listing has shown it for ten TTLs. */
static uint64_t image_ttl_ns(struct cache *cache, const struct registry *registry,
                             const char *repository, const char *text)
{
	const struct cache_config *config = &cache->core.config;
	uint64_t ten_ttls_ns = config->ttl_ns < NS_FOREVER / 10 ? 10 * config->ttl_ns : NS_FOREVER;

	if (!catalog_promises(catalog_of(cache->catalogs, registry), repository, text) &&
	    !repository_promises(&cache->repositories, registry, repository, text))
		return config->ttl_ns;
	return config->immutable_ttl_ns < ten_ttls_ns ? config->immutable_ttl_ns : ten_ttls_ns;
}

enum cache_answer cache_find_image(struct cache *cache, const struct registry *registry,
                                   const char *repository, const char *text,
                                   enum image_question_how how, struct asker *asker,
                                   struct found_image *ret_found, enum status *ret_status)
{
	struct images_request request = {
	        .text = text,
	        .listed = how == CACHE_ASK_LISTED,
	        .pull = how == CACHE_PULL,
	};
	enum cache_answer answer;

	if (request.pull && cache->core.config.no_pull) {
		*ret_status = STATUS_NOT_PULLED;
		return CACHE_FAILED;
	}
	/* The registry's listing has the promises. */
	answer = catalog_recall(catalog_of(cache->catalogs, registry), asker, ret_status);
	if (answer == CACHE_FOUND) {
		request.ttl_ns = image_ttl_ns(cache, registry, repository, text);
		answer = repository_find_image(&cache->repositories, registry, repository, &request,
		                               asker, ret_found, ret_status);
	}
	return count(cache, CACHE_KIND_IMAGES, asker, answer);
}

/* A manifest, or its size, was wanted. */
static void used(struct cache *cache, const struct registry *registry, const char *repository,
                 const struct manifest_use *use)
{
	struct place place = {
	        .registry = registry,
	        .repository = repository,
	        .listing = use->listing,
	        .sequence = use->sequence,
	};

	readahead_used(&cache->readahead, &place, use);
}

enum cache_answer cache_get_manifest(struct cache *cache, const struct registry *registry,
                                     const char *repository, const struct digest *digest,
                                     struct asker *asker, struct bytes **ret_bytes,
                                     enum status *ret_status)
{
	struct manifest_use use;
	enum cache_answer answer = manifests_get(&cache->manifests, registry, repository, digest,
	                                         asker, ret_bytes, &use, ret_status);

	used(cache, registry, repository, &use);
	return count(cache, CACHE_KIND_MANIFESTS, asker, answer);
}

void cache_meet_config(struct cache *cache, const struct registry *registry, const char *repository,
                       const struct digest *image)
{
	configs_ahead_meet(&cache->configs_ahead, registry, repository, image);
}

enum cache_answer cache_get_document(struct cache *cache, const struct registry *registry,
                                     const char *repository, const struct document_id *id,
                                     struct asker *asker, struct cached_document *ret_document,
                                     enum status *ret_status)
{
	/* A source that keeps some has this rule itself. */
	if (id->kind == DOCUMENT_CONFIG && cache->core.config.no_pull &&
	    !cache->core.source->ops->fetch_size) {
		*ret_status = STATUS_NOT_PULLED;
		return CACHE_FAILED;
	}
	return count(cache, CACHE_KIND_DOCUMENTS, asker,
	             documents_get(&cache->documents, registry, repository, id, asker, ret_document,
	                           ret_status));
}

bool cache_peek_document(struct cache *cache, const struct registry *registry,
                         const char *repository, const struct document_id *id,
                         struct cached_document *ret_document)
{
	return documents_peek(&cache->documents, registry, repository, id, ret_document);
}

void cache_document_times(struct cache *cache, const struct registry *registry,
                          const char *repository, const struct document_id *id,
                          uint64_t *ret_changed_ns, uint64_t *ret_until_ns)
{
	documents_times(&cache->documents, registry, repository, id, ret_changed_ns, ret_until_ns);
}

static struct place place_of(struct cache *cache, const struct registry *registry,
                             const char *repository, enum cache_listing listing, const char *text)
{
	return (struct place){
	        .registry = registry,
	        .repository = repository,
	        .listing = listing,
	        .sequence = repository_sequence(&cache->repositories, registry, repository, listing,
	                                        text),
	};
}

bool cache_tell_manifest_size(struct cache *cache, const struct registry *registry,
                              const char *repository, enum cache_listing listing, const char *text,
                              const struct digest *digest, size_t *ret_size)
{
	struct place place = place_of(cache, registry, repository, listing, text);
	struct manifest_use use;

	if (!manifests_tell_size(&cache->manifests, &place, digest, ret_size, &use))
		return false;
	used(cache, registry, repository, &use);
	return true;
}

void cache_meet_manifest(struct cache *cache, const struct registry *registry,
                         const char *repository, enum cache_listing listing, const char *text,
                         const struct digest *digest)
{
	struct place place = place_of(cache, registry, repository, listing, text);
	struct manifest_use use;

	if (!place.sequence)
		return;
	manifests_meet(&cache->manifests, &place, digest, &use);
	used(cache, registry, repository, &use);
}

bool cache_manifest_size(struct cache *cache, const struct registry *registry,
                         const char *repository, const struct digest *digest, size_t *ret_size)
{
	struct manifest_use use;
	bool is_known =
	        manifests_size(&cache->manifests, registry, repository, digest, ret_size, &use);

	used(cache, registry, repository, &use);
	return is_known;
}

enum cache_answer cache_list(struct cache *cache, const struct names_request *request,
                             struct asker *asker, size_t max, struct listed_name *names,
                             size_t *ret_n, enum status *ret_status)
{
	struct catalog *catalog = catalog_of(cache->catalogs, request->registry);
	enum cache_answer answer = catalog_recall(catalog, asker, ret_status);

	*ret_n = 0;
	if (answer == CACHE_FOUND && request->listing == CACHE_COMPONENTS)
		answer = catalog_list(catalog, request, asker, max, names, ret_n, ret_status);
	else if (answer == CACHE_FOUND)
		answer = repository_list(&cache->repositories, request, asker, max, names, ret_n,
		                         ret_status);
	return count(cache, CACHE_KIND_LISTINGS, asker, answer);
}

void cache_listing_times(struct cache *cache, const struct registry *registry, const char *path,
                         bool digests, uint64_t *ret_changed_ns, uint64_t *ret_until_ns)
{
	bool has_tags = false;

	*ret_changed_ns = 0;
	*ret_until_ns = UINT64_MAX;
	if (!digests)
		has_tags = catalog_times(catalog_of(cache->catalogs, registry), path,
		                         ret_changed_ns, ret_until_ns);
	repository_times(&cache->repositories, registry, path, digests, has_tags || digests,
	                 ret_changed_ns, ret_until_ns);
}
