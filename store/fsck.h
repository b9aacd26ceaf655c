/* Looks at everything in a cache directory, and takes out what is damaged. Safe while mounts use
 * it: the worst that comes of that is something that has to be fetched again.
 *
 * Threads: any one that may block.
 */
#ifndef ECRFS_STORE_FSCK_H
#define ECRFS_STORE_FSCK_H

#include <stdbool.h>
#include <stdint.h>

struct folder;

struct fsck_counts {
	uint64_t good;
	uint64_t repaired; /* they were damaged, and are gone or whole again */
	uint64_t damaged;  /* and still are, since that could not be done */
	uint64_t foreign;  /* none of ours: left alone */
	uint64_t bytes;    /* of the good ones */
};

/* How far it is: called for each file. */
typedef void (*fsck_progress_fn)(void *arg, uint64_t done, uint64_t all);

/* The kinds of files, from 0: "blobs", "sizes", "listings"; NULL behind the last. */
const char *fsck_kind(unsigned kind);

/* Looks at all files of a kind. Answers 0 or -errno: the directory cannot be read. */
int fsck_files(struct folder *folder, unsigned kind, fsck_progress_fn progress, void *arg,
               struct fsck_counts *ret_counts);

#endif
