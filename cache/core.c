/* The shared core of the cache. */
#include "cache/core.h"
#include "base/cleanup.h"
#include "ecr/source.h"

#include <malloc.h>
#include <stddef.h>
#include <utlist.h>

/* FUSE keeps 1 for the root; those who mount give the registries theirs. */
#define FIRST_NUMBER 1024

/* A part of cache_size that is not filled: what grows takes a new place before it leaves the old
 * one, an answer is taken apart beside what is kept, and the heap has holes. Without it, a million
 * tags took 3 MiB more than 64. */
#define SPARE 16

/* Less is not worth the milliseconds. */
#define WORTH_TRIMMING ((size_t)1 << 20)

static void wake_ready(struct loop_task *task);
static void tidy_up(void *arg);

int core_init(struct core *core, struct loop *loop, const struct clock *clock, struct log *log,
              struct source *source, const struct cache_config *config)
{
	*core = (struct core){
	        .loop = loop,
	        .clock = clock,
	        .log = log,
	        .source = source,
	        .config = *config,
	        .next_number = FIRST_NUMBER,
	        .wake.run = wake_ready,
	};
	pthread_mutex_init(&core->lock, NULL);
	budget_init(&core->budget, config->max_bytes - config->max_bytes / SPARE);
	return loop_timer_new(loop, tidy_up, core, &core->tidy);
}

void core_deinit(struct core *core)
{
	loop_unpost(core->loop, &core->wake);
	loop_timer_free(core->tidy);
	known_types_deinit(&core->known_types);
	pthread_mutex_destroy(&core->lock);
}

static bool may_be_stale(const struct core *core, const struct fetch *fetch, uint64_t since_ns,
                         uint64_t ttl_ns, const struct asker *asker)
{
	uint64_t now = core_now_ns(core), stale_ttl_ns = core->config.stale_ttl_ns;

	if (since_ns <= core->forgotten_ns || !stale_ttl_ns ||
	    now - since_ns >= ttl_ns + stale_ttl_ns)
		return false;
	if (fetch->refused_ns > since_ns)
		return false;
	if (asker->takes_stale)
		return fetch->under_way || status_is_transient(fetch->status);
	if (fetch->under_way)
		return now - fetch->asked_ns >= core->config.stale_after_ns;
	return status_is_transient(fetch->status) &&
	       core_is_young(core, fetch->answered_ns, CORE_STALE_NS, asker);
}

uint64_t core_good_until_ns(const struct core *core, const struct fetch *fetch, uint64_t since_ns,
                            uint64_t ttl_ns, struct asker *asker)
{
	if (since_ns <= fetch->forgotten_ns)
		return 0;
	if (core_is_young(core, since_ns, ttl_ns, asker))
		return since_ns + ttl_ns;
	if (!may_be_stale(core, fetch, since_ns, ttl_ns, asker))
		return 0;
	asker->was_stale = true;
	return core_now_ns(core) + CORE_STALE_NS;
}

bool core_may_show(const struct core *core, const struct fetch *fetch, uint64_t complete_ns,
                   bool going_on, struct asker *asker)
{
	if (core_good_until_ns(core, fetch, complete_ns, core->config.ttl_ns, asker))
		return true;
	return complete_ns ? going_on : fetch->under_way;
}

enum cache_answer core_look_up(const struct core *core, const struct fetch *fetch, uint64_t ttl_ns,
                               struct asker *asker, uint64_t *ret_until_ns, enum status *ret_status)
{
	bool has_failed = core_has_failed(core, fetch, asker);
	uint64_t until_ns;

	if (has_failed && !status_is_transient(fetch->status))
		return fetch_failure(fetch, ret_status);
	until_ns = core_good_until_ns(core, fetch, fetch->good_ns, ttl_ns, asker);
	if (until_ns) {
		*ret_until_ns = until_ns;
		return CACHE_FOUND;
	}
	return has_failed ? fetch_failure(fetch, ret_status) : CACHE_WAIT;
}

bool core_has_failed(const struct core *core, const struct fetch *fetch, const struct asker *asker)
{
	uint64_t ttl_ns = 0;

	if (fetch->status == STATUS_ABSENT || fetch->status == STATUS_DENIED ||
	    fetch->status == STATUS_UNSUPPORTED)
		ttl_ns = core->config.negative_ttl_ns;
	return fetch->status != STATUS_OK && fetch->answered_ns > fetch->forgotten_ns &&
	       core_is_young(core, fetch->answered_ns, ttl_ns, asker);
}

uint64_t core_recalled_ns(const struct core *core, const struct recalled *recalled)
{
	uint64_t now = core_now_ns(core), real_now = clock_realtime_ns(core->clock);
	uint64_t ttl_ns = core->config.ttl_ns, age_ns = real_now - recalled->told_ns;

	if (recalled->told_ns > real_now)
		return 0;
	if (recalled->is_stale && age_ns < ttl_ns)
		age_ns = ttl_ns;
	if (age_ns >= now || now - age_ns <= core->forgotten_ns ||
	    now - age_ns <= core->part_forgotten_ns)
		return 0;
	return now - age_ns;
}

uint64_t core_new_number(struct core *core)
{
	uint64_t number = core->next_number;

	core->next_number += CACHE_NUMBERS;
	return number;
}

/* Evicts until the budget is kept. The caller holds the lock. Answers whether there is something to
 * tidy up later: what is in use cannot go, and what went has left holes. */
static bool keep_budget(struct core *core)
{
	size_t bytes = core->budget.bytes;

	budget_keep(&core->budget);
	core->evicted_bytes += bytes - core->budget.bytes;
	return core->budget.bytes > core->budget.max_bytes || core->evicted_bytes >= WORTH_TRIMMING;
}

void core_unlock(struct core *core)
{
	bool must_tidy = keep_budget(core), must_wake;

	must_wake = core->ready && !core->wake_posted;
	core->wake_posted |= must_wake;
	pthread_mutex_unlock(&core->lock);
	if (must_wake)
		loop_post(core->loop, &core->wake);
	if (must_tidy && !core->is_tidy_set)
		loop_timer_set(core->tidy, CORE_GRACE_NS);
	core->is_tidy_set |= must_tidy;
}

static void tidy_up(void *arg)
{
	struct core *core = arg;
	bool must_trim;

	pthread_mutex_lock(&core->lock);
	keep_budget(core);
	must_trim = core->evicted_bytes >= WORTH_TRIMMING;
	if (must_trim)
		core->evicted_bytes = 0;
	core->is_tidy_set = false;
	core_unlock(core);
	if (must_trim)
		malloc_trim(0);
}

static struct asker *next_ready(struct core *core)
{
	SCOPED_LOCK(&core->lock);
	struct asker *asker = core->ready;

	if (asker)
		asker_stop_waiting(asker, &core->ready);
	return asker;
}

static void wake_ready(struct loop_task *task)
{
	struct core *core = (struct core *)((char *)task - offsetof(struct core, wake));
	struct asker *asker;

	pthread_mutex_lock(&core->lock);
	core->wake_posted = false;
	pthread_mutex_unlock(&core->lock);
	while ((asker = next_ready(core)))
		asker->wake(asker);
}

enum cache_answer core_await(const struct core *core, struct fetch *fetch, struct asker *asker,
                             bool *ret_ask, enum status *ret_status)
{
	*ret_ask = false;
	if (!asker->may_wait)
		return CACHE_WAIT;
	if (!fetch_wait(fetch, asker)) {
		*ret_status = STATUS_NO_MEMORY;
		return CACHE_FAILED;
	}
	if (!fetch->under_way) {
		fetch_begin(fetch, core_now_ns(core));
		*ret_ask = true;
	}
	return CACHE_WAIT;
}

enum cache_answer core_join(struct core *core, struct fetch *fetch, struct asker *asker,
                            bool *ret_ask, enum status *ret_status)
{
	bool joins = asker->may_wait && fetch->under_way && !fetch_is_claimed(fetch, asker);
	enum cache_answer answer = core_await(core, fetch, asker, ret_ask, ret_status);

	if (joins && answer == CACHE_WAIT)
		counts_event(&core->counts, CACHE_JOINED, 1);
	if (*ret_ask && fetch->may_be_kept)
		fetch->is_uncounted = true;
	else if (*ret_ask)
		counts_layer(&core->counts, CACHE_LAYER_ECR);
	return answer;
}

void core_count_answer(struct core *core, struct fetch *fetch)
{
	if (fetch->is_uncounted)
		counts_layer(&core->counts,
		             core->source->answers_from_disk ? CACHE_LAYER_DISK : CACHE_LAYER_ECR);
	fetch->is_uncounted = false;
}

enum cache_answer core_find(struct core *core, struct fetch *fetch, uint64_t ttl_ns,
                            struct asker *asker, uint64_t *ret_until_ns, bool *ret_ask,
                            enum status *ret_status)
{
	enum cache_answer answer =
	        core_look_up(core, fetch, ttl_ns, asker, ret_until_ns, ret_status);

	return answer == CACHE_WAIT ? core_join(core, fetch, asker, ret_ask, ret_status) : answer;
}

void core_forget(struct core *core)
{
	size_t bytes;

	pthread_mutex_lock(&core->lock);
	bytes = core->budget.bytes;
	core->forgotten_ns = core_now_ns(core);
	budget_empty(&core->budget);
	core->evicted_bytes += bytes - core->budget.bytes;
	core_unlock(core);
}

void core_refused(struct core *core, struct fetch *fetch)
{
	pthread_mutex_lock(&core->lock);
	fetch_finish(fetch, STATUS_NO_MEMORY, core_now_ns(core), &core->ready);
	core_unlock(core);
}
