/* Asks a running daemon, by an ioctl(2) on a directory of its mount. */
#include "fs/refresh_command.h"
#include "base/cleanup.h"
#include "fs/ecrfs_ioctl.h"
#include "fs/options.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* The directory at `path`, or that of the file there. A file is not opened, nor asked for its
 * attributes: that would fetch it. Answers a descriptor or -errno. */
static int open_directory(char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char *slash = strrchr(path, '/');

	if (fd < 0 && errno == ENOTDIR && slash) {
		slash[slash == path] = '\0'; /* not of "/" */
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	return fd < 0 ? -errno : fd;
}

/* Answers 0 or -errno; -ENOTTY: nobody there knows what is wanted. */
static int ask(int fd)
{
	static const __u8 magic[sizeof(((struct ecrfs_refresh *)NULL)->magic)] =
	        ECRFS_REFRESH_MAGIC;
	struct ecrfs_refresh answer = {{0}};

	if (ioctl(fd, ECRFS_IOC_REFRESH, &answer) < 0)
		return -errno;
	return memcmp(answer.magic, magic, sizeof(magic)) == 0 ? 0 : -ENOTTY;
}

static int complain(const char *path, int error)
{
	switch (error) {
	case ENOTTY:
	case ENOSYS:
	case EINVAL:
	case EOPNOTSUPP:
		fprintf(stderr, "ecrfs: %s is not in a mount of ecrfs\n", path);
		return EXIT_USAGE;
	case EPERM:
		fprintf(stderr,
		        "ecrfs: %s is not refreshed: only root, the user who mounted, and the "
		        "owner of the files may do that\n",
		        path);
		return EXIT_USAGE;
	case ENOENT:
		fprintf(stderr,
		        "ecrfs: %s: there is no such file or directory; to have names forgotten "
		        "that there were not, give the directory that they are in\n",
		        path);
		return EXIT_USAGE;
	case ETIMEDOUT:
		fprintf(stderr,
		        "ecrfs: %s: no answer in time, since ECR is being waited for there; try "
		        "again, or wait until names expire\n",
		        path);
		return EXIT_SYSTEM;
	default:
		fprintf(stderr, "ecrfs: %s is not refreshed: %s\n", path, strerror(error));
		return EXIT_SYSTEM;
	}
}

int refresh_command(const char *path)
{
	CLEANUP(free_string) char *resolved = realpath(path, NULL);
	int fd, r;

	if (!resolved)
		return complain(path, errno);
	fd = open_directory(resolved);
	if (fd < 0)
		return complain(path, -fd);
	r = ask(fd);
	close(fd);
	return r < 0 ? complain(path, -r) : EXIT_SUCCESS;
}
