/* A filesystem that shows a directory elsewhere, and can be made to hang, as one on a dead server.
 *
 *     stalling_fs DIRECTORY MOUNTPOINT
 *
 * All of it hangs while this process is stopped. While there is a file DIRECTORY.stalled, whoever
 * opens a file waits until that is removed. A line on standard output names each file that is
 * opened.
 */
#define FUSE_USE_VERSION 312

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

static int root;
static char stalled[PATH_MAX];

/* A path of the mount, below the directory. */
static const char *below(const char *path)
{
	return path[1] ? path + 1 : ".";
}

static int answer(long result)
{
	return result < 0 ? -errno : (int)result;
}

static int get_attributes(const char *path, struct stat *attributes, struct fuse_file_info *file)
{
	(void)file;
	return answer(fstatat(root, below(path), attributes, AT_SYMLINK_NOFOLLOW));
}

static int make_directory(const char *path, mode_t mode)
{
	return answer(mkdirat(root, below(path), mode));
}

static int remove_file(const char *path)
{
	return answer(unlinkat(root, below(path), 0));
}

static int rename_file(const char *from, const char *to, unsigned flags)
{
	(void)flags;
	return answer(renameat(root, below(from), root, below(to)));
}

static int set_mode(const char *path, mode_t mode, struct fuse_file_info *file)
{
	(void)file;
	return answer(fchmodat(root, below(path), mode, 0));
}

static int set_times(const char *path, const struct timespec times[2], struct fuse_file_info *file)
{
	(void)file;
	return answer(utimensat(root, below(path), times, AT_SYMLINK_NOFOLLOW));
}

static int open_file(const char *path, struct fuse_file_info *file)
{
	int fd;

	printf("%s\n", path);
	while (access(stalled, F_OK) == 0)
		usleep(20000);
	fd = openat(root, below(path), file->flags & ~O_NOFOLLOW);
	file->fh = (uint64_t)fd;
	file->direct_io = 1;
	return answer(fd < 0 ? fd : 0);
}

static int create_file(const char *path, mode_t mode, struct fuse_file_info *file)
{
	int fd = openat(root, below(path), file->flags | O_CREAT, mode);

	file->fh = (uint64_t)fd;
	file->direct_io = 1;
	return answer(fd < 0 ? fd : 0);
}

static int read_file(const char *path, char *data, size_t size, off_t offset,
                     struct fuse_file_info *file)
{
	(void)path;
	return answer(pread((int)file->fh, data, size, offset));
}

static int write_file(const char *path, const char *data, size_t size, off_t offset,
                      struct fuse_file_info *file)
{
	(void)path;
	return answer(pwrite((int)file->fh, data, size, offset));
}

static int close_file(const char *path, struct fuse_file_info *file)
{
	(void)path;
	return answer(close((int)file->fh));
}

static int list(const char *path, void *buffer, fuse_fill_dir_t fill, off_t offset,
                struct fuse_file_info *file, enum fuse_readdir_flags flags)
{
	int fd = openat(root, below(path), O_RDONLY | O_DIRECTORY);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	(void)offset;
	(void)file;
	(void)flags;
	if (!directory)
		return -errno;
	while ((entry = readdir(directory)))
		fill(buffer, entry->d_name, NULL, 0, 0);
	closedir(directory);
	return 0;
}

static int get_space(const char *path, struct statvfs *space)
{
	(void)path;
	return answer(fstatvfs(root, space));
}

static const struct fuse_operations operations = {
        .getattr = get_attributes,
        .mkdir = make_directory,
        .unlink = remove_file,
        .rename = rename_file,
        .chmod = set_mode,
        .utimens = set_times,
        .open = open_file,
        .create = create_file,
        .read = read_file,
        .write = write_file,
        .release = close_file,
        .readdir = list,
        .statfs = get_space,
};

int main(int argc, char **argv)
{
	/* Nothing is remembered, so that everything has to come here. */
	char options[] = "-oattr_timeout=0,entry_timeout=0";
	char foreground[] = "-f";
	char *arguments[] = {argv[0], foreground, options, argc == 3 ? argv[2] : NULL, NULL};

	if (argc != 3) {
		fprintf(stderr, "usage: stalling_fs DIRECTORY MOUNTPOINT\n");
		return 2;
	}
	root = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0) {
		perror(argv[1]);
		return 1;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	snprintf(stalled, sizeof(stalled), "%s.stalled", argv[1]);
	return fuse_main(4, arguments, &operations, NULL);
}
