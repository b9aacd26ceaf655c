/* A process of our own that takes the mount away when the daemon ends without doing so: because it
 * was killed, or has given up the right to unmount.
 *
 * libfuse's auto_unmount has fusermount3(1) for that, which looks whether the mount is dead when
 * the daemon has hardly begun to end, and then leaves it (measured with 3.14: each time).
 */
#ifndef ECRFS_FS_KEEPER_H
#define ECRFS_FS_KEEPER_H

/* Starts it, with the privileges that the caller has now. `mountpoint` is absolute, without
 * symbolic links. Before the mount, and before any thread runs. Answers 0 or -errno. */
int keeper_start(const char *mountpoint);

#endif
