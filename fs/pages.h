/* What the kernel is given before it asks: the bytes of files that a walker is about to read.
 *
 * Of an image, `grep -r` reads its directory, to the end, and then each file: a request each, for
 * which a process has to be woken here and one there. When it asks for the end of the directory,
 * the kernel knows the files, and nobody has opened them yet. Those of the kinds that the
 * thread goes on to read (fs/habit.h), whose bytes are in memory, go into the kernel's page cache
 * then (FUSE_NOTIFY_STORE), before the end is told. What a file shows never changes, so these are
 * the bytes that it would have read.
 *
 * One worker at a time does so: it waits while somebody who reads the same page waits for another
 * worker. Who finds it busy does without.
 */
#ifndef ECRFS_FS_PAGES_H
#define ECRFS_FS_PAGES_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct fuse_session;
struct request;

/* What is larger than that is worth a request. */
#define PAGES_MAX_BYTES ((size_t)64 << 10)

struct pages {
	struct fuse_session *fuse; /* NULL: nothing is given */
	atomic_flag is_busy;
	atomic_uint_fast64_t n_given; /* files */
};

/* The request is a READDIR that asks for the end of an image's directory, on a worker of the
 * session. Threads: any. */
void pages_give(struct request *request);

#endif
