/* Answers for the parts of the cache: each question goes to those that can tell, what is remembered
 * of the registry first. */
#include "cache/cache_inside.h"
#include "cache/owner.h"
#include "ecr/source.h"

static enum cache_answer count(struct cache *cache, enum cache_kind kind, struct asker *asker,
                               enum cache_answer answer)
{
	counts_answer(&cache->core.counts, kind, asker, answer);
	return answer;
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

	if (known != CACHE_UNKNOWN)
		return known;
	return catalog_knows(catalog_of(cache->catalogs, registry), path,
	                     repository_found_ns(&cache->repositories, registry, path), asker);
}

bool cache_lacks_repository(struct cache *cache, const struct registry *registry, const char *path,
                            const struct asker *asker)
{
	return catalog_lacks(catalog_of(cache->catalogs, registry), path,
	                     repository_found_ns(&cache->repositories, registry, path), asker);
}

enum cache_answer cache_renew_paths(struct cache *cache, const struct registry *registry,
                                    struct asker *asker, enum status *ret_status)
{
	return catalog_renew(catalog_of(cache->catalogs, registry), asker, ret_status);
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
	struct images_request request = {.text = text, .how = how};
	enum cache_answer answer;

	if (how == CACHE_PULL && cache->core.config.no_pull) {
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
                         const struct digest *digest, bool was_walked)
{
	struct place place = place_of(cache, registry, repository, listing, text);
	struct manifest_use use;

	if (!place.sequence)
		return;
	manifests_meet(&cache->manifests, &place, digest, was_walked, &use);
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
