/* One mount: the owner of all modules, from the command line to the end of the daemon. */
#ifndef ECRFS_FS_MOUNT_H
#define ECRFS_FS_MOUNT_H

#include "base/clock.h"
#include "fs/options.h"

struct cache;
struct client;
struct inodes;
struct log;
struct loop;
struct mount;
struct requests;

struct mount {
	const struct options *options;
	const struct clock *clock;
	struct log *log;
	struct loop *loop;
	struct client *client;
	struct cache *cache;
	struct inodes *inodes;
	struct requests *requests;
	uint64_t *registry_numbers; /* inode numbers, one for each of options->registries */
	uint64_t started_ns;        /* real time */
};

/* Builds all modules; no thread runs and nothing is sent. Borrows options and log. Answers 0 or
 * -errno; then nothing is left. */
int mount_init(struct mount *mount, const struct options *options, struct log *log);

/* After the FUSE session ended: ends the loop thread, answers what is parked, frees all. The
 * session must still be there. */
void mount_deinit(struct mount *mount);

#endif
