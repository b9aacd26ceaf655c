/* Threads, a queue, and a clock that watches both. */
#include "store/worker.h"
#include "base/cleanup.h"
#include "net/loop.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <utlist.h>

/* How often it is looked whether a job is late. */
#define TICK_NS (WORKER_DEADLINE_NS / 8)

/* At the end: how long a job may take, and all that wait together. */
#define END_PATIENCE_NS (300 * NS_PER_MS)
#define END_LIMIT_NS    (3 * NS_PER_S)

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
	atomic_bool is_hung;
};

static void tell_ended(struct loop_task *task);
static void look_at_clock(void *arg);

int worker_new(struct loop *loop, const struct clock *clock, void (*probe)(void *arg), void *arg,
               struct worker **ret_worker)
{
	struct worker *worker = calloc(1, sizeof(*worker));
	pthread_condattr_t monotonic;

	if (!worker)
		return -ENOMEM;
	worker->loop = loop;
	worker->clock = clock;
	worker->probe = probe;
	worker->arg = arg;
	worker->tell.run = tell_ended;
	if (loop_timer_new(loop, look_at_clock, worker, &worker->tick) < 0) {
		free(worker);
		return -ENOMEM;
	}
	pthread_mutex_init(&worker->lock, NULL);
	pthread_cond_init(&worker->wanted, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&worker->moved, &monotonic);
	pthread_condattr_destroy(&monotonic);
	*ret_worker = worker;
	return 0;
}

/* The next job, or NULL at the end. The caller holds the lock. */
static struct worker_job *take_job(struct worker *worker)
{
	struct worker_job *job;

	while (!worker->queue && !worker->is_ending)
		pthread_cond_wait(&worker->wanted, &worker->lock);
	job = worker->queue;
	if (!job)
		return NULL;
	DL_DELETE2(worker->queue, job, prev_queued, next_queued);
	job->started_ns = clock_monotonic_ns(worker->clock);
	job->state = WORKER_JOB_AT_WORK;
	worker->n_working++;
	return job;
}

static void *work(void *arg)
{
	struct worker *worker = arg;
	struct worker_job *job;
	bool must_post;

	pthread_mutex_lock(&worker->lock);
	while ((job = take_job(worker))) {
		pthread_mutex_unlock(&worker->lock);
		job->work(job);
		pthread_mutex_lock(&worker->lock);
		DL_APPEND2(worker->done, job, prev_queued, next_queued);
		job->state = WORKER_JOB_DONE;
		worker->n_working--;
		must_post = !worker->is_posted && !worker->is_ending;
		worker->is_posted |= must_post;
		pthread_cond_broadcast(&worker->moved);
		if (must_post)
			loop_post(worker->loop, &worker->tell);
	}
	pthread_mutex_unlock(&worker->lock);
	return NULL;
}

int worker_start(struct worker *worker)
{
	sigset_t all, before;
	int r = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (r == 0 && worker->n_threads < WORKER_THREADS) {
		r = -pthread_create(&worker->threads[worker->n_threads], NULL, work, worker);
		worker->n_threads += r == 0;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return worker->n_threads ? 0 : r;
}

static void keep_ticking(struct worker *worker)
{
	bool must = worker->jobs || atomic_load(&worker->is_hung);

	if (must && !worker->is_ticking)
		loop_timer_set(worker->tick, TICK_NS);
	worker->is_ticking |= must;
}

static void enqueue(struct worker *worker, struct worker_job *job)
{
	job->state = WORKER_JOB_QUEUED;
	job->is_late = false;
	job->submitted_ns = clock_monotonic_ns(worker->clock);
	DL_APPEND(worker->jobs, job);
	atomic_fetch_add(&worker->n_jobs, 1);
	pthread_mutex_lock(&worker->lock);
	DL_APPEND2(worker->queue, job, prev_queued, next_queued);
	pthread_cond_signal(&worker->wanted);
	pthread_mutex_unlock(&worker->lock);
	keep_ticking(worker);
}

int worker_submit(struct worker *worker, struct worker_job *job)
{
	assert(loop_is_current(worker->loop));
	if (!worker->n_threads || worker->is_ending)
		return -ECANCELED;
	if (atomic_load(&worker->is_hung) || atomic_load(&worker->n_jobs) >= WORKER_MAX_JOBS)
		return -EBUSY;
	enqueue(worker, job);
	return 0;
}

/* It is no job any more. */
static void forget_job(struct worker *worker, struct worker_job *job)
{
	DL_DELETE(worker->jobs, job);
	atomic_fetch_sub(&worker->n_jobs, 1);
}

static void end_job(struct worker *worker, struct worker_job *job)
{
	forget_job(worker, job);
	if (job->is_late) {
		worker->n_late--;
		if (!worker->n_late)
			atomic_store(&worker->is_hung, false);
	} else {
		job->ended(job);
	}
	job->free(job);
}

static struct worker_job *next_ended(struct worker *worker)
{
	SCOPED_LOCK(&worker->lock);
	struct worker_job *job = worker->done;

	if (job)
		DL_DELETE2(worker->done, job, prev_queued, next_queued);
	else
		worker->is_posted = false;
	return job;
}

static void tell_ended(struct loop_task *task)
{
	struct worker *worker = (struct worker *)((char *)task - offsetof(struct worker, tell));
	struct worker_job *job;

	while ((job = next_ended(worker)))
		end_job(worker, job);
}

/* Whether the job has had its time; taken out of the queue, if it is there. `ret_hangs`: a thread
 * is at it still. `gives_up`: what waits in the queue need not wait longer. */
static bool take_late(struct worker *worker, struct worker_job *job, uint64_t now_ns, bool gives_up,
                      bool *ret_hangs)
{
	SCOPED_LOCK(&worker->lock);

	*ret_hangs = job->state == WORKER_JOB_AT_WORK;
	switch (job->state) {
	case WORKER_JOB_QUEUED:
		if (job->is_patient ||
		    (!gives_up && now_ns - job->submitted_ns < WORKER_PATIENCE_NS))
			return false;
		DL_DELETE2(worker->queue, job, prev_queued, next_queued);
		return true;
	case WORKER_JOB_AT_WORK:
		return now_ns - job->started_ns >= WORKER_DEADLINE_NS;
	case WORKER_JOB_DONE:
		break;
	}
	return false;
}

static void give_up(struct worker *worker, struct worker_job *job, bool hangs)
{
	atomic_fetch_add(&worker->n_given_up, 1);
	job->late(job);
	if (hangs) {
		job->is_late = true;
		worker->n_late++;
		atomic_store(&worker->is_hung, true);
	} else {
		forget_job(worker, job);
		job->free(job);
	}
}

static void give_up_late_jobs(struct worker *worker)
{
	uint64_t now_ns = clock_monotonic_ns(worker->clock);
	struct worker_job *job, *next;

	DL_FOREACH_SAFE (worker->jobs, job, next) {
		bool hangs;

		if (!job->is_late &&
		    take_late(worker, job, now_ns, atomic_load(&worker->is_hung), &hangs))
			give_up(worker, job, hangs);
	}
}

struct probe_job {
	struct worker_job job; /* first */
	struct worker *worker;
};

static void probe_disk(struct worker_job *job)
{
	struct worker *worker = ((struct probe_job *)job)->worker;

	worker->probe(worker->arg);
}

static void probe_ended(struct worker_job *job)
{
	struct worker *worker = ((struct probe_job *)job)->worker;

	worker->is_probing = false;
	atomic_store(&worker->is_hung, false);
}

static void probe_is_late(struct worker_job *job)
{
	((struct probe_job *)job)->worker->is_probing = false;
}

static void free_probe(struct worker_job *job)
{
	free(job);
}

/* Asks the disk whether it answers again, if a thread is left for that. */
static void probe(struct worker *worker)
{
	uint64_t now_ns = clock_monotonic_ns(worker->clock);
	struct probe_job *probe;

	if (!atomic_load(&worker->is_hung) || worker->is_probing ||
	    worker->n_late >= worker->n_threads || now_ns - worker->probed_ns < WORKER_PROBE_NS)
		return;
	probe = calloc(1, sizeof(*probe));
	if (!probe)
		return;
	probe->job = (struct worker_job){
	        .work = probe_disk,
	        .ended = probe_ended,
	        .late = probe_is_late,
	        .free = free_probe,
	};
	probe->worker = worker;
	worker->probed_ns = now_ns;
	worker->is_probing = true;
	enqueue(worker, &probe->job);
}

static void look_at_clock(void *arg)
{
	struct worker *worker = arg;

	worker->is_ticking = false;
	give_up_late_jobs(worker);
	probe(worker);
	keep_ticking(worker);
}

size_t worker_jobs(struct worker *worker)
{
	return atomic_load(&worker->n_jobs);
}

size_t worker_late_jobs(struct worker *worker)
{
	return atomic_load(&worker->n_given_up);
}

bool worker_is_hung(struct worker *worker)
{
	return atomic_load(&worker->is_hung);
}

static struct timespec time_after(uint64_t ns)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	ns += (uint64_t)at.tv_nsec;
	at.tv_sec += (time_t)(ns / NS_PER_S);
	at.tv_nsec = (long)(ns % NS_PER_S);
	return at;
}

/* Lets the queue be worked off. The caller holds the lock. */
static void wait_for_threads(struct worker *worker)
{
	uint64_t end_ns = clock_monotonic_ns(worker->clock) + END_LIMIT_NS;
	int r = 0;

	while ((worker->queue || worker->n_working > worker->n_late) && r == 0 &&
	       clock_monotonic_ns(worker->clock) < end_ns) {
		struct timespec until = time_after(END_PATIENCE_NS);

		r = pthread_cond_timedwait(&worker->moved, &worker->lock, &until);
	}
}

/* Nothing more is begun. Answers whether all threads are idle. */
static bool stop_threads(struct worker *worker)
{
	SCOPED_LOCK(&worker->lock);

	if (worker->n_threads)
		wait_for_threads(worker);
	worker->is_ending = true;
	worker->queue = NULL; /* they are given up with the others */
	pthread_cond_broadcast(&worker->wanted);
	return !worker->n_working;
}

static void give_up_all(struct worker *worker, bool are_idle)
{
	struct worker_job *job, *next;

	DL_FOREACH_SAFE (worker->jobs, job, next) {
		if (!job->is_late)
			job->late(job);
		if (are_idle)
			job->free(job);
	}
}

bool worker_free(struct worker *worker)
{
	bool are_idle;

	if (!worker)
		return true;
	loop_timer_free(worker->tick);
	are_idle = stop_threads(worker);
	loop_unpost(worker->loop, &worker->tell);
	tell_ended(&worker->tell);
	give_up_all(worker, are_idle);
	for (unsigned i = 0; i < worker->n_threads; i++)
		are_idle ? pthread_join(worker->threads[i], NULL)
		         : pthread_detach(worker->threads[i]);
	if (!are_idle)
		return false;
	pthread_cond_destroy(&worker->wanted);
	pthread_cond_destroy(&worker->moved);
	pthread_mutex_destroy(&worker->lock);
	free(worker);
	return true;
}
