/* Which stream an access belongs to. Inside of cache/readahead.
 *
 *   near the last access of a stream, in the order of the listing or of the names ─► its next step
 *   at the edge of a repository that a stream's walk comes to next ────────────────► a step there
 *   else ──────────────────────────────────────────────────────────────────────────► a new stream
 */
#ifndef ECRFS_CACHE_FOLLOW_H
#define ECRFS_CACHE_FOLLOW_H

#include "cache/repository.h"
#include "cache/streams.h"

struct catalog;

struct follow {
	struct core *core;
	struct repositories *repositories;
	struct streams *streams;
	_Atomic(struct catalog *) *catalogs;
};

/* The stream that has taken the access as its next step. The caller holds the lock. Threads: any.
 */
struct stream *follow_access(const struct follow *follow, const struct place *place);

/* Sorts the names of the repository, if a stream in it may turn out to read in that order. Takes
 * the lock. Threads: loop. */
void follow_prepare(const struct follow *follow, const struct place *place);

/* The repository behind `path` on the stream's walk, if it may be read ahead. The caller holds the
 * lock. Threads: any. */
bool follow_ahead(const struct follow *follow, const struct stream *stream,
                  char path[static NAME_REPOSITORY_MAX + 1]);

#endif
