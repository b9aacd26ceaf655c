/* An ecrfs that is mounted already, found in /proc/self/mountinfo. */
#include "fs/occupant.h"
#include "base/cleanup.h"
#include "fs/mountinfo.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* How long a daemon may take to answer. A dead connection answers at once. */
#define PATIENCE_MS 2000

extern char **environ;

/* The source of the ecrfs that is mounted at `path` and has this id (-1: any). Heap, or NULL. */
static char *find_source(const char *path, int id)
{
	CLEANUP(free_string) char *line = NULL;
	CLEANUP(close_stream) FILE *file = fopen("/proc/self/mountinfo", "re");
	struct mountinfo info;
	size_t capacity = 0;

	while (file && getline(&line, &capacity, file) > 0) {
		if (mountinfo_parse(line, &info) && (id < 0 || info.id == id) &&
		    strcmp(info.type, "fuse.ecrfs") == 0 && strcmp(info.point, path) == 0)
			return strdup(info.source);
	}
	return NULL;
}

/* The id of the mount that an open file is in, or -errno. */
static int mount_id(int fd)
{
	char path[64], line[256];
	int id = -ENOENT;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	CLEANUP(close_stream) FILE *file = fopen(path, "re");

	while (file && id < 0 && fgets(line, sizeof(line), file))
		if (sscanf(line, "mnt_id: %d", &id) != 1)
			id = -ENOENT;
	return id;
}

/* In the child: asks for the root's attributes, and exits with the errno. It holds nothing that
 * anybody waits for, but `end`. */
static _Noreturn void ask(int root, int end)
{
	struct statx attributes;

	if (dup2(end, STDERR_FILENO) < 0 || dup2(root, STDIN_FILENO) < 0)
		_exit(0);
	(void)close_range(STDERR_FILENO + 1, ~0U, 0);
	(void)close(STDOUT_FILENO);
	/* Not what the kernel remembers: it does so of the dead, too. */
	_exit(statx(STDIN_FILENO, "", AT_EMPTY_PATH | AT_STATX_FORCE_SYNC, STATX_MODE,
	            &attributes) < 0
	              ? errno
	              : 0);
}

static bool has_ended(int end)
{
	struct pollfd poll_end = {.fd = end, .events = POLLIN};
	int n;

	do
		n = poll(&poll_end, 1, PATIENCE_MS);
	while (n < 0 && errno == EINTR);
	return n != 0;
}

static enum occupant_state state_of(pid_t child, int end)
{
	int status;

	if (!has_ended(end)) {
		(void)kill(child, SIGKILL); /* it may not even die now, so nobody waits for it */
		return OCCUPANT_SILENT;
	}
	if (waitpid(child, &status, 0) < 0 || !WIFEXITED(status))
		return OCCUPANT_ALIVE;
	switch (WEXITSTATUS(status)) {
	case ENOTCONN:
	case ECONNABORTED: /* just now */
		return OCCUPANT_DEAD;
	default:
		return OCCUPANT_ALIVE;
	}
}

/* A request to a daemon that has been stopped cannot be given up, so a child makes it. */
static enum occupant_state probe(int root)
{
	enum occupant_state state = OCCUPANT_ALIVE;
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return OCCUPANT_ALIVE;
	child = fork();
	if (child == 0)
		ask(root, ends[1]);
	close(ends[1]);
	if (child > 0)
		state = state_of(child, ends[0]);
	close(ends[0]);
	return state;
}

enum occupant_state occupant_find(const char *path, struct occupant *ret_occupant)
{
	CLEANUP(free_string) char *any = find_source(path, -1);
	int id;

	*ret_occupant = (struct occupant){.root = -1};
	if (!any) /* the path is not even touched: what else is there may hang */
		return OCCUPANT_NONE;
	/* This asks no filesystem, and triggers no automount. */
	ret_occupant->root = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (ret_occupant->root < 0)
		return OCCUPANT_NONE;
	id = mount_id(ret_occupant->root);
	if (id >= 0)
		ret_occupant->source = find_source(path, id);
	return ret_occupant->source ? probe(ret_occupant->root) : OCCUPANT_NONE;
}

void occupant_deinit(struct occupant *occupant)
{
	if (occupant->root >= 0)
		close(occupant->root);
	free(occupant->source);
	*occupant = (struct occupant){.root = -1};
}

static int run_fusermount(const char *path)
{
	const char *argv[] = {"fusermount3", "-u", "-z", "--", path, NULL};
	int status, r;
	pid_t child;

	r = posix_spawnp(&child, argv[0], NULL, NULL, (char *const *)argv, environ);
	if (r)
		return -r;
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EPERM;
}

int occupant_unmount(const struct occupant *occupant, const char *path)
{
	char root[64];

	/* By its open root, not by name: another ecrfs may be mounted there by now. */
	snprintf(root, sizeof(root), "/proc/self/fd/%d", occupant->root);
	if (umount2(root, MNT_DETACH) == 0)
		return 0;
	return errno == EPERM ? run_fusermount(path) : -errno;
}
