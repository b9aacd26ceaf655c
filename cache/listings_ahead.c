/* Asking for listings on behalf of somebody who has not come yet. */
#include "cache/listings_ahead.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

struct listing_ahead {
	struct asker asker; /* first */
	struct listing_ahead *prev, *next;
	struct listings_ahead *listings;
	const struct registry *registry;
	char repository[];
};

static void listing_free(struct listing_ahead *listing)
{
	struct core *core = listing->listings->repositories->core;

	pthread_mutex_lock(&core->lock);
	DL_DELETE(listing->listings->under_way, listing);
	asker_release(&listing->asker, &core->ready);
	core_unlock(core);
	free(listing);
}

void listings_ahead_deinit(struct listings_ahead *listings)
{
	while (listings->under_way)
		listing_free(listings->under_way);
}

static void woken(struct asker *asker)
{
	struct listing_ahead *listing = (struct listing_ahead *)asker;
	struct listings_ahead *listings = listing->listings;

	listing_free(listing);
	listings->arrived(listings);
}

struct listing_ahead *listings_ahead_begin(struct listings_ahead *listings,
                                           const struct registry *registry, const char *repository,
                                           uint64_t since_ns)
{
	const struct image_listing *tags =
	        repository_listing(listings->repositories, registry, repository, CACHE_TAGS);
	struct listing_ahead *listing;

	if (repository_is_listed(listings->repositories, registry, repository) ||
	    (tags && tags->fetch.answered_ns >= since_ns))
		return NULL;
	DL_FOREACH (listings->under_way, listing) {
		if (listing->registry == registry && strcmp(listing->repository, repository) == 0)
			return NULL;
	}
	listing = calloc(1, sizeof(*listing) + strlen(repository) + 1);
	if (!listing)
		return NULL; /* whoever comes there will ask */
	listing->asker.wake = woken;
	listing->asker.start_ns = core_now_ns(listings->repositories->core);
	listing->asker.may_wait = true;
	listing->listings = listings;
	listing->registry = registry;
	strcpy(listing->repository, repository);
	DL_APPEND(listings->under_way, listing);
	return listing;
}

void listings_ahead_ask(struct listing_ahead *listing)
{
	struct names_request request = {
	        .registry = listing->registry,
	        .path = listing->repository,
	        .listing = CACHE_TAGS,
	};
	enum status status;
	size_t n;

	if (repository_list(listing->listings->repositories, &request, &listing->asker, 0, NULL, &n,
	                    &status) != CACHE_WAIT)
		listing_free(listing);
}
