/* ecrfs --check: whether a mount would work, and if not, what to do. Nothing is mounted or pulled.
 */
#ifndef ECRFS_FS_CHECK_H
#define ECRFS_FS_CHECK_H

#include <stdbool.h>

struct options;

/* What a failure is about: the exit code. Those of mount(8) mean here what they mean there. */
enum check_exit {
	CHECK_EXIT_WELL = 0,
	CHECK_EXIT_SETTINGS = 1,
	CHECK_EXIT_SYSTEM = 2,
	CHECK_EXIT_CREDENTIALS = 3,
	CHECK_EXIT_DENIED = 4,
	CHECK_EXIT_NETWORK = 5,
	CHECK_EXIT_MACHINE = 6, /* FUSE or the mount point */
	CHECK_EXIT_CLOCK = 7,
	CHECK_EXIT_SERVICE = 8, /* it was reached, and throttles or fails */
};

/* Tries all, and prints what it finds to standard output. Answers the exit code: of the first
 * failure. `ret_is_stuck`: a disk job hangs, for which exit(3) would wait. Threads: main, while
 * there is no other. */
int check_run(const struct options *options, bool *ret_is_stuck);

#endif
