/* Which manifests come next. */
#include "cache/readahead_plan.h"

#include <string.h>

/* So many threads may read one repository together. */
#define OVERTAKEN_MAX 16

/* A miss of who goes from image to image is worth so many more, whatever lies unread elsewhere:
 * threads that take what was found last come back to that. */
#define MISS_MIN 9

/* So far from a miss its neighbours are looked for. */
#define LOOK_MAX 400

size_t plan_room(const struct readahead *readahead, const struct stream *stream)
{
	const struct cache_config *config = &readahead->core->config;
	size_t allowed = stream_allowance(stream, config->readahead_calls);
	size_t average = readahead->manifests->average_bytes;
	size_t fitting = config->max_bytes / 4 / (average ? average : 4096);

	if (allowed > fitting)
		allowed = fitting;
	return allowed > stream->unused ? allowed - stream->unused : 0;
}

/* The name behind the place `*at` in the stream's order, in that direction; moves on to it. */
static const struct name *next_name(const struct stream *stream,
                                    const struct image_listing *listing, int direction,
                                    uint64_t *at)
{
	const struct name *name;

	if (stream->by_name && listing->order)
		return order_next(listing->order, &listing->names, *at, direction, at);
	name = direction < 0 ? names_before(&listing->names, *at)
	                     : names_next(&listing->names, *at);
	if (name)
		*at = name->sequence;
	return name;
}

/* Whether the image can be fetched, and belongs to the listing. */
static bool is_wanted(const struct stream *stream, const struct image *image)
{
	return image->state != IMAGE_ARCHIVED &&
	       !(stream->listing == CACHE_UNTAGGED && image->n_tags);
}

/* The place before all names. */
static uint64_t edge(const struct stream *stream)
{
	return stream->direction < 0 ? UINT64_MAX : 0;
}

/* Begins with the manifests behind the place `at`, until there are `max`. Answers whether these are
 * all. */
static bool begin_some(struct readahead *readahead, struct stream *stream, const char *repository,
                       uint64_t at, int direction, size_t max, struct plan *plan)
{
	const struct image_listing *listing = repository_listing(
	        readahead->follow.repositories, stream->registry, repository, stream->listing);
	const struct name *name;

	if (!listing)
		return true;
	if (stream->by_name && !listing->order) /* the place tells nothing */
		at = edge(stream);
	for (size_t i = 0; plan->n < max && i < plan->look; i++) {
		const struct image *image;
		struct manifest *manifest = NULL;

		name = next_name(stream, listing, direction, &at);
		if (!name)
			return true;
		image = ((const struct listed_image *)name)->image;
		if (is_wanted(stream, image))
			manifest = manifests_begin(readahead->manifests, stream->registry,
			                           repository, &image->digest, stream);
		if (manifest)
			plan->manifests[plan->n++] = manifest;
	}
	return !next_name(stream, listing, direction, &at);
}

static void drop_manifests(struct plan *plan)
{
	while (plan->n)
		manifests_cancel(plan->manifests[--plan->n]);
}

/* The place behind which to look for what is missing: one of several threads may have been
 * overtaken by the others. */
static uint64_t start_of_call(const struct stream *stream)
{
	if (!stream->direction)
		return stream->last;
	if (stream->direction < 0)
		return stream->last + OVERTAKEN_MAX;
	return stream->last > OVERTAKEN_MAX ? stream->last - OVERTAKEN_MAX : 0;
}

void plan_with_miss(struct readahead *readahead, struct stream *stream, size_t max,
                    struct plan *plan)
{
	size_t left = plan_room(readahead, stream);
	int direction = stream->at == stream->last ? stream->direction : 0;

	if (stream->reader_walked && !stream->is_thwarted && left < MISS_MIN)
		left = MISS_MIN;
	if (max > left)
		max = left;
	plan->look = LOOK_MAX;
	if (!direction)
		begin_some(readahead, stream, stream->repository, stream->at, -1, max / 2, plan);
	begin_some(readahead, stream, stream->repository, stream->at, direction, max, plan);
	if (!direction)
		begin_some(readahead, stream, stream->repository, stream->at, -1, max, plan);
}

void plan_call(struct readahead *readahead, struct stream *stream, struct plan *plan)
{
	unsigned ahead = stream_repositories_ahead(stream, readahead->core->config.readahead_calls);
	uint64_t at = start_of_call(stream);
	char path[NAME_REPOSITORY_MAX + 1];
	size_t left = plan_room(readahead, stream);

	if (!left) /* which says nothing about what is left to fetch */
		return;
	strcpy(path, stream->repository);
	for (unsigned i = 0;; i++) {
		bool is_rest = begin_some(readahead, stream, path, at, stream->direction,
		                          left < STREAMS_BATCH ? left : STREAMS_BATCH, plan);

		if (plan->n && (is_rest || plan->n == STREAMS_BATCH))
			return;
		drop_manifests(plan);
		if (!is_rest)
			return;
		if (i == ahead || !follow_ahead(&readahead->follow, stream, path))
			break;
		at = edge(stream);
	}
	stream->is_exhausted = true;
}

bool plan_has_read_beside(const struct readahead *readahead, const struct stream *stream)
{
	const struct image_listing *listing =
	        repository_listing(readahead->follow.repositories, stream->registry,
	                           stream->repository, stream->listing);

	for (int direction = -1; listing && direction <= 1; direction += 2) {
		uint64_t at = stream->at;
		const struct name *name = next_name(stream, listing, direction, &at);

		if (name &&
		    manifests_was_read(readahead->manifests, stream->registry, stream->repository,
		                       &((const struct listed_image *)name)->image->digest))
			return true;
	}
	return false;
}
