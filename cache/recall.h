/* Remembering what an earlier life was told, before ECR is asked for the first time.
 *
 * Embedded in what it is about. It is done once, and again when that lost what it knew to the
 * budget. All that is asked waits for it; then the usual rules hold for what it brought, which is
 * as old as it was told.
 *
 * All functions: the caller holds the cache's lock. Threads: as their askers.
 */
#ifndef ECRFS_CACHE_RECALL_H
#define ECRFS_CACHE_RECALL_H

#include "cache/core.h"

struct recall {
	struct fetch fetch; /* under way while the source is asked */
	bool is_done;
	bool has_told; /* something */
};

/* Answers CACHE_FOUND when there is nothing more to be remembered; else CACHE_WAIT or CACHE_FAILED,
 * as core_await(): with `ret_ask` the caller asks the source after it let go of the lock. */
enum cache_answer recall_find(const struct core *core, struct recall *recall, struct asker *asker,
                              bool *ret_ask, enum status *ret_status);

/* That was all: those who waited are woken. */
void recall_finish(struct core *core, struct recall *recall);

#endif
