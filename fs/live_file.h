/* The files in .ecrfs: each is a source of its own, fs/live_<name>.c, and a row in fs/live.c. */
#ifndef ECRFS_FS_LIVE_FILE_H
#define ECRFS_FS_LIVE_FILE_H

#include <stdio.h>

struct mount;

struct live_file {
	const char *name;
	/* Writes what it shows now, to memory. Waits for nobody: neither network nor disk nor the
	 * loop thread. Threads: any. */
	void (*write)(struct mount *mount, FILE *out);
};

extern const struct live_file live_readme;
extern const struct live_file live_status;
extern const struct live_file live_metrics;
extern const struct live_file live_config;
extern const struct live_file live_log;

#endif
