/* Recognising those who read manifest after manifest. */
#include "cache/streams.h"

#include <stdio.h>
#include <string.h>

/* A stream is read by a program, which goes on or has ended. */
#define IDLE_NS (30 * NS_PER_S)

/* One who has read so many wants more than that. But a pipe hides its end from the one who writes
 * into it: `grep -l … | head -1` reads on until its second buffer of 4 KiB is full of short paths.
 */
#define STEPS_OF_A_TASTER         100
#define STEPS_OF_A_TASTER_TO_PIPE 350

/* What is fetched in vain, if the reader stops, is in proportion to what it has read; and the calls
 * that fly become five times as many with each round. */
#define AHEAD_PER_STEP 4

/* While what one round of calls brought is read, the next one is in flight: calls that began
 * together end together. */
#define ROUNDS_AHEAD 2

/* Two threads read in turn, also in the beginning; many once it is clear that they do. Where
 * readers are told what to read, each may have begun so much farther on (`xargs -P8 -n 50`). */
#define REACH_AT_FIRST 2
#define REACH          64
#define REACHING_MAX   8

bool stream_is_streaming(const struct stream *stream)
{
	return stream->steps >= 3 || stream->reader_walked || stream->is_told;
}

uint64_t stream_reach(const struct stream *stream)
{
	unsigned readers = stream->is_told ? stream->waiting + 1 : 1;

	if (!stream_is_streaming(stream))
		return REACH_AT_FIRST;
	return REACH * (readers < REACHING_MAX ? readers : REACHING_MAX);
}

unsigned stream_window(const struct stream *stream)
{
	if (stream_is_streaming(stream))
		return STREAMS_BATCH;
	return stream->steps < 2 ? 1 : STREAMS_BATCH / 10;
}

/* Those who were told what to read step to where each of them begins: that is not read yet. */
static unsigned has_read(const struct stream *stream)
{
	unsigned read = stream->used;

	if (!stream->is_told && stream->steps > read)
		read = stream->steps;
	return read > stream->reader_walked ? read : stream->reader_walked;
}

/* How many readers there are, each of whom will read on: threads of a program that goes from image
 * to image, or those who were told what to read, unless that may be one here and one there. */
static unsigned readers(const struct stream *stream)
{
	bool will_go_on = stream->reader_walked || (stream->is_told && stream->is_dense);

	return will_go_on && stream->waiting > 1 ? stream->waiting : 1;
}

unsigned stream_allowance(const struct stream *stream, unsigned calls)
{
	unsigned read = has_read(stream), allowed = STREAMS_BATCH * readers(stream);
	unsigned tasting = stream->is_firm ? STEPS_OF_A_TASTER : STEPS_OF_A_TASTER_TO_PIPE;
	unsigned most = ROUNDS_AHEAD * STREAMS_BATCH * calls;

	if (stream->is_thwarted)
		return 0;
	if (read >= tasting && allowed < AHEAD_PER_STEP * read)
		allowed = AHEAD_PER_STEP * read;
	return allowed < most ? allowed : most;
}

unsigned stream_repositories_ahead(const struct stream *stream, unsigned calls)
{
	bool will_go_on = stream->is_from_above || stream->is_told;
	unsigned walked = will_go_on ? stream->walked : stream->walked - 1;

	if (walked < 2)
		return 0;
	return 2 * walked < calls + 1 ? 2 * walked : calls + 1;
}

bool stream_is_live(const struct stream *stream, uint64_t now_ns)
{
	return stream->id && now_ns - stream->used_ns < IDLE_NS;
}

void streams_clear(struct streams *streams)
{
	*streams = (struct streams){.last_id = streams->last_id};
}

struct stream *streams_find(struct streams *streams, uint32_t id)
{
	struct stream *stream = &streams->streams[id % STREAMS_MAX];

	return id && stream->id == id ? stream : NULL;
}

static uint64_t distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

bool stream_is_in(const struct stream *stream, const struct place *place, uint64_t now_ns)
{
	return stream_is_live(stream, now_ns) && stream->registry == place->registry &&
	       stream->listing == place->listing &&
	       strcmp(stream->repository, place->repository) == 0;
}

bool stream_reaches(const struct stream *stream, uint64_t at)
{
	return distance(stream->last, at) <= stream_reach(stream);
}

/* The length of the path above both repositories, with its slash. */
static size_t common_root(const char *a, const char *b)
{
	size_t root = 0;

	for (size_t i = 0; a[i] && a[i] == b[i]; i++)
		if (a[i] == '/')
			root = i + 1;
	return root;
}

bool stream_has_in_reach(const struct stream *stream, const char *repository)
{
	return strncmp(stream->repository, repository, stream->root) == 0;
}

static void enter(struct stream *stream, const struct place *place, uint64_t at, uint64_t now_ns)
{
	size_t root = common_root(stream->walked ? stream->repository : place->repository,
	                          place->repository);

	stream->registry = place->registry;
	stream->listing = place->listing;
	if (!stream->walked || root < stream->root)
		stream->root = root;
	snprintf(stream->repository, sizeof(stream->repository), "%s", place->repository);
	stream->first = stream->last = stream->at = at;
	stream->steps++;
	stream->walked++;
	stream->is_exhausted = stream->is_thwarted = false;
	stream->used_ns = now_ns;
}

/* Each slot has ids of its own, so that an id leads to its slot. */
static uint32_t new_id(struct streams *streams, const struct stream *slot)
{
	streams->last_id += STREAMS_MAX;
	return streams->last_id + (uint32_t)(slot - streams->streams);
}

/* The one that was idle for longest makes room. */
static struct stream *take_slot(struct streams *streams)
{
	struct stream *idlest = &streams->streams[0];

	for (int i = 1; i < STREAMS_MAX; i++)
		if (streams->streams[i].used_ns < idlest->used_ns)
			idlest = &streams->streams[i];
	*idlest = (struct stream){.id = new_id(streams, idlest)};
	return idlest;
}

struct stream *streams_begin(struct streams *streams, const struct place *place, uint64_t now_ns)
{
	struct stream *stream = take_slot(streams);

	enter(stream, place, place->sequence, now_ns);
	return stream;
}

void streams_walk(struct streams *streams, struct stream *stream, const struct place *place,
                  uint64_t at, int direction, uint64_t now_ns)
{
	struct stream left = *stream, *straggler;

	stream->direction = direction;
	enter(stream, place, at, now_ns);
	straggler = take_slot(streams);
	left.id = straggler->id;
	left.unused = left.waiting = 0;
	*straggler = left;
}

static bool is_between(uint64_t at, uint64_t a, uint64_t b)
{
	return (a <= at && at <= b) || (b <= at && at <= a);
}

/* They have begun one after the other, or nearly so: two tell no direction, and one may have been
 * overtaken by those behind it. */
static void step_beside_others(struct stream *stream, uint64_t at)
{
	if (!is_between(stream->last, stream->first, at)) {
		if (stream->direction) {
			stream->first = at;
			return;
		}
		stream->first = stream->last;
	} else if (stream->last != stream->first) {
		stream->direction = at > stream->last ? 1 : -1;
	}
	stream->last = at;
}

void stream_step(struct stream *stream, uint64_t at, uint64_t now_ns)
{
	stream->used_ns = now_ns;
	stream->at = at;
	if (is_between(at, stream->first, stream->last))
		return;
	stream->steps++;
	if (stream->waiting) {
		step_beside_others(stream, at);
		return;
	}
	stream->last = at;
	if (at != stream->first)
		stream->direction = at > stream->first ? 1 : -1;
}

void streams_turn_to_names(struct streams *streams, struct stream *stream, uint64_t at)
{
	stream->id = new_id(streams, stream);
	stream->unused = stream->waiting = 0;
	stream->by_name = true;
	stream->first = stream->last = stream->at = at;
}

void stream_note_reader(struct stream *stream, const struct reader *reader)
{
	if (reader->walked) {
		stream->reader_walked = reader->walked;
		stream->is_from_above = reader->is_from_above;
	}
	stream->is_firm = !reader->may_be_cut_off;
}

void stream_begin_waiting(struct stream *stream, struct asker *asker)
{
	if (asker->stream)
		return;
	asker->stream = stream->id;
	stream->waiting++;
}

void streams_end_waiting(struct streams *streams, struct asker *asker)
{
	struct stream *stream = streams_find(streams, asker->stream);

	if (stream && stream->waiting)
		stream->waiting--;
	asker->stream = 0;
}

void streams_note_use(struct streams *streams, uint32_t id)
{
	struct stream *stream = streams_find(streams, id);

	if (stream)
		stream->used++;
}

bool streams_others_begin(const struct streams *streams, const struct stream *stream,
                          uint64_t now_ns)
{
	bool others_wait = false;

	for (int i = 0; i < STREAMS_MAX; i++) {
		const struct stream *other = &streams->streams[i];

		if (!stream_is_live(other, now_ns) || other->registry != stream->registry)
			continue;
		if (other->unused)
			return false;
		others_wait |= other != stream && other->waiting;
	}
	return others_wait;
}
