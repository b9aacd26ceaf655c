/* From single accesses to streams. */
#include "cache/follow.h"
#include "cache/catalog.h"

#include <string.h>

/* The place of the first access in a repository whose names nobody has sorted: steps may lead up
 * from there, and down. */
#define SOMEWHERE ((uint64_t)1 << 32)

static const struct image_listing *listing_at(const struct follow *follow,
                                              const struct place *place)
{
	return repository_listing(follow->repositories, place->registry, place->repository,
	                          place->listing);
}

static struct stream *step_in_listing(const struct follow *follow, const struct place *place,
                                      uint64_t now_ns)
{
	for (int i = 0; i < STREAMS_MAX; i++) {
		struct stream *stream = &follow->streams->streams[i];

		if (stream->by_name || !stream_is_in(stream, place, now_ns) ||
		    !stream_reaches(stream, place->sequence))
			continue;
		stream_step(stream, place->sequence, now_ns);
		return stream;
	}
	return NULL;
}

/* Whether the stream reads in the order of names, and its next access may be at `at`. One that has
 * begun with a single access may do either. */
static bool reaches_by_name(struct streams *streams, struct stream *stream,
                            const struct image_listing *listing, uint64_t at)
{
	struct stream turned = *stream;

	if (stream->by_name)
		return stream_reaches(stream, at);
	if (stream->steps != 1)
		return false;
	turned.last = order_place(listing->order, &listing->names, stream->last);
	if (!turned.last || !stream_reaches(&turned, at))
		return false;
	streams_turn_to_names(streams, stream, turned.last);
	return true;
}

/* A repository whose names fit into one call, and so are fetched at once, needs no order. */
static struct stream *step_in_small(const struct follow *follow, const struct place *place,
                                    uint64_t now_ns)
{
	const struct image_listing *listing = listing_at(follow, place);

	if (!listing || listing->names.n > STREAMS_BATCH)
		return NULL;
	for (int i = 0; i < STREAMS_MAX; i++) {
		struct stream *stream = &follow->streams->streams[i];

		if (!stream->by_name || !stream_is_in(stream, place, now_ns))
			continue;
		stream_step(stream, stream->last + (uint64_t)stream->direction, now_ns);
		return stream;
	}
	return NULL;
}

static struct stream *step_by_name(const struct follow *follow, const struct place *place,
                                   uint64_t now_ns)
{
	const struct image_listing *listing = listing_at(follow, place);
	uint64_t at = 0;

	if (listing && listing->order)
		at = order_place(listing->order, &listing->names, place->sequence);
	for (int i = 0; at && i < STREAMS_MAX; i++) {
		struct stream *stream = &follow->streams->streams[i];

		if (!stream_is_in(stream, place, now_ns) ||
		    !reaches_by_name(follow->streams, stream, listing, at))
			continue;
		stream_step(stream, at, now_ns);
		return stream;
	}
	return NULL;
}

static bool next_repository(const struct follow *follow, const struct stream *stream, int direction,
                            char path[static NAME_REPOSITORY_MAX + 1])
{
	const struct catalog *catalog = catalog_of(*follow->catalogs, stream->registry);
	struct walk walk = {.direction = direction, .by_name = stream->by_name};

	return stream->listing == CACHE_TAGS &&
	       tree_next_repository(&catalog->tree, path, walk, path);
}

bool follow_ahead(const struct follow *follow, const struct stream *stream,
                  char path[static NAME_REPOSITORY_MAX + 1])
{
	return next_repository(follow, stream, stream->direction, path) &&
	       stream_has_in_reach(stream, path);
}

/* Whether the place is among the first in its repository, on a walk in that direction; its number
 * in the stream's order in `ret_at`. */
static bool is_at_edge(const struct follow *follow, const struct stream *stream,
                       const struct place *place, int direction, uint64_t *ret_at)
{
	const struct image_listing *listing = listing_at(follow, place);
	const struct name *edge;
	uint64_t reach = stream_reach(stream);

	if (!listing)
		return false;
	*ret_at = place->sequence;
	if (stream->by_name) {
		*ret_at = listing->order
		                  ? order_place(listing->order, &listing->names, place->sequence)
		                  : SOMEWHERE;
		return stream_is_streaming(stream);
	}
	edge = direction > 0 ? names_next(&listing->names, 0)
	                     : names_before(&listing->names, UINT64_MAX);
	if (!edge)
		return false;
	return direction > 0 ? place->sequence <= edge->sequence + reach
	                     : place->sequence + reach >= edge->sequence;
}

/* Whether the stream's walk comes to the place next, or soon. */
static bool walks_to(const struct follow *follow, const struct stream *stream,
                     const struct place *place, int direction, uint64_t *ret_at)
{
	unsigned ahead = stream_repositories_ahead(stream, follow->core->config.readahead_calls);
	char path[NAME_REPOSITORY_MAX + 1];

	strcpy(path, stream->repository);
	for (unsigned i = 0; i < ahead || i == 0; i++) {
		if (!next_repository(follow, stream, direction, path))
			return false;
		if (strcmp(path, place->repository) == 0)
			return is_at_edge(follow, stream, place, direction, ret_at);
	}
	return false;
}

static bool walk(const struct follow *follow, struct stream *stream, const struct place *place,
                 uint64_t now_ns)
{
	uint64_t at;

	if (!stream_is_live(stream, now_ns) || stream->registry != place->registry ||
	    place->listing != CACHE_TAGS)
		return false;
	for (int direction = 1; direction >= -1; direction -= 2) {
		if ((stream->direction && stream->direction != direction) ||
		    !walks_to(follow, stream, place, direction, &at))
			continue;
		streams_walk(follow->streams, stream, place, at, direction, now_ns);
		return true;
	}
	return false;
}

struct stream *follow_access(const struct follow *follow, const struct place *place)
{
	uint64_t now = core_now_ns(follow->core);
	struct stream *stream = step_in_listing(follow, place, now);

	if (!stream)
		stream = step_by_name(follow, place, now);
	if (!stream)
		stream = step_in_small(follow, place, now);
	for (int i = 0; !stream && i < STREAMS_MAX; i++)
		if (walk(follow, &follow->streams->streams[i], place, now))
			stream = &follow->streams->streams[i];
	return stream ? stream : streams_begin(follow->streams, place, now);
}

/* Whether a stream waits for the order, to tell whether the access is its next one. */
static bool is_order_wanted(const struct follow *follow, const struct place *place)
{
	uint64_t now = core_now_ns(follow->core);

	for (int i = 0; i < STREAMS_MAX; i++) {
		const struct stream *stream = &follow->streams->streams[i];

		if (stream_is_in(stream, place, now) &&
		    (stream->by_name ||
		     (stream->steps == 1 && !stream_reaches(stream, place->sequence))))
			return true;
	}
	return false;
}

void follow_prepare(const struct follow *follow, const struct place *place)
{
	const struct image_listing *listing;
	struct order_copy *copy = NULL;
	struct order *order;
	uint64_t complete_ns = 0;

	pthread_mutex_lock(&follow->core->lock);
	listing = listing_at(follow, place);
	if (listing && listing->complete_ns && !listing->order && is_order_wanted(follow, place)) {
		complete_ns = listing->complete_ns;
		copy = order_copy_new(&listing->names);
	}
	pthread_mutex_unlock(&follow->core->lock);
	order = copy ? order_new(copy) : NULL;
	if (order)
		repository_set_order(follow->repositories, place->registry, place->repository,
		                     place->listing, complete_ns, order);
}
