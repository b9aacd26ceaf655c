/* What the cache has done so far. Threads: any. */
#ifndef ECRFS_CACHE_COUNTS_H
#define ECRFS_CACHE_COUNTS_H

#include "cache/cache.h"

#include <stdatomic.h>
#include <stdint.h>

struct counts {
	atomic_uint_fast64_t hits[CACHE_KINDS];
	atomic_uint_fast64_t misses[CACHE_KINDS];
	atomic_uint_fast64_t answers[CACHE_LAYERS];
	atomic_uint_fast64_t events[CACHE_EVENTS];
};

static inline void counts_layer(struct counts *counts, enum cache_layer layer)
{
	atomic_fetch_add_explicit(&counts->answers[layer], 1, memory_order_relaxed);
}

static inline void counts_event(struct counts *counts, enum cache_event event, uint64_t n)
{
	atomic_fetch_add_explicit(&counts->events[event], n, memory_order_relaxed);
}

/* The cache has answered `asker` about something of that kind. Each question counts once: when it
 * is asked, which is a hit or a miss; or, for something old, when that is given after a wait. */
void counts_answer(struct counts *counts, enum cache_kind kind, struct asker *asker,
                   enum cache_answer answer);

/* Copies all of them. */
void counts_read(struct counts *counts, struct cache_figures *ret_figures);

#endif
