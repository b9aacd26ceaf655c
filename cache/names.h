/* The names of one directory in the order in which they were first seen.
 *
 * Each name gets a sequence number, which is its place when the directory is read: new names come
 * at the end, those that are gone leave a gap, and who reads on from a number misses nothing and
 * sees nothing twice. A listing is taken in as a pass: what a complete pass did not show is gone.
 *
 * All functions: the caller holds the cache's lock. Threads: any.
 */
#ifndef ECRFS_CACHE_NAMES_H
#define ECRFS_CACHE_NAMES_H

#include "cache/cache.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct name_index;

/* First member of what the name stands for, which the owner of the directory allocates. There may
 * be a million of them: it has no byte too many. */
struct name {
	uint64_t sequence; /* 1, 2, … */
	uint64_t number; /* for its inode; another one when the name comes to mean something else */
	uint64_t seen_ns;     /* monotonic: when ECR last said that it exists */
	uint32_t pass;        /* the last one that showed it */
	uint32_t text_offset; /* so many bytes from here its text begins, in the same allocation */
};

/* `seen_ns` of one that is not believed until ECR shows it again. */
#define NAME_FORGOTTEN UINT64_MAX

static inline const char *name_text(const struct name *name)
{
	return (const char *)name + name->text_offset;
}

/* Since when a name is good in a listing that was last complete at `complete_ns`: what a complete
 * listing shows is as good as that listing, however long before its end the page with it came. 0:
 * it was forgotten. */
static inline uint64_t name_good_since_ns(const struct name *name, uint64_t complete_ns)
{
	if (name->seen_ns == NAME_FORGOTTEN)
		return 0;
	return name->seen_ns > complete_ns ? name->seen_ns : complete_ns;
}

struct names {
	struct name **places; /* `n` of them, by their sequence numbers, without gaps */
	size_t n, capacity;
	struct name_index *index; /* their places by text */
	uint64_t last_sequence;
	uint64_t changed_ns; /* real time: since when this is the set of names; 0: never seen */
	bool changed;        /* since the last pass was complete */
};

struct name *names_find(const struct names *names, const char *text);

/* The name with that sequence number, or NULL: it is gone. */
struct name *names_at(const struct names *names, uint64_t sequence);

/* The first name with a sequence number above `sequence`, or NULL. */
struct name *names_next(const struct names *names, uint64_t sequence);

/* The last name with a sequence number below `sequence`, or NULL. */
struct name *names_before(const struct names *names, uint64_t sequence);

/* Copies up to `max` names that follow `sequence`; answers how many. `take` (NULL: nothing to do)
 * may add what else there is to say, or pass a name over by answering false. */
typedef bool (*names_take_fn)(const struct name *name, struct listed_name *listed);
size_t names_copy(const struct names *names, uint64_t sequence, size_t max, names_take_fn take,
                  struct listed_name *ret_names);

/* Appends `name`, whose text is set and not there yet. Answers 0 or a
 * negative errno: then it is not there. */
int names_add(struct names *names, struct name *name);

/* All pages of `pass` were seen. Names that it did not show are taken off and handed to `gone`, and
 * memory that the others do not need is given back. */
typedef void (*names_gone_fn)(void *arg, struct name *name);
void names_complete(struct names *names, uint32_t pass, uint64_t realtime_ns, names_gone_fn gone,
                    void *arg);

/* Takes all names off and hands each to `gone`. */
void names_clear(struct names *names, names_gone_fn gone, void *arg);

/* Memory of the set itself, without the names. */
size_t names_bytes(const struct names *names);

#endif
