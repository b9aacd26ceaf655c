/* A child process that has nothing of this one but its environment and working directory. */
#ifndef ECRFS_NET_PROCESS_SPAWN_H
#define ECRFS_NET_PROCESS_SPAWN_H

#include <sys/types.h>

/* What the parent has of it. The caller closes the descriptors, and waits for the process. */
struct spawned {
	pid_t pid;  /* also of its process group and session */
	int pidfd;  /* readable when it has ended */
	int output; /* what it writes to its standard output; does not block */
	int errors; /* and to its standard error */
};

/* Starts the program `words[0]`, found by PATH, with these arguments (NULL at the end): a session
 * of its own without a terminal, standard input empty, all other descriptors closed, signals as at
 * the start of any program. Returns when the program has been loaded, which a file system that
 * hangs may keep from happening. Answers 0, or -errno of what failed; -ENOENT also when there is no
 * such program. Threads: disk. */
int process_spawn(char *const *words, struct spawned *ret_spawned);

#endif
