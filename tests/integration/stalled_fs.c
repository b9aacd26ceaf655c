/* A file system that hangs when it is told to: a home directory on a dead server.
 *
 *     stalled_fs DIRECTORY MOUNTPOINT
 *
 * Shows DIRECTORY, read-only. While there is a file DIRECTORY.stalled, whoever opens a file waits;
 * a line on standard output says who does. The waiting ends when that file is removed.
 */
#define FUSE_USE_VERSION 31

#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *directory;
static char stalled[PATH_MAX];

static void path_of(const char *path, char ret_path[static PATH_MAX])
{
	snprintf(ret_path, PATH_MAX, "%s%s", directory, path);
}

static int get_attributes(const char *path, struct stat *status, struct fuse_file_info *file)
{
	char real[PATH_MAX];

	(void)file;
	path_of(path, real);
	return lstat(real, status) < 0 ? -errno : 0;
}

static int open_file(const char *path, struct fuse_file_info *file)
{
	char real[PATH_MAX];

	printf("%s\n", path);
	while (access(stalled, F_OK) == 0)
		usleep(20000);
	path_of(path, real);
	file->fh = (uint64_t)open(real, O_RDONLY | O_CLOEXEC);
	file->direct_io = 1;
	return (int)file->fh < 0 ? -errno : 0;
}

static int read_file(const char *path, char *buffer, size_t size, off_t offset,
                     struct fuse_file_info *file)
{
	ssize_t n = pread((int)file->fh, buffer, size, offset);

	(void)path;
	return n < 0 ? -errno : (int)n;
}

static int release_file(const char *path, struct fuse_file_info *file)
{
	(void)path;
	return close((int)file->fh) < 0 ? -errno : 0;
}

int main(int argc, char **argv)
{
	static const struct fuse_operations operations = {
	        .getattr = get_attributes,
	        .open = open_file,
	        .read = read_file,
	        .release = release_file,
	};
	char foreground[] = "-f", *arguments[] = {argv[0], foreground, NULL, NULL};

	if (argc != 3)
		return 2;
	directory = argv[1];
	arguments[2] = argv[2];
	setvbuf(stdout, NULL, _IOLBF, 0);
	snprintf(stalled, sizeof(stalled), "%s.stalled", directory);
	return fuse_main(3, arguments, &operations, NULL);
}
