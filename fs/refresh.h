/* Forgetting what is cached: here, and in the kernel.
 *
 *   loop:  the cache forgets ─► tell the kernel ─► done: those who wait for it are run again
 *   disk:                          └─ one part after the other: the kernel may make us wait
 *
 * The kernel locks a directory while a name in it is looked up, and to let go of a name it takes
 * that lock, too. So neither a FUSE worker nor the loop thread, by which such a look-up is
 * answered, ever tells it anything: that would be a deadlock.
 */
#ifndef ECRFS_FS_REFRESH_H
#define ECRFS_FS_REFRESH_H

#include <stdint.h>

struct fuse_session;
struct inode;
struct mount;
struct refresh;

/* Borrows the mount. Answers 0 or -ENOMEM. */
int refresh_new(struct mount *mount, struct refresh **ret_refresh);
void refresh_free(struct refresh *refresh);

/* From now on the kernel is told through this session. Threads: main. */
void refresh_serve(struct refresh *refresh, struct fuse_session *fuse);

/* The session goes: waits until nobody is telling the kernel. Does nothing where refresh_serve()
 * was not called. After loop_stop() and the unmount. */
void refresh_end(struct refresh *refresh);

/* So many parts may wait to be told to the kernel. */
#define REFRESH_MAX 64

/* Forgets what is cached of a directory and of all below it; of the root everything, credentials,
 * too. `ret_ticket` tells, with refresh_is_done(), when the kernel has let go. Answers 0, -EBUSY or
 * -ENOMEM; all is as it was then. Threads: loop. */
int refresh_directory(struct refresh *refresh, const struct inode *directory, uint64_t *ret_ticket);

/* Forgets everything, also before there is a session. Answers 0, -EBUSY or -ENOMEM. Threads: loop.
 */
int refresh_everything(struct refresh *refresh);

/* Whether the kernel has been told what belongs to the ticket: 1, or 0: not yet. -errno: it could
 * not be told, and its copies expire with their TTL. Threads: loop. */
int refresh_is_done(const struct refresh *refresh, uint64_t ticket);

#endif
