/* The account of a registry. */
#include "cache/owner.h"
#include "ecr/source.h"

#include <stdio.h>
#include <string.h>

void owner_init(struct owner *owner, struct core *core, const struct registry *registry)
{
	*owner = (struct owner){.core = core, .registry = registry};
}

static void account_arrived(void *arg, enum status status, const char *account)
{
	struct owner *owner = arg;
	struct core *core = owner->core;

	pthread_mutex_lock(&core->lock);
	if (status == STATUS_OK)
		snprintf(owner->account, sizeof(owner->account), "%s", account);
	fetch_finish(&owner->fetch, status, core_now_ns(core), &core->ready);
	core_unlock(core);
}

enum cache_answer owner_find(struct owner *owner, struct asker *asker,
                             char ret_account[static REGISTRY_ACCOUNT_DIGITS + 1],
                             enum status *ret_status)
{
	struct source *source = owner->core->source;
	struct core *core = owner->core;
	enum cache_answer answer;
	bool must_ask = false;
	uint64_t until_ns;

	pthread_mutex_lock(&owner->core->lock);
	answer = core_find(core, &owner->fetch, core->config.ttl_ns, asker, &until_ns, &must_ask,
	                   ret_status);
	if (answer == CACHE_FOUND)
		strcpy(ret_account, owner->account);
	pthread_mutex_unlock(&owner->core->lock);
	if (must_ask &&
	    source->ops->find_account(source, owner->registry, account_arrived, owner) < 0)
		core_refused(owner->core, &owner->fetch);
	return answer;
}
