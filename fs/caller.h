/* The thread that made a request: whether it is on its way out. */
#ifndef ECRFS_FS_CALLER_H
#define ECRFS_FS_CALLER_H

#include <stdbool.h>
#include <sys/types.h>

/* Whether a signal is pending that will end the thread: SIGKILL, or one that terminates by default
 * and is neither caught, ignored nor blocked. A thread that cannot be looked up (another pid
 * namespace, or gone) counts as dying. Threads: any; reads /proc. */
bool caller_is_dying(pid_t thread);

/* The same, of the text of /proc/<pid>/status. Threads: pure. */
bool caller_status_is_dying(const char *status);

#endif
