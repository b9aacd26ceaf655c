/* Which manifests are fetched next for a stream: inside of cache/readahead.
 *
 * All functions: the caller holds the cache's lock. Threads: loop; plan_room(): any.
 */
#ifndef ECRFS_CACHE_READAHEAD_PLAN_H
#define ECRFS_CACHE_READAHEAD_PLAN_H

#include "cache/readahead.h"

/* What is to be asked for once the lock is released. */
struct plan {
	struct manifest *manifests[STREAMS_BATCH];
	size_t n;
	size_t look; /* at so many names on the way, at most */
};

/* How many more manifests may be fetched for the stream. */
size_t plan_room(const struct readahead *readahead, const struct stream *stream);

/* What goes with a miss, `max` more at most: what is read after it, as far as can be told. One that
 * is not the farthest was left out, and so may have been its neighbours on either side: readers
 * that began in several places go on in a direction of their own. */
void plan_with_miss(struct readahead *readahead, struct stream *stream, size_t max,
                    struct plan *plan);

/* The next call for the stream: a full one, or what is left in a repository. */
void plan_call(struct readahead *readahead, struct stream *stream, struct plan *plan);

/* Whether somebody has read a neighbour of the stream's latest access. */
bool plan_has_read_beside(const struct readahead *readahead, const struct stream *stream);

#endif
