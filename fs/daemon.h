/* Going to the background: the caller's command returns when the mount can be used, or with the
 * reason why it cannot.
 */
#ifndef ECRFS_FS_DAEMON_H
#define ECRFS_FS_DAEMON_H

#include <stdbool.h>

struct daemon {
	int ready_pipe; /* in the child: where to say that all is well; -1: nobody listens */
};

enum daemon_side {
	DAEMON_CHILD,  /* go on */
	DAEMON_PARENT, /* exit with the code */
	DAEMON_FAILED, /* there is no child; errno says why */
};

/* Forks. The parent waits until the child says daemon_ready() or ends, and gets the exit code to
 * end with. Before any thread runs. */
enum daemon_side daemon_fork(struct daemon *daemon, int *ret_exit_code);

/* In the child: the mount can be used. Lets go of the terminal and lets the parent end. */
void daemon_ready(struct daemon *daemon);

#endif
