/* Counting blobs, and removing those that nobody uses. */
#include "store/trim.h"
#include "base/clock.h"
#include "net/loop.h"
#include "store/folder.h"
#include "store/worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A piece of work, long enough to be worth it. */
#define PIECE_NS (50 * NS_PER_MS)

/* Names that are looked at before the clock is. */
#define PIECE_NAMES 64

#define INTERVAL_NS (3600 * NS_PER_S)

/* Between two runs; and where not all could be removed that should. */
#define PAUSE_NS      NS_PER_S
#define LONG_PAUSE_NS (60 * NS_PER_S)

/* Written since the last count, of the limit: so far off may the sum be when others write, too. */
#define UNCOUNTED_PART 16

/* What is free once it has been trimmed, of the limit, so that this is not done at each write. */
#define FREE_PART 10

enum phase {
	COUNT_BLOBS,
	REMOVE_BLOBS,
	DONE,
};

struct trim {
	struct worker_job job; /* first */
	struct worker *worker;
	struct blobs *blobs;
	const struct clock *clock;
	struct loop_timer *later; /* loop; NULL: nothing more is begun */
	bool is_running;          /* loop */
	uint64_t started_ns;      /* loop; 0: never */
	/* Of the run, for the thread that is at it: */
	enum phase phase;
	struct folder_names *names;
	uint64_t ages[TRIM_AGES]; /* bytes of each */
	uint64_t counted;
	uint64_t to_remove; /* bytes */
	unsigned cutoff;    /* the age of which some have to go, and all that are older */
};

static void work(struct worker_job *job);
static void ended(struct worker_job *job);
static void go_on(struct worker_job *job);
static void poke_later(void *trim);

int trim_new(struct loop *loop, struct worker *worker, struct blobs *blobs, struct trim **ret_trim)
{
	struct trim *trim = calloc(1, sizeof(*trim));

	if (!trim || loop_timer_new(loop, poke_later, trim, &trim->later) < 0) {
		free(trim);
		return -ENOMEM;
	}
	trim->job = (struct worker_job){.work = work, .ended = ended, .late = ended, .free = go_on};
	trim->worker = worker;
	trim->blobs = blobs;
	trim->clock = blobs->clock;
	*ret_trim = trim;
	return 0;
}

void trim_stop(struct trim *trim)
{
	if (!trim)
		return;
	loop_timer_free(trim->later);
	trim->later = NULL;
}

void trim_free(struct trim *trim)
{
	if (!trim)
		return;
	folder_names_close(trim->names);
	free(trim);
}

unsigned trim_age(int64_t age_s)
{
	uint64_t age = age_s > 0 ? (uint64_t)age_s : 0;
	unsigned power, part;

	if (age < 8)
		return (unsigned)age;
	power = 63U - (unsigned)__builtin_clzll(age);
	part = (unsigned)(age >> (power - 3)) & 7U;
	return (power - 2) * 8 + part;
}

/* A blob, by its name and what is there; else it is left alone: a larger file may be a layer that
 * another tool has put there. */
static bool is_blob(const char *name, const struct stat *about, struct digest *ret_digest)
{
	return S_ISREG(about->st_mode) && (uint64_t)about->st_size <= BLOBS_MAX_BYTES &&
	       blobs_name_parse(name, ret_digest);
}

static unsigned age_of(const struct trim *trim, const struct stat *about)
{
	int64_t now_s = (int64_t)(clock_realtime_ns(trim->clock) / NS_PER_S);

	return trim_age(now_s - about->st_atime);
}

static void remove_blob(struct trim *trim, const struct digest *digest, uint64_t bytes)
{
	char path[FOLDER_PATH_SIZE];

	blobs_path(digest, path);
	if (folder_remove(trim->blobs->folder, path) < 0)
		return;
	atomic_fetch_add(&trim->blobs->evicted, 1);
	atomic_fetch_sub(&trim->blobs->bytes, bytes);
	trim->to_remove -= bytes < trim->to_remove ? bytes : trim->to_remove;
}

static void look_at(struct trim *trim, const char *name, const struct stat *about)
{
	uint64_t bytes = blobs_disk_bytes((uint64_t)about->st_size);
	struct digest digest;
	unsigned age;

	if (!is_blob(name, about, &digest))
		return;
	age = age_of(trim, about);
	if (trim->phase == COUNT_BLOBS) {
		trim->ages[age] += bytes;
		trim->counted += bytes;
	} else if (trim->to_remove && age >= trim->cutoff) {
		remove_blob(trim, &digest, bytes);
	}
}

/* All are counted: what has to go? */
static void decide(struct trim *trim)
{
	uint64_t limit, target, sum = 0;

	atomic_store(&trim->blobs->bytes, trim->counted);
	limit = blobs_limit(trim->blobs);
	target = limit - limit / FREE_PART;
	trim->phase = DONE;
	if (trim->counted <= limit)
		return;
	trim->to_remove = trim->counted - target;
	trim->cutoff = TRIM_AGES;
	while (trim->cutoff > 0 && sum < trim->to_remove)
		sum += trim->ages[--trim->cutoff];
	trim->phase = REMOVE_BLOBS;
}

static void end_phase(struct trim *trim)
{
	folder_names_close(trim->names);
	trim->names = NULL;
	if (trim->phase == COUNT_BLOBS)
		decide(trim);
	else
		trim->phase = DONE;
}

static void begin_run(struct trim *trim)
{
	memset(trim->ages, 0, sizeof(trim->ages));
	trim->counted = trim->to_remove = 0;
	atomic_store(&trim->blobs->new_bytes, 0);
	folder_sweep(trim->blobs->folder);
}

static void work(struct worker_job *job)
{
	struct trim *trim = (struct trim *)job;
	uint64_t end_ns = clock_monotonic_ns(trim->clock) + PIECE_NS;
	struct stat about;
	const char *name;

	if (!trim->names && trim->phase == COUNT_BLOBS)
		begin_run(trim);
	if (!trim->names &&
	    folder_names_open(trim->blobs->folder, BLOBS_DIRECTORY, &trim->names) < 0) {
		trim->phase = DONE;
		return;
	}
	do {
		for (int i = 0; i < PIECE_NAMES; i++) {
			name = folder_names_next(trim->names, &about);
			if (!name) {
				end_phase(trim);
				return;
			}
			look_at(trim, name, &about);
		}
	} while (clock_monotonic_ns(trim->clock) < end_ns);
}

static void ended(struct worker_job *job)
{
	(void)job;
}

/* The next piece. */
static void go_on(struct worker_job *job)
{
	struct trim *trim = (struct trim *)job;

	trim->is_running = trim->phase != DONE && worker_submit(trim->worker, job) == 0;
	if (!trim->is_running) {
		folder_names_close(trim->names);
		trim->names = NULL;
		trim_poke(trim);
	}
}

static bool is_wanted(const struct trim *trim)
{
	const struct blobs *blobs = trim->blobs;

	return atomic_load(&blobs->bytes) > blobs->max_bytes ||
	       atomic_load(&blobs->new_bytes) > blobs->max_bytes / UNCOUNTED_PART ||
	       atomic_load(&blobs->is_short);
}

void trim_poke(struct trim *trim)
{
	uint64_t since_ns, pause_ns;
	bool is_first = !trim->started_ns;

	if (!trim->later || trim->is_running) /* then the rest is the disk thread's */
		return;
	since_ns = clock_monotonic_ns(trim->clock) - trim->started_ns;
	pause_ns = trim->to_remove ? LONG_PAUSE_NS : PAUSE_NS;
	if (!is_first && since_ns < INTERVAL_NS && !is_wanted(trim))
		return;
	if (!is_first && since_ns < pause_ns) {
		loop_timer_set(trim->later, pause_ns - since_ns);
		return;
	}
	trim->phase = COUNT_BLOBS;
	trim->started_ns = clock_monotonic_ns(trim->clock);
	atomic_store(&trim->blobs->is_short, false);
	trim->is_running = worker_submit(trim->worker, &trim->job) == 0;
}

static void poke_later(void *trim)
{
	trim_poke(trim);
}
