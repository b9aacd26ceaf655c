/* Reads whole files on the disk pool. */
#include "net/disk_file.h"
#include "net/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct disk_reading {
	struct disk_job job; /* first, so that a job is its reading */
	disk_file_fn done;   /* NULL when nobody waits any more */
	void *arg;
	int error; /* 0 or -errno */
	size_t size, max;
	char *text; /* of max + 1 bytes, and the NUL */
	char path[];
};

static void reading_free(struct disk_reading *reading)
{
	if (reading->text)
		explicit_bzero(reading->text, reading->max + 2);
	free(reading->text);
	free(reading);
}

/* Answers 0 or -errno. */
static int read_text(struct disk_reading *reading, int fd)
{
	while (reading->size <= reading->max) {
		ssize_t n =
		        read(fd, reading->text + reading->size, reading->max + 1 - reading->size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return 0;
		reading->size += (size_t)n;
	}
	return -EFBIG;
}

/* A pipe without a writer would hold up this thread for ever: it is opened without waiting, and
 * read as empty. */
static void read_file(struct disk_job *job)
{
	struct disk_reading *reading = (struct disk_reading *)job;
	int fd = open(reading->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat status;

	if (fd < 0) {
		reading->error = -errno;
		return;
	}
	if (fstat(fd, &status) < 0)
		reading->error = -errno;
	else if (S_ISDIR(status.st_mode))
		reading->error = -EISDIR;
	else if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode))
		reading->error = -EINVAL;
	else
		reading->error = read_text(reading, fd);
	close(fd);
}

static void file_was_read(struct disk_job *job)
{
	struct disk_reading *reading = (struct disk_reading *)job;
	int error = reading->error;

	if (reading->done) {
		reading->text[reading->size] = '\0';
		reading->done(reading->arg, error, error ? NULL : reading->text,
		              error ? 0 : reading->size);
	}
	reading_free(reading);
}

int disk_file_read(struct loop *loop, const char *path, size_t max_bytes, disk_file_fn done,
                   void *arg, struct disk_reading **ret_reading)
{
	size_t path_size = strlen(path) + 1;
	struct disk_reading *reading = calloc(1, sizeof(*reading) + path_size);
	int r = -ENOMEM;

	if (!reading)
		return -ENOMEM;
	reading->job.work = read_file;
	reading->job.done = file_was_read;
	reading->done = done;
	reading->arg = arg;
	reading->max = max_bytes;
	memcpy(reading->path, path, path_size);
	reading->text = calloc(1, max_bytes + 2);
	if (reading->text)
		r = loop_disk(loop, &reading->job);
	if (r < 0) {
		reading_free(reading);
		return r;
	}
	*ret_reading = reading;
	return 0;
}

void disk_file_abandon(struct disk_reading *reading)
{
	if (reading)
		reading->done = NULL;
}
