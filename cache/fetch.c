/* Shared questions and the claims on them.
 *
 *   asker ──claims──► claim ──► fetch        a claim pins its fetch for the asker's life;
 *                       ▲          │         while it waits it is also on the fetch's list
 *                       └─waiting──┘
 */
#include "cache/fetch.h"

#include <stdlib.h>
#include <utlist.h>

struct claim {
	struct claim *next; /* of the asker */
	struct fetch *fetch;
	struct asker *asker;
	bool waiting;
	struct claim *prev_waiting, *next_waiting; /* of the fetch */
};

enum cache_answer fetch_failure(const struct fetch *fetch, enum status *ret_status)
{
	if (fetch->status == STATUS_ABSENT)
		return CACHE_ABSENT;
	*ret_status = fetch->status;
	return CACHE_FAILED;
}

bool fetch_in_use(const struct fetch *fetch)
{
	return fetch->pins || fetch->under_way;
}

static struct claim *find_claim(const struct asker *asker, const struct fetch *fetch)
{
	struct claim *claim;

	LL_FOREACH (asker->claims, claim) {
		if (claim->fetch == fetch)
			return claim;
	}
	return NULL;
}

bool fetch_is_claimed(const struct fetch *fetch, const struct asker *asker)
{
	return find_claim(asker, fetch);
}

static struct claim *claim_new(struct asker *asker, struct fetch *fetch)
{
	struct claim *claim = calloc(1, sizeof(*claim));

	if (!claim)
		return NULL;
	claim->fetch = fetch;
	claim->asker = asker;
	fetch->pins++;
	LL_PREPEND(asker->claims, claim);
	return claim;
}

bool fetch_wait(struct fetch *fetch, struct asker *asker)
{
	struct claim *claim = find_claim(asker, fetch);

	if (!claim)
		claim = claim_new(asker, fetch);
	if (!claim)
		return false;
	if (!claim->waiting)
		DL_APPEND2(fetch->waiting, claim, prev_waiting, next_waiting);
	claim->waiting = true;
	return true;
}

static void stop_waiting(struct claim *claim)
{
	if (claim->waiting)
		DL_DELETE2(claim->fetch->waiting, claim, prev_waiting, next_waiting);
	claim->waiting = false;
}

void fetch_wake(struct fetch *fetch, struct asker **ready)
{
	while (fetch->waiting) {
		struct asker *asker = fetch->waiting->asker;

		stop_waiting(fetch->waiting);
		if (!asker->is_ready)
			DL_APPEND(*ready, asker);
		asker->is_ready = true;
	}
}

void fetch_begin(struct fetch *fetch, uint64_t now_ns)
{
	fetch->under_way = true;
	fetch->asked_ns = now_ns;
}

void fetch_recall(struct fetch *fetch, enum status status, uint64_t then_ns)
{
	fetch->status = status;
	fetch->answered_ns = then_ns;
	if (status == STATUS_OK)
		fetch->good_ns = then_ns;
	else if (!status_is_transient(status))
		fetch->refused_ns = then_ns;
}

void fetch_finish(struct fetch *fetch, enum status status, uint64_t now_ns, struct asker **ready)
{
	struct claim *claim;

	DL_FOREACH2(fetch->waiting, claim, next_waiting)
	{
		claim->asker->answers++;
	}
	fetch->under_way = false;
	fetch_recall(fetch, status, now_ns);
	fetch_wake(fetch, ready);
}

void asker_stop_waiting(struct asker *asker, struct asker **ready)
{
	struct claim *claim;

	LL_FOREACH (asker->claims, claim) {
		stop_waiting(claim);
	}
	if (asker->is_ready)
		DL_DELETE(*ready, asker);
	asker->is_ready = false;
}

void asker_release(struct asker *asker, struct asker **ready)
{
	struct claim *claim, *next;

	asker_stop_waiting(asker, ready);
	LL_FOREACH_SAFE(asker->claims, claim, next)
	{
		claim->fetch->pins--;
		free(claim);
	}
	asker->claims = NULL;
}
