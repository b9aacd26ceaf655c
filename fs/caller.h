/* The thread that made a request: whether it is on its way out, and whose it is. */
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

/* The process that the thread belongs to; 0 when it cannot be looked up. Threads: any; reads /proc.
 */
pid_t caller_process(pid_t thread);

/* Whether the thread may be writing into a pipe whose end has been closed, which it learns only
 * when its buffer is full: `grep -l … | head -1`. So it may of a thread that cannot be looked up.
 * Threads: any; reads /proc. */
bool caller_may_be_cut_off(pid_t thread);

#endif
