/* A temporary file, fsync(2), rename(2). */
#include "net/disk_replace.h"
#include "base/cleanup.h"
#include "net/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct disk_replacing {
	struct disk_job job;  /* first, so that a job is its replacing */
	disk_replace_fn done; /* NULL when nobody waits any more */
	void *arg;
	int error; /* 0 or -errno */
	char *path;
	size_t size;
	char text[];
};

static void replacing_free(struct disk_replacing *replacing)
{
	explicit_bzero(replacing->text, replacing->size);
	free(replacing->path);
	free(replacing);
}

/* Answers 0 or -errno. */
static int write_text(int fd, const char *text, size_t size)
{
	while (size) {
		ssize_t n = write(fd, text, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		size -= (size_t)n;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

/* Answers 0 or -errno. */
static int replace(const char *path, const char *text, size_t size)
{
	CLEANUP(free_string) char *temporary = NULL;
	int fd, r;

	if (asprintf(&temporary, "%s.XXXXXX", path) < 0) {
		temporary = NULL;
		return -ENOMEM;
	}
	fd = mkostemp(temporary, O_CLOEXEC); /* with mode 0600 */
	if (fd < 0)
		return -errno;
	r = write_text(fd, text, size);
	if (close(fd) < 0 && r == 0)
		r = -errno;
	if (r == 0 && rename(temporary, path) < 0)
		r = -errno;
	if (r < 0)
		unlink(temporary);
	return r;
}

static void work(struct disk_job *job)
{
	struct disk_replacing *replacing = (struct disk_replacing *)job;

	replacing->error = replace(replacing->path, replacing->text, replacing->size);
}

static void was_replaced(struct disk_job *job)
{
	struct disk_replacing *replacing = (struct disk_replacing *)job;

	if (replacing->done)
		replacing->done(replacing->arg, replacing->error);
	replacing_free(replacing);
}

int disk_replace(struct loop *loop, const char *path, const char *text, size_t size,
                 disk_replace_fn done, void *arg, struct disk_replacing **ret_replacing)
{
	struct disk_replacing *replacing = calloc(1, sizeof(*replacing) + size);
	int r = -ENOMEM;

	if (!replacing)
		return -ENOMEM;
	replacing->job = (struct disk_job){.work = work, .done = was_replaced};
	replacing->done = done;
	replacing->arg = arg;
	replacing->size = size;
	memcpy(replacing->text, text, size);
	replacing->path = strdup(path);
	if (replacing->path)
		r = loop_disk(loop, &replacing->job);
	if (r < 0) {
		replacing_free(replacing);
		return r;
	}
	*ret_replacing = replacing;
	return 0;
}

void disk_replace_abandon(struct disk_replacing *replacing)
{
	if (replacing)
		replacing->done = NULL;
}
