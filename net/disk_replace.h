/* Small files that other programs read, replaced on the disk pool so that nobody ever sees half of
 * one.
 *
 * Threads: loop.
 */
#ifndef ECRFS_NET_DISK_REPLACE_H
#define ECRFS_NET_DISK_REPLACE_H

#include <stddef.h>

struct disk_replacing;
struct loop;

/* `error` is 0 or -errno. */
typedef void (*disk_replace_fn)(void *arg, int error);

/* Writes `text` to a temporary file in the same directory (mode 0600), has the disk keep it, and
 * renames it to `path`; what was there stays if any of that fails. `done` is called later on the
 * loop thread, never inside this call. Copies path and text, and wipes its copy. `ret_replacing` is
 * good until `done`. Answers 0, -EBUSY (the disk pool is full) or -ENOMEM. */
int disk_replace(struct loop *loop, const char *path, const char *text, size_t size,
                 disk_replace_fn done, void *arg, struct disk_replacing **ret_replacing);

/* `done` is not called any more; the file is written all the same. Accepts NULL. */
void disk_replace_abandon(struct disk_replacing *replacing);

#endif
