/* A pass: the source is asked for the listing, which comes page by page. */
#include "base/log.h"
#include "cache/catalog_inside.h"
#include "ecr/name.h"
#include "ecr/source.h"

static void take_page(struct catalog *catalog, const struct repository_record *records, size_t n)
{
	uint64_t now = core_now_ns(catalog->core);

	catalog->pages++;
	for (size_t i = 0; i < n; i++) {
		if (!name_is_repository(records[i].name))
			catalog->left_out++;
		else if (tree_see(&catalog->tree, catalog->core, &records[i], catalog->pass, now) <
		         0)
			catalog->failed_to_store = true;
	}
	budget_resize(&catalog->core->budget, &catalog->item, catalog->tree.bytes);
	budget_touch(&catalog->core->budget, &catalog->item);
}

static void finish_pass(struct catalog *catalog, enum status status)
{
	struct core *core = catalog->core;
	uint64_t now = core_now_ns(core);

	if (status == STATUS_OK && catalog->failed_to_store)
		status = STATUS_NO_MEMORY;
	if (status == STATUS_OK) {
		tree_complete(&catalog->tree, catalog->pass, clock_realtime_ns(core->clock));
		budget_resize(&core->budget, &catalog->item, catalog->tree.bytes);
		catalog->complete_ns = now;
		catalog->is_short = catalog->pages == 1;
	}
	fetch_finish(&catalog->fetch, status, now, &core->ready);
}

static void page_arrived(void *arg, enum status status, const struct repository_record *records,
                         size_t n, bool last)
{
	struct catalog *catalog = arg;
	struct core *core = catalog->core;
	unsigned left_out = 0;

	pthread_mutex_lock(&core->lock);
	take_page(catalog, records, n);
	if (last) {
		left_out = catalog->left_out;
		finish_pass(catalog, status);
	} else {
		fetch_wake(&catalog->fetch, &core->ready);
	}
	core_unlock(core);
	if (left_out)
		log_event(core->log, LEVEL_WARNING, "odd repository names",
		          "%u repositories of registry %s are left out: their names are not valid",
		          left_out, catalog->registry->account);
}

void catalog_ask(struct catalog *catalog)
{
	struct source *source = catalog->core->source;

	if (source->ops->list_repositories(source, catalog->registry, page_arrived, catalog) < 0)
		core_refused(catalog->core, &catalog->fetch);
}

enum cache_answer catalog_wait(struct catalog *catalog, struct asker *asker, bool *ret_ask,
                               enum status *ret_status)
{
	enum cache_answer answer =
	        core_join(catalog->core, &catalog->fetch, asker, ret_ask, ret_status);

	if (*ret_ask) {
		catalog->pass++;
		catalog->pages = 0;
		catalog->left_out = 0;
		catalog->failed_to_store = false;
	}
	return answer;
}
