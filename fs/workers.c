/* Threads that serve one session. */
#include "fs/workers.h"

#include <errno.h>
#include <fuse_lowlevel.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define WORKERS 4

struct workers {
	struct fuse_session *fuse;
	int ended; /* an eventfd: a worker has */
	atomic_int error;
	pthread_t threads[WORKERS];
	int n;
};

static void free_buffer(void *arg)
{
	struct fuse_buf *buffer = arg;

	free(buffer->mem);
}

/* The next request. A worker that waits for one may be cancelled. */
static int receive(struct workers *workers, struct fuse_buf *buffer)
{
	int n;

	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
	n = fuse_session_receive_buf(workers->fuse, buffer);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	return n;
}

static void serve(struct workers *workers, struct fuse_buf *buffer)
{
	while (!fuse_session_exited(workers->fuse)) {
		int n = receive(workers, buffer);

		if (n == -EINTR)
			continue;
		if (n < 0)
			atomic_store(&workers->error, n);
		if (n <= 0)
			break;
		fuse_session_process_buf(workers->fuse, buffer);
	}
	fuse_session_exit(workers->fuse);
	eventfd_write(workers->ended, 1);
}

static void *work(void *arg)
{
	struct fuse_buf buffer = {.mem = NULL};

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	pthread_cleanup_push(free_buffer, &buffer);
	serve(arg, &buffer);
	pthread_cleanup_pop(1);
	return NULL;
}

/* Answers 0 or -errno. */
static int start(struct workers *workers)
{
	int r = 0;

	while (r == 0 && workers->n < WORKERS) {
		r = -pthread_create(&workers->threads[workers->n], NULL, work, workers);
		workers->n += r == 0;
	}
	return r;
}

static void stop(struct workers *workers)
{
	fuse_session_exit(workers->fuse);
	for (int i = 0; i < workers->n; i++)
		pthread_cancel(workers->threads[i]);
	while (workers->n)
		pthread_join(workers->threads[--workers->n], NULL);
}

/* Signals come here alone, and only while this waits: none is missed. */
static int serve_until_end(struct workers *workers, const sigset_t *signals)
{
	struct pollfd ended = {.fd = workers->ended, .events = POLLIN};
	int r = start(workers);

	while (r == 0 && !fuse_session_exited(workers->fuse))
		ppoll(&ended, 1, NULL, signals);
	stop(workers);
	return r < 0 ? r : atomic_load(&workers->error);
}

int workers_run(struct fuse_session *fuse)
{
	struct workers workers = {.fuse = fuse, .ended = eventfd(0, EFD_CLOEXEC)};
	sigset_t all, before;
	int r;

	if (workers.ended < 0)
		return -errno;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = serve_until_end(&workers, &before);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	close(workers.ended);
	return r < 0 ? r : fuse_session_loop(fuse); /* has ended: only says which signal did it */
}
