/* The mount point, made ready: dead mounts of ours are taken away, a living one is left alone. */
#ifndef ECRFS_FS_MOUNTPOINT_H
#define ECRFS_FS_MOUNTPOINT_H

#include <stdbool.h>

/* The absolute path of a mount point, without symbolic links; whatever is mounted there is not
 * asked. Heap, or NULL with errno. */
char *mountpoint_resolve(const char *path);

/* Makes `*path` absolute: the daemon works in /. It must be a directory where no ecrfs is mounted;
 * dead ones are unmounted, with a line on standard error. Says there why not when it answers false.
 * `ret_lock` is a file that keeps every other ecrfs from mounting there until the caller closes it,
 * or -1. Before any thread runs. */
bool mountpoint_prepare(char **path, int *ret_lock);

/* After a daemon has ended, or unmounted `path`: what is left there and dead is taken away. Answers
 * whether no ecrfs is there any more. */
bool mountpoint_tidy(const char *path);

#endif
