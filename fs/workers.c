/* Threads that serve one session. */
#include "fs/workers.h"
#include "base/clock.h"

#include <errno.h>
#include <fuse_lowlevel.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define WORKERS 4

/* Between threads of ours. */
#define SIGNAL_OF_THE_END SIGUSR2

struct workers {
	struct fuse_session *fuse;
	int ended; /* an eventfd: a worker has */
	atomic_int error;
	pthread_t threads[WORKERS];
	int n;
};

/* For memory to come back. */
static void pause_for_memory(void)
{
	struct timespec pause = {.tv_nsec = 10 * NS_PER_MS};

	nanosleep(&pause, NULL);
}

/* The first call makes room for a request, for which there may be no memory just now. */
static void serve(struct workers *workers, struct fuse_buf *buffer)
{
	while (!fuse_session_exited(workers->fuse)) {
		int n = fuse_session_receive_buf(workers->fuse, buffer);

		if (n == -ENOMEM)
			pause_for_memory();
		if (n == -EINTR || n == -ENOMEM)
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

	serve(arg, &buffer);
	free(buffer.mem);
	return NULL;
}

static void do_nothing(int number)
{
	(void)number;
}

/* Answers 0 or -errno. */
static int start(struct workers *workers)
{
	struct sigaction interrupt = {.sa_handler = do_nothing}; /* without SA_RESTART */
	int r = 0;

	sigaction(SIGNAL_OF_THE_END, &interrupt, NULL);
	while (r == 0 && workers->n < WORKERS) {
		r = -pthread_create(&workers->threads[workers->n], NULL, work, workers);
		workers->n += r == 0;
	}
	return r;
}

/* One that waits for a request is told by a signal, and again if that came too early. Cancelling it
 * would load a library, and abort where there is no memory for that. */
static void end(pthread_t thread)
{
	struct timespec pause = {.tv_nsec = NS_PER_MS};

	while (pthread_tryjoin_np(thread, NULL) == EBUSY) {
		pthread_kill(thread, SIGNAL_OF_THE_END);
		nanosleep(&pause, NULL);
	}
}

static void stop(struct workers *workers)
{
	fuse_session_exit(workers->fuse);
	while (workers->n)
		end(workers->threads[--workers->n]);
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
	sigset_t others, before;
	int r;

	if (workers.ended < 0)
		return -errno;
	sigfillset(&others);
	sigdelset(&others, SIGNAL_OF_THE_END);
	pthread_sigmask(SIG_SETMASK, &others, &before);
	r = serve_until_end(&workers, &before);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	close(workers.ended);
	return r < 0 ? r : fuse_session_loop(fuse); /* has ended: only says which signal did it */
}
