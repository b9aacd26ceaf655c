/* Pending signals of a thread, from /proc. */
#include "fs/caller.h"
#include "base/cleanup.h"
#include "base/status.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>

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

bool caller_is_dying(pid_t thread)
{
	CLEANUP(free_string) char *status = NULL;
	size_t capacity = 0;
	char path[64];

	if (thread <= 0)
		return true;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)thread);
	CLEANUP(close_stream) FILE *file = fopen(path, "re");

	if (!file) /* short of descriptors or memory, one cannot see */
		return status_of_shortage(errno) == STATUS_OK;
	/* The whole text, however many groups the masks stand behind (up to 65,536, one line). */
	return getdelim(&status, &capacity, '\0', file) <= 0 || caller_status_is_dying(status);
}
