/* The threads that take requests from the kernel. They answer from memory and never wait for the
 * network or a disk: a few keep up with any number of readers.
 *
 * libfuse's own loop makes threads as they are needed, and ends the session where one has no memory
 * for its buffer: here all are there from the start, with their buffers.
 */
#ifndef ECRFS_FS_WORKERS_H
#define ECRFS_FS_WORKERS_H

struct fuse_session;

/* Serves until the filesystem is unmounted or fuse_session_exit() is called. Answers 0, the signal
 * that did the latter, or -errno: the connection broke, or threads cannot be made. */
int workers_run(struct fuse_session *fuse);

#endif
