/* The listing of a registry's repositories.
 *
 *   first pass:  names are of use as their pages arrive
 *   later ones:  directories are read from the last complete pass until the new one is complete;
 *                a name is fresh as soon as a page shows it
 */
#include "base/cleanup.h"
#include "cache/catalog_inside.h"
#include "cache/promise.h"
#include "ecr/name.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

bool catalog_drop(struct catalog *catalog)
{
	struct tree fresh;

	if (tree_init(&fresh) < 0)
		return false;
	tree_deinit(&catalog->tree);
	catalog->tree = fresh;
	catalog->complete_ns = 0;
	budget_resize(&catalog->core->budget, &catalog->item, catalog->tree.bytes);
	return true;
}

/* Drops the tree, which may be remembered again. The catalog itself is as old as the mount. */
static void catalog_evict(struct budget_item *item)
{
	struct catalog *catalog = (struct catalog *)((char *)item - offsetof(struct catalog, item));

	if (fetch_in_use(&catalog->fetch) || fetch_in_use(&catalog->recall.fetch) ||
	    !catalog->fetch.answered_ns ||
	    core_now_ns(catalog->core) - catalog->used_ns < CORE_GRACE_NS || !catalog_drop(catalog))
		return;
	catalog->fetch.answered_ns = 0;
	catalog->recall.is_done = false;
}

struct catalog *catalog_new(struct core *core, const struct registry *registry)
{
	struct catalog *catalog = calloc(1, sizeof(*catalog));

	if (!catalog)
		return NULL;
	if (tree_init(&catalog->tree) < 0) {
		free(catalog);
		return NULL;
	}
	catalog->core = core;
	catalog->registry = registry;
	owner_init(&catalog->owner, core, registry);
	catalog->item.evict = catalog_evict;
	catalog->item.bytes = catalog->tree.bytes;
	budget_add(&core->budget, &catalog->item);
	return catalog;
}

void catalog_free(struct catalog *catalog)
{
	if (!catalog)
		return;
	budget_remove(&catalog->core->budget, &catalog->item);
	tree_deinit(&catalog->tree);
	free(catalog);
}

struct catalog *catalog_of(struct catalog *first, const struct registry *registry)
{
	while (first && first->registry != registry)
		first = first->next;
	return first;
}

/* Whether what came at `since_ns` of the path was forgotten. */
static bool is_forgotten(const struct catalog *catalog, const char *path, uint64_t since_ns)
{
	return forgotten_covers(&catalog->forgotten, path, since_ns);
}

void catalog_forget(struct catalog *catalog, const char *path)
{
	uint64_t now = core_now_ns(catalog->core);

	forgotten_add(&catalog->forgotten, path, catalog->complete_ns, now);
	if (!path[0])
		catalog->owner.fetch.forgotten_ns = now;
}

/* Whether there is a complete listing that `asker` may use. */
static bool is_complete(const struct catalog *catalog, const struct asker *asker)
{
	return core_is_young(catalog->core, catalog->complete_ns, catalog->core->config.ttl_ns,
	                     asker);
}

/* The same, or one that is too old where there is no news. */
static bool may_use(const struct catalog *catalog, struct asker *asker)
{
	return core_good_until_ns(catalog->core, &catalog->fetch, catalog->complete_ns,
	                          catalog->core->config.ttl_ns, asker);
}

/* Whether the listing, which does not show a path, is proof of its absence. A namespace cannot be
 * asked for by name: where a new listing costs one call, that is asked for instead. */
static bool proves_absence(const struct catalog *catalog, const char *path,
                           const struct asker *asker)
{
	const struct cache_config *config = &catalog->core->config;

	return is_complete(catalog, asker) && !is_forgotten(catalog, path, catalog->complete_ns) &&
	       (!catalog->is_short ||
	        core_is_young(catalog->core, catalog->complete_ns, config->negative_ttl_ns, asker));
}

static uint64_t good_since_ns(const struct catalog *catalog, const struct tree_node *node)
{
	return name_good_since_ns(&node->name, catalog->complete_ns);
}

/* Until when it is good, 0 for not at all. */
static uint64_t good_until_ns(const struct catalog *catalog, const char *path,
                              const struct tree_node *node, struct asker *asker)
{
	if (is_forgotten(catalog, path, good_since_ns(catalog, node)))
		return 0;
	return core_good_until_ns(catalog->core, &catalog->fetch, good_since_ns(catalog, node),
	                          catalog->core->config.ttl_ns, asker);
}

/* Whether the listing failed, and that still counts. */
static bool has_failed(const struct catalog *catalog, const char *path, const struct asker *asker)
{
	return core_has_failed(catalog->core, &catalog->fetch, asker) &&
	       !is_forgotten(catalog, path, catalog->fetch.answered_ns);
}

static enum cache_answer find_locked(struct catalog *catalog, const char *path, struct asker *asker,
                                     struct path_roles *ret_roles, bool *ret_ask,
                                     enum status *ret_status)
{
	const struct tree_node *node = tree_find(&catalog->tree, path);
	uint64_t until_ns = node ? good_until_ns(catalog, path, node, asker) : 0;

	if (until_ns) {
		ret_roles->is_repository = node->is_repository;
		ret_roles->is_namespace = node->children.n;
		ret_roles->number = node->name.number;
		ret_roles->until_ns = until_ns;
		return CACHE_FOUND;
	}
	if (proves_absence(catalog, path, asker))
		return CACHE_ABSENT;
	if (has_failed(catalog, path, asker))
		return fetch_failure(&catalog->fetch, ret_status);
	return catalog_wait(catalog, asker, ret_ask, ret_status);
}

static void use(struct catalog *catalog)
{
	catalog->used_ns = core_now_ns(catalog->core);
	budget_touch(&catalog->core->budget, &catalog->item);
}

enum cache_answer catalog_find(struct catalog *catalog, const char *path, struct asker *asker,
                               struct path_roles *ret_roles, enum status *ret_status)
{
	enum cache_answer answer;
	bool must_ask = false;

	pthread_mutex_lock(&catalog->core->lock);
	use(catalog);
	answer = find_locked(catalog, path, asker, ret_roles, &must_ask, ret_status);
	pthread_mutex_unlock(&catalog->core->lock);
	if (must_ask)
		catalog_ask(catalog);
	return answer;
}

/* Whether the last attempt to list the registry failed, and there is nothing better than the
 * listing before that. */
static bool is_cut_off(const struct catalog *catalog)
{
	struct asker anybody = {.start_ns = UINT64_MAX, .takes_stale = true};

	return status_is_transient(catalog->fetch.status) &&
	       core_good_until_ns(catalog->core, &catalog->fetch, catalog->complete_ns,
	                          catalog->core->config.ttl_ns, &anybody);
}

enum cache_known catalog_knows(struct catalog *catalog, const char *path, uint64_t found_ns,
                               const struct asker *asker)
{
	SCOPED_LOCK(&catalog->core->lock);
	const struct tree_node *node = tree_find(&catalog->tree, path);
	bool is_old = is_cut_off(catalog);
	struct asker looking = *asker;

	if (is_forgotten(catalog, path, node ? good_since_ns(catalog, node) : catalog->complete_ns))
		return CACHE_UNKNOWN;
	if (node && node->is_repository && (is_old || good_until_ns(catalog, path, node, &looking)))
		return CACHE_KNOWN;
	if (!is_old && !may_use(catalog, &looking))
		return CACHE_UNKNOWN;
	return found_ns > catalog->complete_ns ? CACHE_KNOWN : CACHE_KNOWN_ABSENT;
}

bool catalog_lacks(struct catalog *catalog, const char *path, uint64_t found_ns,
                   const struct asker *asker)
{
	SCOPED_LOCK(&catalog->core->lock);
	const struct tree_node *node = tree_find(&catalog->tree, path);

	return is_complete(catalog, asker) && !is_forgotten(catalog, path, catalog->complete_ns) &&
	       !(node && node->is_repository) && found_ns <= catalog->complete_ns;
}

enum cache_known catalog_shows(struct catalog *catalog, const char *path, bool *ret_is_short)
{
	SCOPED_LOCK(&catalog->core->lock);

	*ret_is_short = catalog->is_short;
	if (tree_find(&catalog->tree, path))
		return CACHE_KNOWN;
	return catalog->complete_ns ? CACHE_KNOWN_ABSENT : CACHE_UNKNOWN;
}

/* Until when the child is good that a listing of `path` shows; 0: that is not said. */
static uint64_t child_until_ns(const struct catalog *catalog, const char *path,
                               const struct tree_node *child)
{
	uint64_t since_ns = good_since_ns(catalog, child);
	char whole[2 * (NAME_REPOSITORY_MAX + 1)];

	snprintf(whole, sizeof(whole), "%s%s%s", path, path[0] ? "/" : "", child->text);
	if (is_forgotten(catalog, whole, since_ns))
		return 0;
	return since_ns + catalog->core->config.ttl_ns;
}

/* What a directory that is not too long shows of each name at once. */
static void add_more(const struct catalog *catalog, const char *path, const struct tree_node *node,
                     struct listed_name *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct name *child = names_at(&node->children, names[i].sequence);

		names[i].until_ns = child_until_ns(catalog, path, (const struct tree_node *)child);
	}
}

/* Whether the names may be shown: who has begun to read them reads on, whatever was forgotten. */
static bool may_show(const struct catalog *catalog, const struct names_request *request,
                     struct asker *asker)
{
	if (catalog->complete_ns && is_forgotten(catalog, request->path, catalog->complete_ns))
		return request->going_on;
	return core_may_show(catalog->core, &catalog->fetch, catalog->complete_ns,
	                     request->going_on, asker);
}

static enum cache_answer list_locked(struct catalog *catalog, const struct names_request *request,
                                     struct asker *asker, size_t max, struct listed_name *names,
                                     size_t *ret_n, bool *ret_ask, enum status *ret_status)
{
	const struct tree_node *node = tree_find(&catalog->tree, request->path);

	*ret_n = 0;
	if (may_show(catalog, request, asker)) {
		if (node)
			*ret_n = names_copy(&node->children, request->after, max, NULL, names);
		if (node && request->with_more && node->children.n <= CACHE_MORE_MAX)
			add_more(catalog, request->path, node, names, *ret_n);
		if (*ret_n)
			return CACHE_FOUND;
		if (catalog->complete_ns) /* that was the end */
			return node ? CACHE_FOUND : CACHE_ABSENT;
	}
	if (has_failed(catalog, request->path, asker))
		return fetch_failure(&catalog->fetch, ret_status);
	return catalog_wait(catalog, asker, ret_ask, ret_status);
}

enum cache_answer catalog_list(struct catalog *catalog, const struct names_request *request,
                               struct asker *asker, size_t max, struct listed_name *names,
                               size_t *ret_n, enum status *ret_status)
{
	enum cache_answer answer;
	bool must_ask = false;

	pthread_mutex_lock(&catalog->core->lock);
	use(catalog);
	answer = list_locked(catalog, request, asker, max, names, ret_n, &must_ask, ret_status);
	pthread_mutex_unlock(&catalog->core->lock);
	if (must_ask)
		catalog_ask(catalog);
	return answer;
}

static enum cache_answer renew_locked(struct catalog *catalog, struct asker *asker, bool *ret_ask,
                                      enum status *ret_status)
{
	if (!catalog->complete_ns || may_use(catalog, asker))
		return CACHE_FOUND;
	if (has_failed(catalog, "", asker))
		return fetch_failure(&catalog->fetch, ret_status);
	return catalog_wait(catalog, asker, ret_ask, ret_status);
}

enum cache_answer catalog_renew(struct catalog *catalog, struct asker *asker,
                                enum status *ret_status)
{
	enum cache_answer answer;
	bool must_ask = false;

	pthread_mutex_lock(&catalog->core->lock);
	use(catalog);
	answer = renew_locked(catalog, asker, &must_ask, ret_status);
	pthread_mutex_unlock(&catalog->core->lock);
	if (must_ask)
		catalog_ask(catalog);
	return answer;
}

bool catalog_promises(struct catalog *catalog, const char *path, const char *tag)
{
	SCOPED_LOCK(&catalog->core->lock);
	const struct tree_node *node = tree_find(&catalog->tree, path);

	return node && node->is_repository && promise_holds(node->promise, tag);
}

bool catalog_times(struct catalog *catalog, const char *path, uint64_t *ret_changed_ns,
                   uint64_t *ret_until_ns)
{
	SCOPED_LOCK(&catalog->core->lock);
	const struct tree_node *node = tree_find(&catalog->tree, path);
	uint64_t until = catalog->complete_ns + catalog->core->config.ttl_ns;

	if (!node || !catalog->complete_ns) {
		*ret_until_ns = 0;
		return false;
	}
	if (node->children.changed_ns > *ret_changed_ns)
		*ret_changed_ns = node->children.changed_ns;
	if (is_forgotten(catalog, path, catalog->complete_ns))
		until = 0;
	if (until < *ret_until_ns)
		*ret_until_ns = until;
	return node->is_repository;
}
