/* A file that is read with patience, and its copy in memory. */
#include "ecr/ca_bundle.h"
#include "base/log.h"
#include "ecr/profile.h"
#include "net/disk_file.h"
#include "net/loop.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* "/proc/self/fd/" and a number. */
#define FILE_SIZE 32

/* The content, as a file that has no disk below it. */
struct copy {
	int fd; /* -1: none */
	size_t size;
	char file[FILE_SIZE];
};

struct ca_bundle {
	struct loop *loop;
	struct log *log;
	struct copy now, before; /* requests under way may still open the one before */
	struct disk_reading *reading;
	struct loop_timer *limit;
	struct loop_task refuse; /* answers what cannot be read */
	int error;               /* why */
	char *path;              /* of the question */
	const char *origin;
	ca_bundle_fn done; /* NULL when there is none */
	void *arg;
};

static void answer(struct ca_bundle *bundle, enum status status)
{
	ca_bundle_fn done = bundle->done;

	bundle->done = NULL;
	if (done)
		done(bundle->arg, status);
}

static const char *error_text(int error)
{
	switch (error) {
	case -ETIMEDOUT:
	case -EBUSY:
		return "no answer; its file system hangs";
	case -EFBIG:
		return "it is too large for a list of certificates";
	case -ENOMSG:
		return "there is no certificate in it";
	default:
		return strerror(-error);
	}
}

static void answer_error(struct ca_bundle *bundle, int error)
{
	log_event(bundle->log, LEVEL_ERROR, "ca bundle",
	          "cannot read the CA bundle %s, which %s names: %s. Give a file with certificates "
	          "in PEM form, which the user who mounts may read",
	          bundle->path ? bundle->path : "", bundle->origin, error_text(error));
	answer(bundle, profile_trouble(error, STATUS_MISCONFIGURED));
}

static void refuse(struct loop_task *task)
{
	struct ca_bundle *bundle =
	        (struct ca_bundle *)((char *)task - offsetof(struct ca_bundle, refuse));

	answer_error(bundle, bundle->error);
}

static void limit_passed(void *arg)
{
	struct ca_bundle *bundle = arg;

	if (bundle->done)
		answer_error(bundle, -ETIMEDOUT);
}

int ca_bundle_new(struct loop *loop, struct log *log, struct ca_bundle **ret_bundle)
{
	struct ca_bundle *bundle = calloc(1, sizeof(*bundle));

	if (!bundle || loop_timer_new(loop, limit_passed, bundle, &bundle->limit) < 0) {
		free(bundle);
		return -ENOMEM;
	}
	bundle->loop = loop;
	bundle->log = log;
	bundle->now.fd = bundle->before.fd = -1;
	bundle->refuse.run = refuse;
	*ret_bundle = bundle;
	return 0;
}

static void close_copy(struct copy *copy)
{
	if (copy->fd >= 0)
		close(copy->fd);
	*copy = (struct copy){.fd = -1};
}

void ca_bundle_free(struct ca_bundle *bundle)
{
	if (!bundle)
		return;
	disk_file_abandon(bundle->reading);
	loop_unpost(bundle->loop, &bundle->refuse);
	loop_timer_free(bundle->limit);
	close_copy(&bundle->now);
	close_copy(&bundle->before);
	free(bundle->path);
	free(bundle);
}

/* Answers 0 or -errno. */
static int fill(struct copy *copy, const char *text, size_t size)
{
	copy->fd = memfd_create("ecrfs-ca-bundle", MFD_CLOEXEC);
	if (copy->fd < 0)
		return -errno;
	while (copy->size < size) {
		ssize_t n = write(copy->fd, text + copy->size, size - copy->size);

		if (n < 0 && errno != EINTR)
			return -errno;
		copy->size += n < 0 ? 0 : (size_t)n;
	}
	snprintf(copy->file, sizeof(copy->file), "/proc/self/fd/%d", copy->fd);
	return 0;
}

static bool is_same(const struct copy *copy, const char *text, size_t size)
{
	void *content;
	bool same;

	if (copy->fd < 0 || copy->size != size)
		return false;
	content = mmap(NULL, size ? size : 1, PROT_READ, MAP_PRIVATE, copy->fd, 0);
	if (content == MAP_FAILED)
		return false;
	same = memcmp(content, text, size) == 0;
	munmap(content, size ? size : 1);
	return same;
}

/* Answers 0 or -errno. */
static int keep(struct ca_bundle *bundle, const char *text, size_t size)
{
	struct copy copy = {.fd = -1};
	int r;

	if (is_same(&bundle->now, text, size))
		return 0;
	r = fill(&copy, text, size);
	if (r < 0) {
		close_copy(&copy);
		return r;
	}
	close_copy(&bundle->before);
	bundle->before = bundle->now;
	bundle->now = copy;
	return 0;
}

/* Without one, libcurl would say that it cannot set its locations. */
static bool has_certificate(const char *text, size_t size)
{
	static const char begin[] = "-----BEGIN ";

	return memmem(text, size, begin, sizeof(begin) - 1);
}

/* Nobody may wait any more, or somebody for another file; then the next question reads again. */
static void was_read(void *arg, int error, const char *text, size_t size)
{
	struct ca_bundle *bundle = arg;

	bundle->reading = NULL;
	loop_timer_stop(bundle->limit);
	if (!bundle->done || bundle->error)
		return;
	if (!error && !has_certificate(text, size))
		error = -ENOMSG;
	if (!error)
		error = keep(bundle, text, size);
	if (error)
		answer_error(bundle, error);
	else
		answer(bundle, STATUS_OK);
}

void ca_bundle_load(struct ca_bundle *bundle, const char *path, const char *origin,
                    ca_bundle_fn done, void *arg)
{
	char *copy = strdup(path);

	bundle->done = done;
	bundle->arg = arg;
	bundle->origin = origin;
	bundle->error = copy ? 0 : -ENOMEM;
	free(bundle->path);
	bundle->path = copy;
	if (copy && bundle->reading)
		bundle->error = -ETIMEDOUT; /* the one before hangs */
	else if (copy)
		bundle->error = disk_file_read(bundle->loop, path, CA_BUNDLE_MAX_BYTES, was_read,
		                               bundle, &bundle->reading);
	if (bundle->error)
		loop_post(bundle->loop, &bundle->refuse);
	else
		loop_timer_set(bundle->limit, AWS_FILES_HUNG_NS);
}

const char *ca_bundle_file(const struct ca_bundle *bundle)
{
	return bundle->now.file;
}
