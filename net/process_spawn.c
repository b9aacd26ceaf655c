/* posix_spawn(3): the child shares no page that fork(2) would have to copy, and closes what it must
 * not have, the descriptor of the FUSE connection first of all, before a file system is asked for
 * the program. */
#include "net/process_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct ends {
	int read, write;
};

static void close_ends(const struct ends *ends)
{
	close(ends->read);
	close(ends->write);
}

/* A pipe whose ends are none of the three descriptors that the child gets. Answers 0 or -errno. */
static int make_pipe(struct ends *ret_ends)
{
	int both[2], high[2], error;

	if (pipe2(both, O_CLOEXEC) < 0)
		return -errno;
	for (int i = 0; i < 2; i++)
		high[i] = fcntl(both[i], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	error = high[0] < 0 || high[1] < 0 || fcntl(high[0], F_SETFL, O_NONBLOCK) < 0 ? errno : 0;
	for (int i = 0; i < 2; i++) {
		close(both[i]);
		if (error && high[i] >= 0)
			close(high[i]);
	}
	*ret_ends = (struct ends){.read = high[0], .write = high[1]};
	return -error;
}

/* Answers 0 or a positive errno, as posix_spawn(3) and its like do. */
static int prepare_files(posix_spawn_file_actions_t *actions, int output, int errors)
{
	int e = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);

	if (!e)
		e = posix_spawn_file_actions_adddup2(actions, output, STDOUT_FILENO);
	if (!e)
		e = posix_spawn_file_actions_adddup2(actions, errors, STDERR_FILENO);
	if (!e)
		e = posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
	return e;
}

static int prepare_signals(posix_spawnattr_t *attributes)
{
	sigset_t all, none;
	int e;

	sigfillset(&all);
	sigemptyset(&none);
	e = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF |
	                                                 POSIX_SPAWN_SETSIGMASK);
	if (!e)
		e = posix_spawnattr_setsigdefault(attributes, &all);
	if (!e)
		e = posix_spawnattr_setsigmask(attributes, &none);
	return e;
}

static int spawn(char *const *words, int output, int errors, pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int e = posix_spawn_file_actions_init(&actions);

	if (e)
		return e;
	e = posix_spawnattr_init(&attributes);
	if (!e) {
		e = prepare_files(&actions, output, errors);
		if (!e)
			e = prepare_signals(&attributes);
		if (!e)
			e = posix_spawnp(ret_pid, words[0], &actions, &attributes, words, environ);
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&actions);
	return e;
}

/* One that nobody can watch is not kept. Answers the pidfd or -errno. */
static int open_pidfd(pid_t pid)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0); /* Linux 5.3; closed on exec */
	int error = errno;

	if (pidfd >= 0)
		return pidfd;
	kill(-pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return -error;
}

int process_spawn(char *const *words, struct spawned *ret_spawned)
{
	struct spawned spawned;
	struct ends output, errors;
	int r = make_pipe(&output);

	if (r < 0)
		return r;
	r = make_pipe(&errors);
	if (r < 0) {
		close_ends(&output);
		return r;
	}
	r = -spawn(words, output.write, errors.write, &spawned.pid);
	if (r == 0)
		r = spawned.pidfd = open_pidfd(spawned.pid);
	if (r < 0) {
		close_ends(&output);
		close_ends(&errors);
		return r;
	}
	close(output.write);
	close(errors.write);
	spawned.output = output.read;
	spawned.errors = errors.read;
	*ret_spawned = spawned;
	return 0;
}
