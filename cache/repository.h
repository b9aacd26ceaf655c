/* One repository: whether it exists, and what its tags and digests stand for. */
#ifndef ECRFS_CACHE_REPOSITORY_H
#define ECRFS_CACHE_REPOSITORY_H

#include "cache/core.h"
#include "cache/images.h"
#include "cache/recall.h"

/* Identity of a repository in the table: the registry's address, then the name. */
struct repositories {
	struct core *core;
	struct manifests *manifests; /* where what a tag pulled is kept */
	struct repository *table;    /* under lock */
};

struct repository {
	UT_hash_handle hh;
	struct repositories *owner;
	const struct registry *registry;
	struct budget_item item;
	uint64_t used_ns;        /* monotonic */
	struct recall recall;    /* of all the rest */
	struct fetch by_name;    /* DescribeRepositories with this one name */
	struct promise *promise; /* as the answer by name told; NULL: none */
	struct images images;
	char *key; /* what the table is keyed by */
	char name[];
};

void repositories_init(struct repositories *repositories, struct core *core,
                       struct manifests *manifests);
void repositories_deinit(struct repositories *repositories);

/* As the functions of cache/cache.h with these names. Take the lock. */
enum cache_answer repository_find(struct repositories *repositories,
                                  const struct registry *registry, const char *name,
                                  struct asker *asker, uint64_t *ret_until_ns,
                                  enum status *ret_status);
enum cache_answer repository_find_image(struct repositories *repositories,
                                        const struct registry *registry, const char *name,
                                        const struct images_request *request, struct asker *asker,
                                        struct found_image *ret_found, enum status *ret_status);
enum cache_answer repository_list(struct repositories *repositories,
                                  const struct names_request *request, struct asker *asker,
                                  size_t max, struct listed_name *names, size_t *ret_n,
                                  enum status *ret_status);

/* Asks the source to remember the repository, which recall_find() wanted. Takes the lock. */
void repository_recall(struct repository *repository);

/* The repository, which counts as used; NULL when out of memory. The caller holds the lock. */
struct repository *repository_take(struct repositories *owner, const struct registry *registry,
                                   const char *name, enum status *ret_status);

/* Its memory has changed. The caller holds the lock. */
void repository_measure(struct repository *repository);

/* Its listing of tags or of digests, or NULL: nothing is known of the repository. The caller holds
 * the lock. */
struct image_listing *repository_listing(struct repositories *repositories,
                                         const struct registry *registry, const char *name,
                                         enum cache_listing listing);

/* Keeps an order of the names that `complete_ns` stands for, which it takes, if the repository
 * still has that listing. Takes the lock. */
void repository_set_order(struct repositories *repositories, const struct registry *registry,
                          const char *name, enum cache_listing listing, uint64_t complete_ns,
                          struct order *order);

/* Whether there is a listing of its tags that is not too old. The caller holds the lock. */
bool repository_is_listed(struct repositories *repositories, const struct registry *registry,
                          const char *name);

/* The place of a tag or digest in that listing, 0 for none. Takes the lock. */
uint64_t repository_sequence(struct repositories *repositories, const struct registry *registry,
                             const char *name, enum cache_listing listing, const char *text);

/* Forgets the repositories of that name, or with names below that path ("" for all of them). The
 * caller holds the lock. Threads: loop. */
void repositories_forget(struct repositories *repositories, const struct registry *registry,
                         const char *path);

/* As images_forget_one(). The caller holds the lock. Threads: loop. */
bool repository_forget_image(struct repositories *repositories, const struct registry *registry,
                             const char *name, const char *text, struct digest *ret_digest);

/* When ECR said by name that there is such a repository, if it has not said otherwise since; else
 * 0. Takes the lock. */
uint64_t repository_found_ns(struct repositories *repositories, const struct registry *registry,
                             const char *name);

/* What the answers by name and the listing of tags tell of the repository's being there. */
enum cache_known repository_knows(struct repositories *repositories,
                                  const struct registry *registry, const char *name,
                                  const struct asker *asker);

/* Whether the repository, as the answer by name told, promises that the tag does not move. */
bool repository_promises(struct repositories *repositories, const struct registry *registry,
                         const char *name, const char *tag);

/* As catalog_times(), for the tags or the digests, which the path has only when `is_repository`. */
void repository_times(struct repositories *repositories, const struct registry *registry,
                      const char *name, bool digests, bool is_repository, uint64_t *ret_changed_ns,
                      uint64_t *ret_until_ns);

#endif
