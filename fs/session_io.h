/* How bytes go to and from /dev/fuse, with one correction to what libfuse says. */
#ifndef ECRFS_FS_SESSION_IO_H
#define ECRFS_FS_SESSION_IO_H

#include <stdatomic.h>
#include <stdbool.h>

struct fuse_session;

/* The user data of the FUSE session starts with this. */
struct session_io {
	atomic_bool is_init_answered;
};

/* Lets the kernel send look-ups and listings of one directory side by side: libfuse before 3.17
 * never asks for it, although its header says so, and then one pending LOOKUP blocks the whole
 * directory, unkillable. Call it after fuse_session_mount(). Answers 0 or -errno. */
int session_io_install(struct fuse_session *session);

#endif
