/* What the parts of cache/catalog share: asking for the listing. Inside of cache/catalog. */
#ifndef ECRFS_CACHE_CATALOG_INSIDE_H
#define ECRFS_CACHE_CATALOG_INSIDE_H

#include "cache/catalog.h"

/* Nothing is at hand: waits for the pass under way, or begins one, for which the caller calls
 * catalog_ask() after it let go of the lock (`ret_ask`). Answers CACHE_WAIT, or CACHE_FAILED for
 * want of memory. The caller holds the lock. Threads: as their askers. */
enum cache_answer catalog_wait(struct catalog *catalog, struct asker *asker, bool *ret_ask,
                               enum status *ret_status);

/* Asks the source for the listing, of a pass that catalog_wait() has begun. Where the source does
 * not take the question, the pass ends with STATUS_NO_MEMORY. Takes the lock. Threads: loop. */
void catalog_ask(struct catalog *catalog);

#endif
