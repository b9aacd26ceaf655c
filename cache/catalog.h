/* The repositories of one registry, by their listing. */
#ifndef ECRFS_CACHE_CATALOG_H
#define ECRFS_CACHE_CATALOG_H

#include "cache/core.h"
#include "cache/forgotten.h"
#include "cache/owner.h"
#include "cache/recall.h"
#include "cache/tree.h"

struct catalog {
	struct core *core;
	const struct registry *registry;
	struct catalog *next;
	struct budget_item item;
	struct owner owner;
	struct fetch fetch;    /* the listing */
	struct recall recall;  /* of the account and the listing */
	uint64_t recalling_ns; /* monotonic: of which pages have come, the last one has not; 0: none
	                        */
	struct tree tree;
	uint32_t pass;
	uint64_t used_ns;     /* monotonic */
	uint64_t complete_ns; /* monotonic: when the last complete pass ended; 0: never */
	unsigned pages;       /* of this pass, up to now */
	bool is_short;        /* the last complete pass had one page */
	unsigned left_out;    /* names of this pass that no directory can show */
	bool failed_to_store; /* this pass: out of memory */
	struct forgotten forgotten;
};

/* Borrows core and registry. Returns new, or NULL when out of memory. */
struct catalog *catalog_new(struct core *core, const struct registry *registry);
void catalog_free(struct catalog *catalog);

/* The one of `registry` among those that are linked from `first`, or NULL. */
struct catalog *catalog_of(struct catalog *first, const struct registry *registry);

/* Remembers what an earlier life was told of the registry. CACHE_FOUND: all that there is to be
 * remembered is here; else as recall_find(). Takes the lock. */
enum cache_answer catalog_recall(struct catalog *catalog, struct asker *asker,
                                 enum status *ret_status);

/* Drops the listing, if there is memory for an empty one. The caller holds the lock. */
bool catalog_drop(struct catalog *catalog);

/* As cache_find_path(), cache_list(), cache_is_repository(), cache_lacks_repository() and
 * cache_renew_paths(). `found_ns`: when ECR said by name that the repository is there, 0: it did
 * not; a listing before that tells nothing of it. Take the lock. */
enum cache_answer catalog_find(struct catalog *catalog, const char *path, struct asker *asker,
                               struct path_roles *ret_roles, enum status *ret_status);
enum cache_answer catalog_list(struct catalog *catalog, const struct names_request *request,
                               struct asker *asker, size_t max, struct listed_name *names,
                               size_t *ret_n, enum status *ret_status);
enum cache_known catalog_knows(struct catalog *catalog, const char *path, uint64_t found_ns,
                               const struct asker *asker);
bool catalog_lacks(struct catalog *catalog, const char *path, uint64_t found_ns,
                   const struct asker *asker);
enum cache_answer catalog_renew(struct catalog *catalog, struct asker *asker,
                                enum status *ret_status);

/* What the listing said until now of the path, and of what is below it, is not believed any more:
 * see struct forgotten. The caller holds the lock. Threads: loop. */
void catalog_forget(struct catalog *catalog, const char *path);

/* As cache_shows_path(). Takes the lock. */
enum cache_known catalog_shows(struct catalog *catalog, const char *path, bool *ret_is_short);

/* Whether the repository, as the listing showed it, promises that the tag does not move. Takes the
 * lock. */
bool catalog_promises(struct catalog *catalog, const char *path, const char *tag);

/* Since when the path has these components, and until when that is good: makes `ret_changed_ns`
 * later and `ret_until_ns` earlier, 0 when that is not known. Answers whether the listing shows a
 * repository there. Takes the lock. */
bool catalog_times(struct catalog *catalog, const char *path, uint64_t *ret_changed_ns,
                   uint64_t *ret_until_ns);

#endif
