/* Who reads manifest after manifest: streams of accesses, each near the one before.
 *
 *   access   1        2         3 … 99            100 …
 *   window   1        10        100               100
 *   ahead    -        -         100 at most       four times the accesses; at most 200 x calls
 *
 * Each access of a stream is a step, and earns the right to fetch more than was asked for: what is
 * fetched is recorded as pulled. A jump begins another stream, with nothing earned. Who is known to
 * go from image to image begins with a window of 100. Who may be cut off without knowing it has
 * no more than 100 ahead until it has read 350. Several readers of one stream, each of whom is
 * known to go on, have as much each while they wait.
 *
 * All functions: the caller holds the cache's lock. Threads: any.
 */
#ifndef ECRFS_CACHE_STREAMS_H
#define ECRFS_CACHE_STREAMS_H

#include "cache/cache.h"
#include "ecr/name.h"

/* So many programs, or threads of one, may each read a repository of their own. */
#define STREAMS_MAX 16

/* A full call. ECR: at most 100 imageIds per BatchGetImage. */
#define STREAMS_BATCH 100

/* Where a manifest stands in a listing. */
struct place {
	const struct registry *registry;
	const char *repository;     /* borrowed */
	enum cache_listing listing; /* CACHE_TAGS, CACHE_DIGESTS or CACHE_UNTAGGED */
	uint64_t sequence;          /* 0: it is in no listing that is at hand */
};

struct stream {
	uint32_t id;                     /* 0: free */
	const struct registry *registry; /* of the last access, as the next six */
	enum cache_listing listing;
	bool by_name;   /* reads in the order of names; else in that of the listing */
	uint64_t first; /* in this repository: the place of the first access in that order */
	uint64_t last;  /* and of the farthest one */
	uint64_t at;    /* and of the latest one */
	char repository[NAME_REPOSITORY_MAX + 1];
	int direction;          /* 1: up, -1: down, 0: not known yet */
	unsigned steps;         /* accesses */
	unsigned unused;        /* manifests that were fetched ahead, and not used yet */
	unsigned used;          /* and those that were */
	unsigned walked;        /* repositories */
	unsigned reader_walked; /* images, by its reader, here and elsewhere; 0: it is on no walk */
	size_t root; /* so many bytes at the start do all their names have: it reads below that */
	unsigned waiting;   /* readers that have to wait just now */
	bool is_from_above; /* its reader came to the first repository from a directory above it */
	bool size_will_do;  /* its reader wanted sizes when it last had to wait */
	bool is_told;       /* its readers read what another program has gone through */
	bool is_dense;      /* and one of them has read two neighbours: they leave nothing out */
	bool is_firm;       /* its reader would know if it had to stop */
	bool is_thwarted;   /* memory is so short that what was fetched went before it was used */
	bool is_exhausted;  /* nothing was left to fetch, when it was last looked at */
	uint64_t used_ns;   /* monotonic */
};

struct streams {
	struct stream streams[STREAMS_MAX];
	uint32_t last_id;
};

/* Nobody reads any more. */
void streams_clear(struct streams *streams);

/* The stream of that id, or NULL: it has made room for another. */
struct stream *streams_find(struct streams *streams, uint32_t id);

/* Whether the stream is in that repository, and somebody may still be reading. */
bool stream_is_in(const struct stream *stream, const struct place *place, uint64_t now_ns);

/* Whether an access at `at`, in the stream's order, may be its next. */
bool stream_reaches(const struct stream *stream, uint64_t at);

/* A stream that begins with this access, in place of the one that was idle for longest. */
struct stream *streams_begin(struct streams *streams, const struct place *place, uint64_t now_ns);

/* Whether somebody may still be reading. */
bool stream_is_live(const struct stream *stream, uint64_t now_ns);

/* The stream's next access, at `at` in its order. Where it has been before, nothing is earned: who
 * reads two manifests by turns is on no walk. */
void stream_step(struct stream *stream, uint64_t at, uint64_t now_ns);

/* The stream's next access is in another repository: it has walked there, in `direction`. What it
 * leaves becomes a stream of its own, for threads that have not come so far. */
void streams_walk(struct streams *streams, struct stream *stream, const struct place *place,
                  uint64_t at, int direction, uint64_t now_ns);

/* It turns out, at its second access, that the stream reads in the order of names: there the first
 * one was at `at`. What was fetched ahead in the other order is not for it. */
void streams_turn_to_names(struct streams *streams, struct stream *stream, uint64_t at);

/* Who made the stream's last access. */
void stream_note_reader(struct stream *stream, const struct reader *reader);

/* The asker waits for a manifest of the stream, until streams_end_waiting(). */
void stream_begin_waiting(struct stream *stream, struct asker *asker);

/* The asker waits no more, whatever for. */
void streams_end_waiting(struct streams *streams, struct asker *asker);

/* Whether readers of other streams wait in the registry, and no stream there has anything ahead. */
bool streams_others_begin(const struct streams *streams, const struct stream *stream,
                          uint64_t now_ns);

/* One that was fetched ahead for the stream of that id, if it is still there, is used. */
void streams_note_use(struct streams *streams, uint32_t id);

/* How many manifests a miss fetches, itself included. */
unsigned stream_window(const struct stream *stream);

/* How far from the last access the next one may be: some, where several threads read, and more
 * where several readers wait. */
uint64_t stream_reach(const struct stream *stream);

/* Whether it has earned full calls. */
bool stream_is_streaming(const struct stream *stream);

/* How many manifests may be fetched and unused, where `calls` calls may fly at a time. */
unsigned stream_allowance(const struct stream *stream, unsigned calls);

/* Whether a repository lies where the stream has walked. Those beyond may not be of interest. */
bool stream_has_in_reach(const struct stream *stream, const char *repository);

/* How many repositories behind the present one may be read ahead. Whoever came from above, or was
 * told what to read, will go on from the second; another may have been told to read two. */
unsigned stream_repositories_ahead(const struct stream *stream, unsigned calls);

#endif
