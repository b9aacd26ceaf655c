/* What is fetched before it is asked for. */
#include "cache/readahead.h"
#include "base/cleanup.h"
#include "cache/readahead_plan.h"

#include <stddef.h>
#include <string.h>

/* However many calls may fly. */
#define LISTINGS_MAX 32

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

/* Begins with the listings of the repositories that the walk comes to next, at most LISTINGS_MAX.
 * Answers how many. */
static size_t begin_listings(struct readahead *readahead, const struct stream *stream,
                             struct listing_ahead **listings)
{
	unsigned ahead = stream_repositories_ahead(stream, readahead->core->config.readahead_calls);
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
	if (use->reader.walked) /* by itself */
		return false;
	if (stream->is_told || !use->was_walked)
		return stream->is_told;
	return (stream->steps > 1 && !stream->by_name) ||
	       streams_others_begin(&readahead->manifests->streams, stream,
	                            core_now_ns(readahead->core));
}

/* The stream that the access is a step of. */
static struct stream *note_access(struct readahead *readahead, const struct place *place,
                                  const struct manifest_use *use)
{
	struct stream *stream = follow_access(&readahead->follow, place);

	if (use->is_asked) {
		stream->is_told = is_told(readahead, stream, use);
		stream->is_dense |= stream->is_told && plan_has_read_beside(readahead, stream);
		stream_note_reader(stream, &use->reader);
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
	    plan_room(readahead, stream) >= STREAMS_BATCH)
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
