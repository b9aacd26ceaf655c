/* What /proc tells of a thread. */
#include "fs/caller.h"
#include "base/cleanup.h"
#include "base/status.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A mask of the status file: 16 hex digits behind "\nName:\t". */
static uint64_t read_mask(const char *status, const char *name)
{
	const char *line = strstr(status, name);

	return line ? strtoull(line + strlen(name), NULL, 16) : 0;
}

static uint64_t bit(int signal)
{
	return 1ULL << (signal - 1);
}

bool caller_status_is_dying(const char *status)
{
	/* signal(7): those whose default action is not to terminate. */
	uint64_t harmless = bit(SIGCHLD) | bit(SIGCONT) | bit(SIGURG) | bit(SIGWINCH) |
	                    bit(SIGSTOP) | bit(SIGTSTP) | bit(SIGTTIN) | bit(SIGTTOU);
	uint64_t pending = read_mask(status, "\nSigPnd:\t") | read_mask(status, "\nShdPnd:\t");
	uint64_t survived = harmless | read_mask(status, "\nSigBlk:\t") |
	                    read_mask(status, "\nSigIgn:\t") | read_mask(status, "\nSigCgt:\t");

	return (pending & bit(SIGKILL)) || (pending & ~survived);
}

/* The whole text, however many groups the masks stand behind (up to 65,536, one line). Returns new,
 * or NULL and an errno. */
static char *read_status(pid_t thread)
{
	char *status = NULL;
	size_t capacity = 0;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/status", (int)thread);
	CLEANUP(close_stream) FILE *file = fopen(path, "re");

	if (!file || getdelim(&status, &capacity, '\0', file) > 0)
		return status;
	free(status);
	errno = ESRCH; /* it went while it was read */
	return NULL;
}

bool caller_is_dying(pid_t thread)
{
	CLEANUP(free_string) char *status = NULL;

	if (thread <= 0)
		return true;
	status = read_status(thread);
	if (!status) /* short of descriptors or memory, one cannot see */
		return status_of_shortage(errno) == STATUS_OK;
	return caller_status_is_dying(status);
}

pid_t caller_process(pid_t thread)
{
	static const char name[] = "\nTgid:\t";
	CLEANUP(free_string) char *status = thread > 0 ? read_status(thread) : NULL;
	const char *line = status ? strstr(status, name) : NULL;

	return line ? (pid_t)strtol(line + strlen(name), NULL, 10) : 0;
}

bool caller_may_be_cut_off(pid_t thread)
{
	static const char pipe[] = "pipe:";
	char path[64], output[sizeof(pipe)] = "";

	if (thread <= 0)
		return true;
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)thread, STDOUT_FILENO);
	return readlink(path, output, sizeof(output) - 1) < 0 || strcmp(output, pipe) == 0;
}
