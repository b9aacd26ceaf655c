/* What is at the mount point before and after the mount. */
#include "fs/mountpoint.h"
#include "base/cleanup.h"
#include "fs/occupant.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *or_unknown(const char *source)
{
	return source ? source : "?";
}

static void complain(const char *path, const char *why)
{
	fprintf(stderr, "ecrfs: cannot mount at %s: %s\n", path, why);
}

/* A slash at the end would make realpath(3) ask the filesystem that is mounted there. */
static void strip_slashes(char *path)
{
	size_t length = strlen(path);

	while (length > 1 && path[length - 1] == '/')
		path[--length] = '\0';
}

static void refuse(const char *path, const struct occupant *occupant, bool is_silent)
{
	const char *how = geteuid() == 0 ? "umount" : "fusermount3 -u";
	const char *lazily = !is_silent ? "" : geteuid() == 0 ? " -l" : " -z";

	fprintf(stderr,
	        "ecrfs: cannot mount at %s: an ecrfs of %s is mounted there%s; to unmount it, "
	        "run: %s%s %s\n",
	        path, or_unknown(occupant->source),
	        is_silent ? ", and its daemon does not answer" : "", how, lazily, path);
}

/* Answers whether it is gone. */
static bool unmount_dead(const char *path, const struct occupant *occupant)
{
	int r = occupant_unmount(occupant, path);

	if (r < 0)
		fprintf(stderr,
		        "ecrfs: cannot mount at %s: the daemon of an ecrfs of %s is gone, and "
		        "unmounting it fails: %s\n",
		        path, or_unknown(occupant->source), strerror(-r));
	else
		fprintf(stderr, "ecrfs: unmounted an ecrfs of %s at %s, whose daemon is gone\n",
		        or_unknown(occupant->source), path);
	return r == 0;
}

/* Takes away what is dead, one above the other. Answers whether none of ours is left. */
static bool clear(const char *path)
{
	struct occupant occupant;
	enum occupant_state state;
	bool is_gone;

	do {
		state = occupant_find(path, &occupant);
		is_gone = state == OCCUPANT_DEAD && unmount_dead(path, &occupant);
		if (state == OCCUPANT_ALIVE || state == OCCUPANT_SILENT)
			refuse(path, &occupant, state == OCCUPANT_SILENT);
		occupant_deinit(&occupant);
	} while (is_gone);
	return state == OCCUPANT_NONE;
}

/* Of two that start at once, both would find nothing. One that may not read the directory goes
 * without a lock. */
static bool lock(const char *path, int *ret_lock)
{
	int file = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (file >= 0 && flock(file, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK) {
		complain(path, "another program has locked it, maybe an ecrfs that is starting");
		close(file);
		return false;
	}
	*ret_lock = file;
	return true;
}

static bool check_directory(const char *path)
{
	struct stat attributes;

	if (stat(path, &attributes) < 0) {
		/* What is dead and not ours is left to those whose it is. */
		complain(path, errno != ENOTCONN ? strerror(errno)
		                                 : "the daemon of another filesystem there is "
		                                   "gone; unmount it first");
		return false;
	}
	if (S_ISDIR(attributes.st_mode))
		return true;
	complain(path, "it is not a directory");
	return false;
}

char *mountpoint_resolve(const char *path)
{
	CLEANUP(free_string) char *stripped = strdup(path);

	if (!stripped)
		return NULL;
	strip_slashes(stripped);
	return realpath(stripped, NULL);
}

bool mountpoint_prepare(char **path, int *ret_lock)
{
	char *absolute = mountpoint_resolve(*path);
	int file = -1;

	if (!absolute) {
		complain(*path, strerror(errno));
		return false;
	}
	free(*path);
	*path = absolute;
	/* Looks again under the lock: another one may have mounted meanwhile. */
	if (!clear(absolute) || !check_directory(absolute) || !lock(absolute, &file))
		return false;
	if (!clear(absolute)) {
		if (file >= 0)
			close(file);
		return false;
	}
	*ret_lock = file;
	return true;
}

bool mountpoint_tidy(const char *path)
{
	struct occupant occupant;
	enum occupant_state state = occupant_find(path, &occupant);
	bool is_gone = state == OCCUPANT_NONE;

	if (state == OCCUPANT_DEAD)
		is_gone = occupant_unmount(&occupant, path) == 0;
	occupant_deinit(&occupant);
	return is_gone;
}
