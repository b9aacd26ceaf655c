/* Waiting for the end of a pipe that only the daemon holds. */
#include "fs/keeper.h"
#include "base/clock.h"
#include "fs/mountpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

/* The kernel ends a connection soon after its process. */
#define TRIES    100
#define PAUSE_NS (50 * NS_PER_MS)

/* The pipe to the parent and the lock of the mount point must not stay open here. */
static void let_go_of_all_but(int pipe)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	if (pipe > STDERR_FILENO + 1)
		close_range(STDERR_FILENO + 1, (unsigned)pipe - 1, 0);
	close_range((unsigned)pipe + 1, UINT_MAX, 0);
}

static void wait_for_end(int pipe)
{
	char byte;

	while (read(pipe, &byte, 1) < 0 && errno == EINTR)
		;
}

/* systemd signals all processes of a unit; this one ends when the daemon has. */
static void ignore_signals(void)
{
	static const int signals[] = {SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGPIPE};

	for (unsigned i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], SIG_IGN);
}

static void keep(const char *mountpoint, int pipe)
{
	struct timespec pause = {.tv_nsec = PAUSE_NS};

	setsid();
	ignore_signals();
	let_go_of_all_but(pipe);
	wait_for_end(pipe);
	for (int i = 0; i < TRIES && !mountpoint_tidy(mountpoint); i++)
		nanosleep(&pause, NULL);
}

int keeper_start(const char *mountpoint)
{
	int ends[2], error;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	child = fork();
	if (child == 0) {
		close(ends[1]);
		keep(mountpoint, ends[0]);
		_exit(0);
	}
	error = errno;
	close(ends[0]);
	if (child > 0)
		return 0; /* the other end closes with the process */
	close(ends[1]);
	return -error;
}
