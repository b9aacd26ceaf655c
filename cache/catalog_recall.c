/* What an earlier life was told of a registry. */
#include "cache/catalog.h"
#include "ecr/name.h"
#include "ecr/source.h"

#include <stdio.h>

static void take_account(struct owner *owner, const struct recalled *recalled)
{
	uint64_t then_ns = core_recalled_ns(owner->core, recalled);

	if (!then_ns || owner->fetch.answered_ns || !registry_is_account(recalled->name))
		return;
	snprintf(owner->account, sizeof(owner->account), "%s", recalled->name);
	fetch_recall(&owner->fetch, STATUS_OK, then_ns);
}

static void complete(struct catalog *catalog, const struct recalled *recalled)
{
	tree_complete(&catalog->tree, catalog->pass, recalled->told_ns);
	catalog->complete_ns = catalog->recalling_ns;
	catalog->is_short = recalled->pages <= 1;
	fetch_recall(&catalog->fetch, STATUS_OK, catalog->recalling_ns);
	catalog->recalling_ns = 0;
}

static void take_page(struct catalog *catalog, const struct recalled *recalled)
{
	if (recalled->is_first) {
		catalog->recalling_ns = core_recalled_ns(catalog->core, recalled);
		catalog->pass++;
		catalog->failed_to_store = false;
	}
	if (!catalog->recalling_ns)
		return;
	for (size_t i = 0; i < recalled->n; i++)
		if (name_is_repository(recalled->repositories[i].name) &&
		    tree_see(&catalog->tree, catalog->core, &recalled->repositories[i],
		             catalog->pass, catalog->recalling_ns) < 0)
			catalog->failed_to_store = true;
	if (recalled->is_last && !catalog->failed_to_store)
		complete(catalog, recalled);
	budget_resize(&catalog->core->budget, &catalog->item, catalog->tree.bytes);
}

/* A part of a listing is none. */
static void finish(struct catalog *catalog)
{
	if (catalog->recalling_ns)
		catalog_drop(catalog);
	catalog->recalling_ns = 0;
	recall_finish(catalog->core, &catalog->recall);
}

static void arrived(void *arg, const struct recalled *recalled)
{
	struct catalog *catalog = arg;

	pthread_mutex_lock(&catalog->core->lock);
	catalog->recall.has_told |= recalled != NULL;
	if (!recalled)
		finish(catalog);
	else if (recalled->kind == RECALLED_ACCOUNT)
		take_account(&catalog->owner, recalled);
	else if (recalled->kind == RECALLED_REPOSITORIES)
		take_page(catalog, recalled);
	core_unlock(catalog->core);
}

enum cache_answer catalog_recall(struct catalog *catalog, struct asker *asker,
                                 enum status *ret_status)
{
	struct source *source = catalog->core->source;
	enum cache_answer answer;
	bool must_ask;

	pthread_mutex_lock(&catalog->core->lock);
	answer = recall_find(catalog->core, &catalog->recall, asker, &must_ask, ret_status);
	pthread_mutex_unlock(&catalog->core->lock);
	if (must_ask &&
	    source->ops->recall_registry(source, catalog->registry, arrived, catalog) < 0)
		arrived(catalog, NULL);
	return answer;
}
