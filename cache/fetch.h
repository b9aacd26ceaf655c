/* One thing that ECR is asked for: the last answer, and the one question under way that all who
 * want it share.
 *
 * All functions: the caller holds the cache's lock. Threads: loop, except where said.
 */
#ifndef ECRFS_CACHE_FETCH_H
#define ECRFS_CACHE_FETCH_H

#include "base/status.h"
#include "cache/asker.h"

#include <stdbool.h>
#include <stdint.h>

struct fetch {
	uint64_t answered_ns;  /* monotonic; 0: never */
	uint64_t good_ns;      /* the last time with STATUS_OK; 0: never */
	uint64_t refused_ns;   /* the last time that ECR said no: absent, denied, … */
	uint64_t asked_ns;     /* when the question under way began */
	uint64_t forgotten_ns; /* what ECR said until then is not believed; 0: nothing was forgotten
	                        */
	enum status status;    /* of the last answer */
	bool under_way;
	bool may_be_kept;      /* set by its owner: only the answer tells whether ECR gave it */
	bool is_uncounted;     /* of those, under way: somebody wants it */
	unsigned pins;         /* claims on it: must not be evicted */
	struct claim *waiting; /* those of the claims whose askers wait for news */
};

/* The failure that a fetch ended with, as an answer: CACHE_ABSENT, or CACHE_FAILED with the status.
 * Threads: any. */
enum cache_answer fetch_failure(const struct fetch *fetch, enum status *ret_status);

/* Whether somebody holds it or waits for it: it must not be evicted. Threads: any. */
bool fetch_in_use(const struct fetch *fetch);

/* A question is under way from now on. */
void fetch_begin(struct fetch *fetch, uint64_t now_ns);

/* Whether `asker` has waited for it before. */
bool fetch_is_claimed(const struct fetch *fetch, const struct asker *asker);

/* `asker` waits for news of `fetch`, which is pinned until asker_release(). Answers whether there
 * was memory for that. */
bool fetch_wait(struct fetch *fetch, struct asker *asker);

/* There is news, and the question goes on: all that wait are moved to the end of `*ready`. */
void fetch_wake(struct fetch *fetch, struct asker **ready);

/* The question under way has ended. */
void fetch_finish(struct fetch *fetch, enum status status, uint64_t now_ns, struct asker **ready);

/* In an earlier life it ended like this, at `then_ns`. */
void fetch_recall(struct fetch *fetch, enum status status, uint64_t then_ns);

/* The asker waits for nothing any more, nor is it on the list `*ready`; its pins stay. */
void asker_stop_waiting(struct asker *asker, struct asker **ready);

/* As asker_stop_waiting(), and lets go of all pins. */
void asker_release(struct asker *asker, struct asker **ready);

#endif
