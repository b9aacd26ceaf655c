/* The FUSE session: from the mount point to the table of operations. */
#ifndef ECRFS_FS_SESSION_H
#define ECRFS_FS_SESSION_H

struct mount;
struct session;

/* The kernel has accepted the mount: from now on it can be used. On the main thread. */
typedef void (*session_ready_fn)(void *arg);

/* Mounts at the mount point of the options. What goes wrong is said on standard error. Borrows all.
 * Answers 0 or -errno. */
int session_new(struct mount *mount, session_ready_fn ready, void *arg,
                struct session **ret_session);

/* Serves until somebody unmounts, or a signal (INT, TERM, HUP) ends it. Answers 0, or the signal,
 * or -errno when the session broke. */
int session_run(struct session *session);

/* Unmounts, if that has not happened. Accepts NULL. */
void session_free(struct session *session);

#endif
