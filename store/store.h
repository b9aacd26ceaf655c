/* The disk store: a source between the cache and ECR that keeps manifests and configurations, so
 * that what was fetched once is there after a restart, and for other mounts.
 *
 *   cache ─► store ─┬─► disk: there, and what its name says ─► answer
 *                   └─► miss, or no answer in time ─► ECR ─► answer, then kept on disk
 *
 * It never makes anything fail that would not fail without it.
 *
 * Bytes belong to a digest, whoever fetched them, and are hashed whenever they are read. They are
 * shown for a repository only when that has handed them out before: see store/sizes.h.
 */
#ifndef ECRFS_STORE_STORE_H
#define ECRFS_STORE_STORE_H

#include "store/folder.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct log;
struct loop;
struct source;
struct store;

struct store_config {
	struct folder_config folder;
	uint64_t max_bytes;     /* on disk */
	uint64_t digest_ttl_ns; /* so long what a repository has handed out is taken for its own */
	uint64_t stale_ttl_ns;  /* and so long after that while ECR cannot be reached */
	bool no_pull;           /* what is not on disk is not asked for */
	const char *region;     /* of registries that do not name theirs; NULL: the profile's */
};

/* Borrows all but the config, whose strings it borrows, for its life. No thread runs, and no disk
 * is touched. Answers 0 or -ENOMEM. */
int store_new(struct loop *loop, const struct clock *clock, struct log *log, struct source *inner,
              const struct store_config *config, struct store **ret_store);

/* Starts the threads and opens the directory, as the user that this process is: after the daemon
 * has forked and given up its privileges. Answers 0, also when the disk has not answered in time,
 * which is logged; or -errno, with `why` in words, when the directory cannot be used. Threads:
 * main. */
int store_start(struct store *store, char why[FOLDER_WHY_SIZE]);

/* Itself, for the cache. Borrowed. */
struct source *store_source(struct store *store);

/* Bytes that wait to be written, and whether all was written that was to be. Threads: loop. */
size_t store_backlog(const struct store *store);
bool store_is_idle(const struct store *store);

struct store_figures {
	uint64_t hits;          /* manifests, sizes or configurations found on disk */
	uint64_t misses;        /* not found, or not in time */
	uint64_t damaged;       /* blobs that were not what they should be, and were removed */
	uint64_t written;       /* blobs */
	uint64_t skipped;       /* that were not kept: the disk did not keep up, is full or hangs */
	uint64_t evicted;       /* blobs, to make room */
	uint64_t errors;        /* of writing */
	uint64_t late;          /* jobs for which the disk took too long */
	uint64_t listings_read; /* files of listings and answers by name */
	uint64_t listings_written; /* those, too */
	uint64_t listings_damaged; /* those that were not what they should be, and were removed */
	uint64_t listings_skipped; /* that were not kept, as above, or since the caller changed */
	uint64_t bytes;            /* of blobs, in blocks of the disk */
	uint64_t max_bytes;
	bool is_hung;
};

/* Threads: any. */
void store_figures(struct store *store, struct store_figures *ret_figures);

/* After loop_stop(), when the inner source has given its last answer: answers what is still open
 * with STATUS_SERVER_ERROR, and frees. Accepts NULL. Answers false when the disk hangs: then its
 * memory is left, nor may the loop be freed, and the process must end with _exit(2). */
bool store_free(struct store *store);

#endif
