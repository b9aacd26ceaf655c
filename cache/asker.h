/* Who asks the cache: since when, whether it may wait, and what it waits for.
 *
 * Embedded in what wants an answer. A FUSE worker asks with `may_wait` false and gets what is at
 * hand. On the loop thread `may_wait` is true: a CACHE_WAIT then means that `wake` follows, once,
 * when it is worth asking again. All that was waited for stays in the cache, whatever its size and
 * TTLs, until cache_release().
 */
#ifndef ECRFS_CACHE_ASKER_H
#define ECRFS_CACHE_ASKER_H

#include <stdbool.h>
#include <stdint.h>

struct claim;

/* The program that asks. All zero: nothing is known of it. */
struct reader {
	unsigned walked;     /* so many images it has gone through, one after the other */
	bool is_from_above;  /* and came there from a directory above their repository */
	bool may_be_cut_off; /* it may have to stop at any time, and not know it yet */
};

struct asker {
	/* On the loop thread, no lock held, never inside a call to the cache. NULL: the asker only
	 * has a look at what is at hand. */
	void (*wake)(struct asker *asker);
	uint64_t start_ns; /* monotonic: what was obtained later is new enough, whatever its TTL */
	bool may_wait;
	bool takes_stale; /* it has waited long enough for news of what is known already */
	bool is_late;     /* its time is up: it takes what can be said now */
	struct reader reader;
	unsigned answers; /* how many of the questions that it waited for have ended */

	/* The rest belongs to the cache. */
	bool was_stale; /* something too old was taken for its question */
	struct claim *claims;
	uint32_t stream; /* whose manifest it has waited for, see cache/streams.h; 0: none */
	struct asker *prev, *next; /* among those that are about to be woken */
	bool is_ready;
};

enum cache_answer {
	CACHE_FOUND,
	CACHE_ABSENT, /* ECR said so */
	CACHE_FAILED, /* there is no telling: the status says why */
	CACHE_WAIT,   /* not at hand */
};

#endif
