/* Counting, and the names of what is counted. */
#include "cache/counts.h"

const char *cache_kind_name(enum cache_kind kind)
{
	static const char *const names[CACHE_KINDS] = {"repositories", "images", "listings",
	                                               "manifests", "documents"};

	return names[kind];
}

const char *cache_layer_name(enum cache_layer layer)
{
	static const char *const names[CACHE_LAYERS] = {
	        [CACHE_LAYER_MEMORY] = "memory",
	        [CACHE_LAYER_STALE] = "stale",
	        [CACHE_LAYER_DISK] = "disk",
	        [CACHE_LAYER_ECR] = "ecr",
	};

	return names[layer];
}

void counts_answer(struct counts *counts, enum cache_kind kind, struct asker *asker,
                   enum cache_answer answer)
{
	bool was_stale = asker->was_stale;

	asker->was_stale = false;
	if (!asker->wake) /* it only has a look, and would not have asked ECR */
		return;
	if (!asker->may_wait)
		atomic_fetch_add_explicit(answer == CACHE_WAIT ? &counts->misses[kind]
		                                               : &counts->hits[kind],
		                          1, memory_order_relaxed);
	if (answer != CACHE_WAIT && was_stale)
		counts_layer(counts, CACHE_LAYER_STALE);
	else if (answer != CACHE_WAIT && !asker->may_wait)
		counts_layer(counts, CACHE_LAYER_MEMORY);
}

void counts_read(struct counts *counts, struct cache_figures *ret_figures)
{
	for (int kind = 0; kind < CACHE_KINDS; kind++) {
		ret_figures->hits[kind] = counts->hits[kind];
		ret_figures->misses[kind] = counts->misses[kind];
	}
	for (int layer = 0; layer < CACHE_LAYERS; layer++)
		ret_figures->answers[layer] = counts->answers[layer];
	for (int event = 0; event < CACHE_EVENTS; event++)
		ret_figures->events[event] = counts->events[event];
}
