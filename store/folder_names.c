/* What is in the cache directory, and how much room there is. */
#include "store/folder.h"
#include "store/folder_inside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

struct folder_names {
	DIR *stream;
};

int folder_names_open(struct folder *folder, const char *path, struct folder_names **ret_names)
{
	int r = folder_open(folder, NULL), fd;
	struct folder_names *names;

	if (r < 0)
		return r;
	fd = folder_open_file(folder->root, path, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0)
		return fd;
	names = calloc(1, sizeof(*names));
	if (names)
		names->stream = fdopendir(fd);
	if (!names || !names->stream) {
		close(fd);
		free(names);
		return -ENOMEM;
	}
	*ret_names = names;
	return 0;
}

void folder_names_close(struct folder_names *names)
{
	if (!names)
		return;
	closedir(names->stream);
	free(names);
}

const char *folder_names_next(struct folder_names *names, struct stat *ret_about)
{
	const struct dirent *entry;

	while ((entry = readdir(names->stream))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (fstatat(dirfd(names->stream), entry->d_name, ret_about, AT_SYMLINK_NOFOLLOW) ==
		    0)
			return entry->d_name;
	}
	return NULL;
}

int folder_space(struct folder *folder, uint64_t *ret_free, uint64_t *ret_all)
{
	struct statvfs about;
	int r = folder_open(folder, NULL);

	if (r < 0)
		return r;
	if (fstatvfs(folder->root, &about) < 0)
		return -errno;
	*ret_free = (uint64_t)about.f_bavail * about.f_frsize;
	*ret_all = (uint64_t)about.f_blocks * about.f_frsize;
	return 0;
}

void folder_sweep(struct folder *folder)
{
	int64_t now_s = (int64_t)(clock_realtime_ns(folder->clock) / NS_PER_S);
	char path[FOLDER_PATH_SIZE];
	struct folder_names *names;
	struct stat about;
	const char *name;

	if (folder_names_open(folder, "tmp", &names) < 0)
		return;
	while ((name = folder_names_next(names, &about))) {
		int length = snprintf(path, sizeof(path), "tmp/%s", name);

		if (length < (int)sizeof(path) && now_s - about.st_mtime > FOLDER_STALE_TEMP_S)
			(void)folder_remove(folder, path);
	}
	folder_names_close(names);
}
