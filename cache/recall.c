/* Waiting for what is remembered. */
#include "cache/recall.h"

enum cache_answer recall_find(const struct core *core, struct recall *recall, struct asker *asker,
                              bool *ret_ask, enum status *ret_status)
{
	*ret_ask = false;
	if (recall->is_done || !core->source->ops->recall_registry)
		return CACHE_FOUND;
	return core_await(core, &recall->fetch, asker, ret_ask, ret_status);
}

void recall_finish(struct core *core, struct recall *recall)
{
	recall->is_done = true;
	if (recall->has_told)
		counts_layer(&core->counts, CACHE_LAYER_DISK);
	recall->has_told = false;
	fetch_finish(&recall->fetch, STATUS_OK, core_now_ns(core), &core->ready);
}
