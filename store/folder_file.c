/* Files in the cache directory. */
#include "base/random.h"
#include "store/folder.h"
#include "store/folder_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int folder_open_file(int root, const char *path, int flags, mode_t mode)
{
	struct open_how how = {
	        .flags = (unsigned)(flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY),
	        .mode = mode,
	        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	long fd = syscall(SYS_openat2, root, path, &how, sizeof(how));

	/* Linux before 5.6, or a sandbox that does not know it */
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		fd = openat(root, path, (int)how.flags, mode);
	return fd < 0 ? -errno : (int)fd;
}

void folder_file_deinit(struct folder_file *file)
{
	free(file->data);
	*file = (struct folder_file){0};
}

/* Answers 0, -EBADMSG when it has become shorter, or -errno. It may have become longer: somebody
 * adds to it. */
static int read_all(int fd, char *data, size_t size)
{
	while (size) {
		ssize_t n = read(fd, data, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EBADMSG;
		data += n;
		size -= (size_t)n;
	}
	return 0;
}

static int read_file(int fd, size_t max, struct folder_file *ret_file)
{
	struct folder_file file;
	int r;

	if (fstat(fd, &file.about) < 0)
		return -errno;
	if (!S_ISREG(file.about.st_mode) || (uint64_t)file.about.st_size > max)
		return -EBADMSG;
	file.size = (size_t)file.about.st_size;
	file.data = malloc(file.size + 1);
	if (!file.data)
		return -ENOMEM;
	r = read_all(fd, file.data, file.size);
	if (r < 0)
		free(file.data);
	else
		*ret_file = file;
	return r;
}

int folder_read(struct folder *folder, const char *path, size_t max, struct folder_file *ret_file)
{
	int r = folder_open(folder, NULL), fd;

	if (r < 0)
		return r;
	fd = folder_open_file(folder->root, path, O_RDONLY, 0);
	if (fd == -ELOOP || fd == -ENXIO || fd == -ENOTDIR)
		return -EBADMSG; /* a link, or a socket */
	if (fd < 0)
		return fd;
	r = read_file(fd, max, ret_file);
	close(fd);
	return r;
}

bool folder_has(struct folder *folder, const char *path)
{
	return folder_open(folder, NULL) == 0 &&
	       faccessat(folder->root, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int write_all(int fd, const char *data, size_t size)
{
	while (size) {
		ssize_t n = write(fd, data, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		size -= (size_t)n;
	}
	return 0;
}

/* Fills, and closes: what is written over a network may fail only then. */
static int fill(const struct folder *folder, int fd, const void *data, size_t size)
{
	int r = write_all(fd, data, size);

	if (r == 0 && folder->config.is_shared && fchmod(fd, folder->file_mode) < 0)
		r = -errno;
	if (close(fd) < 0 && r == 0)
		r = -errno;
	return r;
}

int folder_put(struct folder *folder, int root, const char *path, const void *data, size_t size)
{
	char temp[FOLDER_PATH_SIZE];
	int fd, r;

	snprintf(temp, sizeof(temp), "tmp/%ld-%u-%08x", (long)getpid(),
	         atomic_fetch_add(&folder->n_temps, 1), random_spread());
	fd = folder_open_file(root, temp, O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (fd < 0)
		return fd;
	r = fill(folder, fd, data, size);
	if (r == 0 && renameat(root, temp, root, path) < 0)
		r = -errno;
	if (r < 0)
		unlinkat(root, temp, 0);
	return r;
}

/* Opens, if it can be written to. */
static int open_for_writing(struct folder *folder)
{
	if (!folder_is_writable(folder))
		return -EAGAIN;
	return folder_open(folder, NULL);
}

/* A directory lies where a file should be: what is not empty is not ours to remove. */
static bool is_in_the_way(int error)
{
	return error == EISDIR || error == ENOTEMPTY || error == EEXIST || error == ENOTDIR;
}

static int conclude(struct folder *folder, int r)
{
	if (r == 0)
		folder_succeeded(folder);
	else if (!is_in_the_way(-r))
		folder_failed(folder, -r);
	return r;
}

int folder_write(struct folder *folder, const char *path, const void *data, size_t size)
{
	int r = open_for_writing(folder);

	if (r < 0)
		return r;
	r = folder_put(folder, folder->root, path, data, size);
	if (r == -ENOENT) {
		folder_lost(folder);
		r = folder_open(folder, NULL);
		if (r == 0)
			r = folder_put(folder, folder->root, path, data, size);
	}
	return conclude(folder, r);
}

/* Answers a descriptor of a regular file, or -errno. */
static int open_to_append(struct folder *folder, const char *path, struct stat *ret_about)
{
	int fd = folder_open_file(folder->root, path, O_WRONLY | O_APPEND | O_CREAT,
	                          folder->file_mode);

	if (fd < 0)
		return fd;
	if (fstat(fd, ret_about) < 0 || !S_ISREG(ret_about->st_mode)) {
		close(fd);
		return -EEXIST;
	}
	return fd;
}

int folder_append(struct folder *folder, const char *path, const void *data, size_t size,
                  size_t *ret_total)
{
	int r = open_for_writing(folder), fd;
	char whole[256] = {0};
	struct stat about;
	size_t fill_up;

	if (r < 0)
		return r;
	fd = open_to_append(folder, path, &about);
	if (fd == -ENOENT) {
		folder_lost(folder);
		fd = folder_open(folder, NULL) < 0 ? -ENOENT : open_to_append(folder, path, &about);
	}
	if (fd == -ELOOP || fd == -EISDIR || fd == -ENXIO)
		fd = -EEXIST;
	if (fd < 0)
		return conclude(folder, fd);
	fill_up = (size - (size_t)about.st_size % size) % size;
	if (fill_up + size > sizeof(whole)) {
		close(fd);
		return -EMSGSIZE;
	}
	memcpy(whole + fill_up, data, size);
	*ret_total = (size_t)about.st_size + fill_up + size;
	return conclude(folder, fill(folder, fd, whole, fill_up + size));
}

int folder_remove(struct folder *folder, const char *path)
{
	int r = folder_open(folder, NULL);

	if (r < 0)
		return r;
	if (unlinkat(folder->root, path, 0) == 0 || errno == ENOENT)
		return 0;
	if ((errno == EISDIR || errno == EPERM) && unlinkat(folder->root, path, AT_REMOVEDIR) == 0)
		return 0;
	return -errno;
}

void folder_touch(struct folder *folder, const char *path)
{
	struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_OMIT}};

	if (folder->is_open && folder_is_writable(folder))
		(void)!utimensat(folder->root, path, times, AT_SYMLINK_NOFOLLOW);
}
