/* A list: there are few registries. */
#include "ecr/standing.h"
#include "base/cleanup.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

struct standing_entry {
	struct standing_entry *next;
	const struct registry *registry;
	struct standing standing;
};

void standings_init(struct standings *standings, const struct clock *clock)
{
	*standings = (struct standings){.clock = clock};
	pthread_mutex_init(&standings->lock, NULL);
}

void standings_deinit(struct standings *standings)
{
	struct standing_entry *entry, *next;

	LL_FOREACH_SAFE(standings->all, entry, next)
	{
		free(entry);
	}
	pthread_mutex_destroy(&standings->lock);
}

static struct standing_entry *find_locked(const struct standings *standings,
                                          const struct registry *registry)
{
	struct standing_entry *entry;

	LL_FOREACH (standings->all, entry) {
		if (entry->registry == registry)
			break;
	}
	return entry;
}

/* NULL when out of memory: nobody is told then. */
static struct standing *take_locked(struct standings *standings, const struct registry *registry)
{
	struct standing_entry *entry = find_locked(standings, registry);

	if (!entry && (entry = calloc(1, sizeof(*entry)))) {
		entry->registry = registry;
		LL_APPEND(standings->all, entry);
	}
	return entry ? &entry->standing : NULL;
}

static uint64_t now_s(const struct standings *standings)
{
	return clock_realtime_ns(standings->clock) / NS_PER_S;
}

void standings_answered(struct standings *standings, const struct registry *registry,
                        const char *host)
{
	SCOPED_LOCK(&standings->lock);
	struct standing *standing = take_locked(standings, registry);

	if (!standing)
		return;
	standing->answered_s = now_s(standings);
	strcpy(standing->host, host);
}

void standings_failed(struct standings *standings, const struct registry *registry,
                      const struct standing *failure)
{
	SCOPED_LOCK(&standings->lock);
	struct standing *standing = take_locked(standings, registry);
	uint64_t answered_s;

	if (!standing)
		return;
	answered_s = standing->answered_s;
	*standing = *failure;
	standing->answered_s = answered_s;
	standing->failed_s = now_s(standings);
}

bool standings_get(struct standings *standings, const struct registry *registry,
                   struct standing *ret_standing)
{
	SCOPED_LOCK(&standings->lock);
	const struct standing_entry *entry = find_locked(standings, registry);

	if (entry)
		*ret_standing = entry->standing;
	return entry;
}
