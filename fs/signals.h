/* What signals ask of a daemon that runs: SIGUSR1, another log level; SIGHUP, to forget all that is
 * cached, here and in the kernel.
 */
#ifndef ECRFS_FS_SIGNALS_H
#define ECRFS_FS_SIGNALS_H

struct mount;
struct signals;

/* Borrows the mount. Where the daemon runs on a terminal, SIGHUP is left alone: that has been
 * closed then. Before loop_start(), and before libfuse sets its handlers. Answers 0 or -errno. */
int signals_new(struct mount *mount, struct signals **ret_signals);

/* After loop_stop(). Accepts NULL. */
void signals_free(struct signals *signals);

#endif
