/* Which part of a registry's listing is not believed any more. Bounded: of several paths it keeps
 * what they have in common.
 *
 * All functions: the caller holds the cache's lock. Threads: any.
 */
#ifndef ECRFS_CACHE_FORGOTTEN_H
#define ECRFS_CACHE_FORGOTTEN_H

#include "ecr/name.h"

#include <stdbool.h>
#include <stdint.h>

/* All zero: nothing was forgotten. */
struct forgotten {
	uint64_t until_ns;                  /* monotonic: what came until then is not believed */
	char path[NAME_REPOSITORY_MAX + 1]; /* at this path and below it */
};

/* From `now_ns` on the path, too, and what is below it. `complete_ns`: what the last complete
 * listing, which is as old as that, has made good is forgotten no more. */
void forgotten_add(struct forgotten *forgotten, const char *path, uint64_t complete_ns,
                   uint64_t now_ns);

/* Whether what came at `since_ns` of the path was forgotten. */
bool forgotten_covers(const struct forgotten *forgotten, const char *path, uint64_t since_ns);

#endif
