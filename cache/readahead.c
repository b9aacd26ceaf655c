/* What is fetched before it is asked for. */
#include "cache/readahead.h"
#include "base/cleanup.h"

#include <stddef.h>
#include <string.h>

/* However many calls may fly. */
#define LISTINGS_MAX 32

/* So many threads may read one repository together. */
#define OVERTAKEN_MAX 16

/* A miss of who goes from image to image is worth so many more, whatever lies unread elsewhere:
 * threads that take what was found last come back to that. */
#define MISS_MIN 9

/* So far from a miss its neighbours are looked for. */
#define LOOK_MAX 400

/* What is to be asked for once the lock is released. */
struct plan {
	struct manifest *manifests[STREAMS_BATCH];
	size_t n;
	size_t look; /* at so many names on the way, at most */
};

static void look_after_streams(struct loop_task *task);
static void listing_arrived(struct listings_ahead *listings);

void readahead_init(struct readahead *readahead, struct core *core,
                    struct repositories *repositories, struct manifests *manifests,
                    _Atomic(struct catalog *) *catalogs)
{
	*readahead = (struct readahead){
	        .core = core,
	        .manifests = manifests,
	        .follow = {core, repositories, &manifests->streams, catalogs},
	        .listings = {.repositories = repositories, .arrived = listing_arrived},
	        .task.run = look_after_streams,
	};
}

void readahead_deinit(struct readahead *readahead)
{
	loop_unpost(readahead->core->loop, &readahead->task);
	listings_ahead_deinit(&readahead->listings);
}

/* How many more manifests may be fetched for the stream. */
static size_t room(const struct readahead *readahead, const struct stream *stream)
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

static unsigned repositories_ahead(const struct readahead *readahead, const struct stream *stream)
{
	return stream_repositories_ahead(stream, readahead->core->config.readahead_calls);
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

/* What goes with a miss, `max` more at most: what is read after it, as far as can be told. One that
 * is not the farthest was left out, and so may have been its neighbours on either side: readers
 * that began in several places go on in a direction of their own. */
static void plan_with_miss(struct readahead *readahead, struct stream *stream, size_t max,
                           struct plan *plan)
{
	size_t left = room(readahead, stream);
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

/* The next call for the stream: a full one, or what is left in a repository. */
static void plan_call(struct readahead *readahead, struct stream *stream, struct plan *plan)
{
	unsigned ahead = repositories_ahead(readahead, stream);
	uint64_t at = start_of_call(stream);
	char path[NAME_REPOSITORY_MAX + 1];
	size_t left = room(readahead, stream);

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

/* Begins with the listings of the repositories that the walk comes to next, at most LISTINGS_MAX.
 * Answers how many. */
static size_t begin_listings(struct readahead *readahead, const struct stream *stream,
                             struct listing_ahead **listings)
{
	unsigned ahead = repositories_ahead(readahead, stream);
	char path[NAME_REPOSITORY_MAX + 1];
	size_t n = 0;

	strcpy(path, stream->repository);
	for (unsigned i = 0; i < ahead && i < LISTINGS_MAX; i++) {
		if (!follow_ahead(&readahead->follow, stream, path))
			break;
		listings[n] = listings_ahead_begin(&readahead->listings, stream->registry, path,
		                                   stream->used_ns);
		n += listings[n] != NULL;
	}
	return n;
}

static void list_ahead(struct readahead *readahead, uint32_t id)
{
	struct listing_ahead *listings[LISTINGS_MAX];
	const struct stream *stream;
	size_t n = 0;

	pthread_mutex_lock(&readahead->core->lock);
	stream = streams_find(&readahead->manifests->streams, id);
	if (stream)
		n = begin_listings(readahead, stream, listings);
	pthread_mutex_unlock(&readahead->core->lock);
	for (size_t i = 0; i < n; i++)
		listings_ahead_ask(listings[i]);
}

static void ask_for(struct readahead *readahead, const struct plan *plan)
{
	counts_event(&readahead->core->counts, CACHE_AHEAD, plan->n);
	for (size_t i = 0; i < plan->n; i++)
		manifests_ask(plan->manifests[i]);
}

/* One call for the stream of that id. Answers whether there was anything to ask for. */
static bool fetch_some(struct readahead *readahead, uint32_t id)
{
	struct plan plan = {.look = SIZE_MAX};
	struct stream *stream;

	pthread_mutex_lock(&readahead->core->lock);
	stream = streams_find(&readahead->manifests->streams, id);
	if (stream)
		plan_call(readahead, stream, &plan);
	pthread_mutex_unlock(&readahead->core->lock);
	ask_for(readahead, &plan);
	return plan.n;
}

static void fetch_ahead(struct readahead *readahead, uint32_t id)
{
	while (fetch_some(readahead, id))
		;
}

static void look_after_streams(struct loop_task *task)
{
	struct readahead *readahead =
	        (struct readahead *)((char *)task - offsetof(struct readahead, task));
	uint32_t ids[STREAMS_MAX] = {0};

	pthread_mutex_lock(&readahead->core->lock);
	readahead->is_posted = false;
	for (int i = 0; i < STREAMS_MAX; i++) {
		const struct stream *stream = &readahead->manifests->streams.streams[i];

		if (stream_is_live(stream, core_now_ns(readahead->core)) &&
		    stream_is_streaming(stream) && !stream->is_exhausted)
			ids[i] = stream->id;
	}
	pthread_mutex_unlock(&readahead->core->lock);
	for (int i = 0; i < STREAMS_MAX; i++) {
		list_ahead(readahead, ids[i]);
		fetch_ahead(readahead, ids[i]);
	}
}

/* Has the streams looked after soon. The caller holds the lock. */
static void post(struct readahead *readahead)
{
	if (!readahead->is_posted)
		loop_post(readahead->core->loop, &readahead->task);
	readahead->is_posted = true;
}

static void listing_arrived(struct listings_ahead *listings)
{
	struct readahead *readahead =
	        (struct readahead *)((char *)listings - offsetof(struct readahead, listings));
	SCOPED_LOCK(&readahead->core->lock);

	for (int i = 0; i < STREAMS_MAX; i++)
		readahead->manifests->streams.streams[i].is_exhausted = false;
	post(readahead);
}

/* Whoever reads what another program has gone through a moment ago, in its order the second of its
 * neighbours, or while others do so, was told what to read, and goes on: `find … | xargs -P8 cat`.
 */
static bool is_told(const struct readahead *readahead, const struct stream *stream,
                    const struct manifest_use *use)
{
	if (use->walked) /* by itself */
		return false;
	if (stream->is_told || !use->was_walked)
		return stream->is_told;
	return (stream->steps > 1 && !stream->by_name) ||
	       streams_others_begin(&readahead->manifests->streams, stream,
	                            core_now_ns(readahead->core));
}

/* Whether somebody has read a neighbour of the stream's latest access. */
static bool has_read_beside(const struct readahead *readahead, const struct stream *stream)
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

/* The stream that the access is a step of. */
static struct stream *note_access(struct readahead *readahead, const struct place *place,
                                  const struct manifest_use *use)
{
	struct stream *stream = follow_access(&readahead->follow, place);

	if (use->is_asked) {
		stream->is_told = is_told(readahead, stream, use);
		stream->is_dense |= stream->is_told && has_read_beside(readahead, stream);
		stream_note_reader(stream, use->walked, use->may_be_cut_off);
		stream->size_will_do = use->size_will_do;
	}
	if (use->waits)
		stream_begin_waiting(stream, use->waits);
	return stream;
}

void readahead_used(struct readahead *readahead, const struct place *place,
                    const struct manifest_use *use)
{
	struct plan plan = {.n = 0};
	struct stream *stream;
	size_t window;
	bool fetches;
	uint32_t id;

	if (!readahead->core->config.readahead_calls || !place->sequence)
		return;
	if (use->is_asked)
		follow_prepare(&readahead->follow, place);
	pthread_mutex_lock(&readahead->core->lock);
	stream = note_access(readahead, place, use);
	id = stream->id;
	window = stream_window(stream);
	fetches = use->is_asked && window > 1;
	if (use->was_ahead && stream_is_streaming(stream) && !stream->is_exhausted &&
	    room(readahead, stream) >= STREAMS_BATCH)
		post(readahead);
	if (fetches)
		plan_with_miss(readahead, stream, window - 1, &plan);
	pthread_mutex_unlock(&readahead->core->lock);
	if (!fetches)
		return;
	list_ahead(readahead, id);
	ask_for(readahead, &plan);
	if (window == STREAMS_BATCH)
		fetch_ahead(readahead, id);
}
