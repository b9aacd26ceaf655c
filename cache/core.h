/* What all parts of the cache share: the lock, the time, the budget, and waking those who wait.
 *
 * One lock for the whole cache. It is held for look-ups and changes in memory only: no I/O, no
 * callback, no logging under it.
 */
#ifndef ECRFS_CACHE_CORE_H
#define ECRFS_CACHE_CORE_H

#include "base/clock.h"
#include "cache/budget.h"
#include "cache/cache.h"
#include "cache/fetch.h"
#include "net/loop.h"

#include <pthread.h>

struct log;
struct source;

struct core {
	struct loop *loop;
	const struct clock *clock;
	struct log *log;
	struct source *source;
	struct cache_config config;
	pthread_mutex_t lock;
	struct budget budget;  /* under lock */
	struct asker *ready;   /* under lock: about to be woken */
	bool wake_posted;      /* under lock */
	uint64_t next_number;  /* under lock */
	struct loop_task wake; /* wakes all that are ready */
};

/* Borrows all but the config, which is copied. */
void core_init(struct core *core, struct loop *loop, const struct clock *clock, struct log *log,
               struct source *source, const struct cache_config *config);
void core_deinit(struct core *core);

static inline uint64_t core_now_ns(const struct core *core)
{
	return clock_monotonic_ns(core->clock);
}

/* A number that no name had before; the one after it is free for the name's own use. The caller
 * holds the lock. Threads: any. */
uint64_t core_new_number(struct core *core);

/* Lets go of the lock after a change: keeps the budget first, and then has those who are ready
 * woken on the next turn of the loop. Threads: loop. */
void core_unlock(struct core *core);

/* `asker` waits for `fetch`. Answers CACHE_WAIT, or CACHE_FAILED for want of memory. The caller
 * holds the lock. Threads: loop. */
enum cache_answer core_wait(struct fetch *fetch, struct asker *asker, enum status *ret_status);

/* The source did not take a question that was under way: `fetch` ends with STATUS_NO_MEMORY. Takes
 * the lock. Threads: loop. */
void core_refused(struct core *core, struct fetch *fetch);

#endif
