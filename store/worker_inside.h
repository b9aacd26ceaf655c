/* What its two halves share: store/worker.c, threads and queue, and store/worker_watch.c, which
 * sees to it that nobody waits for them for too long. Inside of store/worker.
 */
#ifndef ECRFS_STORE_WORKER_INSIDE_H
#define ECRFS_STORE_WORKER_INSIDE_H

#include "net/loop.h"
#include "store/worker.h"

#include <pthread.h>
#include <stdatomic.h>

struct worker {
	struct loop *loop;
	const struct clock *clock;
	void (*probe)(void *arg);
	void *arg;
	pthread_t threads[WORKER_THREADS];
	unsigned n_threads;
	pthread_mutex_t lock;
	pthread_cond_t wanted;    /* there is something in the queue, or it ends */
	pthread_cond_t moved;     /* a job has ended */
	struct worker_job *queue; /* under lock */
	struct worker_job *done;  /* under lock: its end is to be told on the loop thread */
	bool is_posted;           /* under lock: `tell` is */
	bool is_ending;           /* under lock */
	unsigned n_working;       /* under lock */
	struct loop_task tell;    /* what has ended */
	struct loop_timer *tick;  /* loop */
	bool is_ticking;          /* loop */
	struct worker_job *jobs;  /* loop: queued, at work, or late */
	unsigned n_late;          /* loop: of them those that are late and still at work */
	uint64_t probed_ns;       /* loop */
	bool is_probing;          /* loop */
	atomic_size_t n_jobs;
	atomic_size_t n_given_up;
	bool is_suspect; /* loop: a job was late, and the probe has the next tick to end */
	atomic_bool is_hung;
};

/* Into the queue, at its end or before all others. Threads: loop. */
void worker_enqueue(struct worker *worker, struct worker_job *job, bool is_first);

/* It is no job any more. Threads: loop. */
void worker_forget_job(struct worker *worker, struct worker_job *job);

/* Has the clock looked at, while there is something to see to. Threads: loop. */
void worker_keep_ticking(struct worker *worker);

/* The timer has fired. */
void worker_look_at_clock(void *worker);

#endif
