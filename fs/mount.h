/* One mount: the owner of all modules, from the command line to the end of the daemon. */
#ifndef ECRFS_FS_MOUNT_H
#define ECRFS_FS_MOUNT_H

#include "base/clock.h"
#include "fs/failed_reads.h"
#include "fs/options.h"
#include "fs/requests_count.h"
#include "fs/tidy.h"

struct cache;
struct client;
struct inodes;
struct log;
struct loop;
struct mount;
struct registries;
struct refresh;
struct requests;
struct signals;
struct store;
struct walkers;

struct mount {
	const struct options *options;
	const struct clock *clock;
	struct log *log;
	struct loop *loop;
	struct client *client;
	struct store *store; /* NULL: nothing is kept on disk */
	struct cache *cache;
	struct inodes *inodes;
	struct requests *requests;
	struct walkers *walkers;
	struct refresh *refresh;
	struct signals *signals;
	struct registries *registries;
	struct requests_count counts;
	struct tidy tidy;
	struct failed_reads failed_reads;
	uint64_t started_ns;  /* real time */
	uint64_t up_since_ns; /* the same, monotonic */
};

/* Builds all modules; no thread runs and nothing is sent. Borrows options and log. Answers 0 or
 * -errno; then nothing is left. */
int mount_init(struct mount *mount, const struct options *options, struct log *log);

/* After the FUSE session has ended, which must still be there: ends the loop thread and answers
 * what is parked. May be repeated. */
void mount_stop(struct mount *mount);

/* Stops, and frees all. Answers false when a disk job hangs: see loop_free(). */
bool mount_deinit(struct mount *mount);

#endif
