/* Reading ahead: fetching manifests before they are asked for, in full calls, for those who read
 * one after the other.
 *
 * A miss is fetched together with its neighbours, in the order in which they are read, as many as
 * the stream of accesses has earned (cache/streams.h). Behind it full calls are kept in flight, as
 * far as the stream's allowance goes, also into the repositories that a walk comes to next, whose
 * listings are fetched for that. Each digest is fetched once. What takes more than a quarter of the
 * cache's memory is not fetched ahead: it would push out what is to be read first.
 */
#ifndef ECRFS_CACHE_READAHEAD_H
#define ECRFS_CACHE_READAHEAD_H

#include "cache/follow.h"
#include "cache/listings_ahead.h"
#include "cache/manifests.h"

struct readahead {
	struct core *core;
	struct manifests *manifests;
	struct follow follow;
	struct listings_ahead listings;
	struct loop_task task; /* looks after all streams */
	bool is_posted;        /* under lock */
};

/* Borrows all. */
void readahead_init(struct readahead *readahead, struct core *core,
                    struct repositories *repositories, struct manifests *manifests,
                    _Atomic(struct catalog *) *catalogs);

/* Before the repositories go. */
void readahead_deinit(struct readahead *readahead);

/* The manifest at `place` was used. If it had to be asked for, its neighbours may join the call; if
 * it had been fetched ahead, more may follow; else whoever used it had no need of bytes, or had
 * them. Takes the lock. Threads: any; loop, if it was asked for. */
void readahead_used(struct readahead *readahead, const struct place *place,
                    const struct manifest_use *use);

#endif
