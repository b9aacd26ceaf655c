/* Looking for blobs on disk, and keeping one. */
#include "store/lookup.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "store/folder.h"

/* Clocks of two machines may differ so much. */
#define CLOCKS_DIFFER_S 300

static uint32_t now_s(const struct shelf *shelf)
{
	return (uint32_t)(clock_realtime_ns(shelf->clock) / NS_PER_S);
}

/* Nanoseconds since then. What is said to have been told tomorrow is as old as can be. */
static uint64_t age_ns(const struct shelf *shelf, uint32_t told_s)
{
	uint32_t now = now_s(shelf);

	if (told_s > now)
		return told_s - now > CLOCKS_DIFFER_S ? UINT64_MAX : 0;
	return (now - told_s) * NS_PER_S;
}

static void look_for(const struct shelf *shelf, struct wanted *wanted)
{
	struct sizes_entry entry;
	uint64_t age;

	if (sizes_find(shelf->folder, &wanted->key, &entry) < 0)
		return;
	age = age_ns(shelf, entry.told_s);
	wanted->is_old = age >= shelf->ttl_ns;
	if (wanted->is_old && age - shelf->ttl_ns >= shelf->stale_ns)
		return;
	if (blobs_read(shelf->blobs, &wanted->digest, &wanted->bytes) == 0)
		wanted->size = wanted->bytes->size;
	else if (wanted->size_will_do && !wanted->is_old && !folder_is_shared(shelf->folder))
		wanted->size = entry.size; /* others could have made it up */
}

void lookup_work(struct worker_job *job)
{
	struct lookup *lookup = (struct lookup *)job;

	look_for(lookup->shelf, &lookup->wanted[job->n_steps]);
	job->goes_on = job->n_steps + 1 < lookup->n;
}

void keeping_work(struct worker_job *job)
{
	struct keeping *keeping = (struct keeping *)job;
	const struct shelf *shelf = keeping->shelf;
	struct sizes_entry entry = {
	        .size = (uint32_t)keeping->bytes->size,
	        .told_s = now_s(shelf),
	};

	/* That it was handed out is true also if the bytes cannot be kept. */
	(void)blobs_write(shelf->blobs, &keeping->digest, keeping->bytes);
	blobs_note_error(shelf->blobs, sizes_add(shelf->folder, &keeping->key, &entry));
}
