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
#include "cache/counts.h"
#include "cache/fetch.h"
#include "cache/image_types.h"
#include "net/loop.h"

#include <pthread.h>
#include <stdatomic.h>

struct log;
struct source;

struct core {
	struct loop *loop;
	const struct clock *clock;
	struct log *log;
	struct source *source;
	struct cache_config config;
	pthread_mutex_t lock;
	struct budget budget;           /* under lock */
	struct asker *ready;            /* under lock: about to be woken */
	bool wake_posted;               /* under lock */
	uint64_t next_number;           /* under lock */
	struct known_types known_types; /* under lock */
	struct loop_task wake;          /* wakes all that are ready */
	struct counts counts;
	struct loop_timer *tidy; /* evicts what was in use, gives memory back */
	bool is_tidy_set;        /* loop */
	size_t evicted_bytes;    /* loop: since memory was given back */
	uint64_t forgotten_ns;   /* under lock: what ECR said until then is not believed */
	/* under lock: a part was forgotten then; what is not in memory may belong to it */
	uint64_t part_forgotten_ns;
};

/* Borrows all but the config, which is copied. Answers 0 or -ENOMEM. */
int core_init(struct core *core, struct loop *loop, const struct clock *clock, struct log *log,
              struct source *source, const struct cache_config *config);
void core_deinit(struct core *core);

static inline uint64_t core_now_ns(const struct core *core)
{
	return clock_monotonic_ns(core->clock);
}

/* Whether what was obtained at `since_ns` (0: never) is still good for `asker`: it is younger than
 * `ttl_ns`, or than the asker's question, and was not forgotten. Threads: any. */
static inline bool core_is_young(const struct core *core, uint64_t since_ns, uint64_t ttl_ns,
                                 const struct asker *asker)
{
	return since_ns > core->forgotten_ns &&
	       (since_ns >= asker->start_ns || core_now_ns(core) - since_ns < ttl_ns);
}

/* What is shown although it is too old is good for so long: then ECR is asked again. */
#define CORE_STALE_NS NS_PER_S

/* Until when `asker` may use what ECR said at `since_ns` (0: never) for `ttl_ns`; 0: not at all.
 * `fetch`: by which news are, or were, asked for. While they do not come, though they have been
 * awaited for the time that is set, or ECR cannot be asked, an older answer is used; never against
 * what ECR has said since, such as a denial. Threads: any. */
uint64_t core_good_until_ns(const struct core *core, const struct fetch *fetch, uint64_t since_ns,
                            uint64_t ttl_ns, struct asker *asker);

/* What the answers to `fetch` amount to: CACHE_FOUND with the time until when the last good one may
 * be used, a failure, or CACHE_WAIT: nothing that is good enough. Threads: any. */
enum cache_answer core_look_up(const struct core *core, const struct fetch *fetch, uint64_t ttl_ns,
                               struct asker *asker, uint64_t *ret_until_ns,
                               enum status *ret_status);

/* Whether the names of a listing, last complete at `complete_ns` (0: never), may be shown: it is
 * good, or the caller began to read it, or these are the first pages of the first one. Threads:
 * any. */
bool core_may_show(const struct core *core, const struct fetch *fetch, uint64_t complete_ns,
                   bool going_on, struct asker *asker);

/* A listing that was used this short a time ago stays, whatever its size: somebody reads it piece
 * by piece, and would have it fetched for each. */
#define CORE_GRACE_NS (2 * NS_PER_S)

/* Whether the last answer to `fetch` is a failure, or an absence, that still counts: it came while
 * `asker` was about, or it is young. An absence is good for the negative TTL, and so is a denial:
 * who may not ask would else ask for each name. Other failures are for those who waited. Threads:
 * any.
 */
bool core_has_failed(const struct core *core, const struct fetch *fetch, const struct asker *asker);

struct recalled;

/* When, in monotonic time, that was told. 0: it is of no use: from the future, so that nobody knows
 * how old it is, or too old to be told apart from never, or forgotten. What counts only while ECR
 * cannot be asked was told a TTL ago at least. The caller holds the lock. Threads: any. */
uint64_t core_recalled_ns(const struct core *core, const struct recalled *recalled);

/* A number that no name had before. The caller holds the lock. Threads: any. */
uint64_t core_new_number(struct core *core);

/* Lets go of the lock after a change: keeps the budget first, and then has those who are ready
 * woken on the next turn of the loop. Threads: loop. */
void core_unlock(struct core *core);

/* As core_join(), where it is not ECR that is asked: nothing is counted. */
enum cache_answer core_await(const struct core *core, struct fetch *fetch, struct asker *asker,
                             bool *ret_ask, enum status *ret_status);

/* Nothing at hand: `asker` waits for `fetch`, if it may. Answers CACHE_WAIT, or CACHE_FAILED for
 * want of memory. `ret_ask` tells that no question was under way: one is from now on, and the
 * caller asks it after it let go of the lock. The caller holds the lock. Threads: as the asker. */
enum cache_answer core_join(struct core *core, struct fetch *fetch, struct asker *asker,
                            bool *ret_ask, enum status *ret_status);

/* The answer to the question under way is there, and which layer gave it, of a fetch that may be
 * kept. The caller holds the lock. Threads: loop, in the answer. */
void core_count_answer(struct core *core, struct fetch *fetch);

/* As core_look_up(), and as core_join() where that finds nothing; `ret_ask` is set by the latter
 * only. */
enum cache_answer core_find(struct core *core, struct fetch *fetch, uint64_t ttl_ns,
                            struct asker *asker, uint64_t *ret_until_ns, bool *ret_ask,
                            enum status *ret_status);

/* Nothing that was obtained until now is believed any more; what nobody uses goes at once. The
 * caller does not hold the lock. Threads: loop. */
void core_forget(struct core *core);

/* The source did not take a question that was under way: `fetch` ends with STATUS_NO_MEMORY. Takes
 * the lock. Threads: loop. */
void core_refused(struct core *core, struct fetch *fetch);

#endif
