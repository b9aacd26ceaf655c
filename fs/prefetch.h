/* ecrfs --prefetch: fills a cache directory with what a mount would show, and mounts nothing. */
#ifndef ECRFS_FS_PREFETCH_H
#define ECRFS_FS_PREFETCH_H

#include <stdbool.h>

struct options;

/* Exit codes. */
enum prefetch_exit {
	PREFETCH_EXIT_COMPLETE = 0,
	PREFETCH_EXIT_SYSTEM = 2,      /* the directory cannot be used, or nothing can be started */
	PREFETCH_EXIT_MISSING = 3,     /* something is not there, and was named */
	PREFETCH_EXIT_INTERRUPTED = 4, /* by a signal, before all was there */
};

/* Fetches, and prints how far it is and what became of it. Answers the exit code. `ret_is_stuck`: a
 * disk job hangs, so the process must end with _exit(2). Threads: main, while there is no other. */
int prefetch_run(const struct options *options, bool *ret_is_stuck);

#endif
