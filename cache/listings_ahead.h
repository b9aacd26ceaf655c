/* Listings of repositories that somebody is about to walk into. Inside of cache/readahead.
 *
 * Threads: loop, except where said.
 */
#ifndef ECRFS_CACHE_LISTINGS_AHEAD_H
#define ECRFS_CACHE_LISTINGS_AHEAD_H

#include "cache/repository.h"

struct listing_ahead;

struct listings_ahead {
	struct repositories *repositories;
	struct listing_ahead *under_way; /* under lock */
	/* A page has come, or the end. No lock is held. */
	void (*arrived)(struct listings_ahead *listings);
};

/* Before the repositories go. */
void listings_ahead_deinit(struct listings_ahead *listings);

/* Begins with the listing of the repository, unless it is under way here, or not needed, or the
 * question for it has ended since `since_ns` (monotonic), whatever came of it. Answers NULL then.
 * The caller holds the lock, and lets go of it before listings_ahead_ask(). */
struct listing_ahead *listings_ahead_begin(struct listings_ahead *listings,
                                           const struct registry *registry, const char *repository,
                                           uint64_t since_ns);
void listings_ahead_ask(struct listing_ahead *listing);

#endif
