/* The images of one repository, on their way to the disk: inside of fs/prefetch. Threads: loop. */
#ifndef ECRFS_FS_PREFETCH_REPOSITORY_H
#define ECRFS_FS_PREFETCH_REPOSITORY_H

#include <stdbool.h>
#include <stddef.h>

struct digest;
struct prefetch_image;
struct prefetch_work;
struct registry;

struct prefetch_repository {
	struct prefetch_repository *prev, *next;
	struct prefetch_work *work;
	const struct registry *registry;
	struct prefetch_image *images;  /* all that were met, by digest */
	struct prefetch_image *pending; /* those not asked for yet, in their order */
	size_t n_pending;
	unsigned n_listings; /* under way */
	unsigned n_chunks;   /* likewise */
	unsigned n_configs;  /* likewise */
	unsigned n_missing;
	bool has_all_listed; /* the untagged ones as well; or that was tried */
	char name[];
};

/* One that is waiting. Answers NULL when out of memory. */
struct prefetch_repository *prefetch_repository_new(struct prefetch_work *work,
                                                    const struct registry *registry,
                                                    const char *name);

/* Has its images listed. */
void prefetch_repository_begin(struct prefetch_repository *repository);

/* Asks for the next manifests that are pending, as many as one call may ask for. */
void prefetch_repository_ask(struct prefetch_repository *repository);

/* Something of it is missing. */
void prefetch_repository_miss(struct prefetch_repository *repository, const struct digest *digest,
                              const char *why);

/* Whether a call would be full, or nothing is to come that would fill it. */
bool prefetch_repository_is_worth_a_call(const struct prefetch_repository *repository);

/* Whether there is nothing more to come of it. */
bool prefetch_repository_is_done(const struct prefetch_repository *repository);

void prefetch_repository_free(struct prefetch_repository *repository);

#endif
