/* One fork and a pipe. libfuse's fuse_daemonize() lets the parent go before the kernel has accepted
 * the mount. */
#include "fs/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

static int wait_for_child(pid_t child, int ready_pipe)
{
	char byte;
	ssize_t n;
	int status;

	do
		n = read(ready_pipe, &byte, 1);
	while (n < 0 && errno == EINTR);
	close(ready_pipe);
	if (n == 1)
		return 0;
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return 1;
	return WIFEXITED(status) && WEXITSTATUS(status) ? WEXITSTATUS(status) : 1;
}

enum daemon_side daemon_fork(struct daemon *daemon, int *ret_exit_code)
{
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return DAEMON_FAILED;
	child = fork();
	if (child < 0) {
		close(ends[0]);
		close(ends[1]);
		return DAEMON_FAILED;
	}
	if (child > 0) {
		close(ends[1]);
		*ret_exit_code = wait_for_child(child, ends[0]);
		return DAEMON_PARENT;
	}
	close(ends[0]);
	daemon->ready_pipe = ends[1];
	return DAEMON_CHILD;
}

void daemon_ready(struct daemon *daemon)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	if (null > STDERR_FILENO)
		close(null);
	/* Not before: the kernel knows who mounts for an automount by their process group, and has
	 * all others wait for the mount. */
	setsid();
	if (write(daemon->ready_pipe, "", 1) < 0)
		return; /* the parent was killed: the mount is there all the same */
	close(daemon->ready_pipe);
	daemon->ready_pipe = -1;
}
