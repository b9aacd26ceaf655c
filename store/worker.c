/* Threads, a queue, and their end. */
#include "store/worker.h"
#include "base/cleanup.h"
#include "net/loop.h"
#include "store/worker_inside.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <utlist.h>

/* At the end: how long a job may take, and all that wait together. */
#define END_PATIENCE_NS (300 * NS_PER_MS)
#define END_LIMIT_NS    (3 * NS_PER_S)

static void tell_ended(struct loop_task *task);

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
	if (loop_timer_new(loop, worker_look_at_clock, worker, &worker->tick) < 0) {
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
	job->state = WORKER_JOB_AT_WORK;
	worker->n_working++;
	return job;
}

/* All steps of it. The caller holds the lock, which is let go meanwhile. */
static void do_job(struct worker *worker, struct worker_job *job)
{
	job->taken_ns = clock_monotonic_ns(worker->clock);
	do {
		job->started_ns = clock_monotonic_ns(worker->clock);
		job->goes_on = false;
		pthread_mutex_unlock(&worker->lock);
		job->work(job);
		pthread_mutex_lock(&worker->lock);
		if (!job->is_given_up && !worker->is_ending) /* else the loop thread reads it */
			job->n_steps++;
		pthread_cond_broadcast(&worker->moved); /* the disk answers */
	} while (job->goes_on && !job->is_given_up && !worker->is_ending);
}

static void *work(void *arg)
{
	struct worker *worker = arg;
	struct worker_job *job;
	bool must_post;

	pthread_mutex_lock(&worker->lock);
	while ((job = take_job(worker))) {
		do_job(worker, job);
		DL_APPEND2(worker->done, job, prev_queued, next_queued);
		job->state = WORKER_JOB_DONE;
		worker->n_working--;
		must_post = !worker->is_posted && !worker->is_ending;
		worker->is_posted |= must_post;
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

void worker_enqueue(struct worker *worker, struct worker_job *job, bool is_first)
{
	job->state = WORKER_JOB_QUEUED;
	job->is_late = job->is_given_up = false;
	job->n_steps = 0;
	job->submitted_ns = clock_monotonic_ns(worker->clock);
	DL_APPEND(worker->jobs, job);
	atomic_fetch_add(&worker->n_jobs, 1);
	pthread_mutex_lock(&worker->lock);
	if (is_first)
		DL_PREPEND2(worker->queue, job, prev_queued, next_queued);
	else
		DL_APPEND2(worker->queue, job, prev_queued, next_queued);
	pthread_cond_signal(&worker->wanted);
	pthread_mutex_unlock(&worker->lock);
	worker_keep_ticking(worker);
}

int worker_submit(struct worker *worker, struct worker_job *job)
{
	assert(loop_is_current(worker->loop));
	if (!worker->n_threads || worker->is_ending)
		return -ECANCELED;
	if (atomic_load(&worker->is_hung) || atomic_load(&worker->n_jobs) >= WORKER_MAX_JOBS)
		return -EBUSY;
	worker_enqueue(worker, job, false);
	return 0;
}

void worker_forget_job(struct worker *worker, struct worker_job *job)
{
	DL_DELETE(worker->jobs, job);
	atomic_fetch_sub(&worker->n_jobs, 1);
}

static void end_job(struct worker *worker, struct worker_job *job)
{
	worker_forget_job(worker, job);
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

/* Lets the queue be worked off. The caller holds the lock. */
static void wait_for_threads(struct worker *worker)
{
	uint64_t end_ns = clock_monotonic_ns(worker->clock) + END_LIMIT_NS;
	int r = 0;

	while ((worker->queue || worker->n_working > worker->n_late) && r == 0 &&
	       clock_monotonic_ns(worker->clock) < end_ns) {
		struct timespec until = clock_deadline(END_PATIENCE_NS);

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
