/* Jobs that take too long, and the disk that hangs. */
#include "base/cleanup.h"
#include "store/worker.h"
#include "store/worker_inside.h"

#include <stdlib.h>
#include <utlist.h>

/* How often it is looked whether a job is late. */
#define TICK_NS (WORKER_DEADLINE_NS / 8)

void worker_keep_ticking(struct worker *worker)
{
	bool must = worker->jobs || atomic_load(&worker->is_hung);

	if (must && !worker->is_ticking)
		loop_timer_set(worker->tick, TICK_NS);
	worker->is_ticking |= must;
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
		/* It may have begun since the clock was looked at. */
		job->is_given_up = now_ns >= job->started_ns + WORKER_DEADLINE_NS ||
		                   now_ns >= job->taken_ns + WORKER_STEPS_NS;
		return job->is_given_up;
	case WORKER_JOB_DONE:
		break;
	}
	return false;
}

static void give_up(struct worker *worker, struct worker_job *job, bool hangs)
{
	atomic_fetch_add(&worker->n_given_up, 1);
	if (hangs) {
		job->is_late = true;
		worker->n_late++;
		worker->is_suspect = true;
		if (worker->n_late >= worker->n_threads) /* nobody is left for a probe */
			atomic_store(&worker->is_hung, true);
		job->late(job);
	} else {
		worker_forget_job(worker, job);
		job->late(job);
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

	worker->is_probing = worker->is_suspect = false;
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

	if (worker->is_probing || worker->n_late >= worker->n_threads)
		return;
	if (!worker->is_suspect &&
	    (!atomic_load(&worker->is_hung) || now_ns - worker->probed_ns < WORKER_PROBE_NS))
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
	worker_enqueue(worker, &probe->job, true);
}

void worker_look_at_clock(void *arg)
{
	struct worker *worker = arg;

	worker->is_ticking = false;
	if (worker->is_suspect && worker->is_probing)
		atomic_store(&worker->is_hung, true);
	worker->is_suspect = false;
	give_up_late_jobs(worker);
	probe(worker);
	worker_keep_ticking(worker);
}
