/* Small files, read as a whole on the disk pool: tokens and caches, which other programs replace.
 *
 * Threads: loop.
 */
#ifndef ECRFS_NET_DISK_FILE_H
#define ECRFS_NET_DISK_FILE_H

#include <stddef.h>

struct disk_reading;
struct loop;

/* `error` is 0 or -errno: that of open(2) and read(2), -EFBIG for more than the limit, -EINVAL for
 * what is no regular file or pipe. `text` is borrowed for the call and wiped after it, NULL when
 * there is an error; a NUL follows its last byte. */
typedef void (*disk_file_fn)(void *arg, int error, const char *text, size_t size);

/* Reads the file; `done` is called later on the loop thread, never inside this call. Copies `path`.
 * `ret_reading` is good until then. Answers 0, -EBUSY (the disk pool is full) or -ENOMEM. */
int disk_file_read(struct loop *loop, const char *path, size_t max_bytes, disk_file_fn done,
                   void *arg, struct disk_reading **ret_reading);

/* `done` is not called any more; the disk may still be busy with it, which does no harm. Accepts
 * NULL. */
void disk_file_abandon(struct disk_reading *reading);

#endif
