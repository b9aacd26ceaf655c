/* Threads for files that may hang: jobs with a deadline, whose answers come on the loop thread.
 *
 * libuv's pool is not used for this: the names of hosts and the AWS files are looked up there, and
 * a cache directory that hangs must not hold them up.
 *
 *   submit ─► queue ─► a thread: work ─► loop: ended ─► free
 *                        │ still at it when its time is over
 *                        └─► loop: late    and when the disk answers after all ─► free
 *
 * When a job is late, a probe goes to the disk. If that ends within a quarter of a second, it was
 * one file, or the machine was busy. Else the disk hangs, and no other job is taken: each would
 * cost its asker the whole time, and perhaps a thread. From time to time there is another probe;
 * when one ends in time, all is well again.
 */
#ifndef ECRFS_STORE_WORKER_H
#define ECRFS_STORE_WORKER_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>

struct loop;
struct worker;

/* As long as a thread may work on a job: longer than a busy disk stalls while it writes back, and
 * so short that ECR can still be asked within the `timeout` of an operation (15 s). */
#define WORKER_DEADLINE_NS (2 * NS_PER_S)

/* As long as a job may wait for a thread, of a disk that is slow but answers. */
#define WORKER_PATIENCE_NS (4 * NS_PER_S)

/* As long as a thread may work on all steps of a job. */
#define WORKER_STEPS_NS (4 * NS_PER_S)

/* How often it is looked whether a disk that hung does so still. */
#define WORKER_PROBE_NS NS_PER_S

/* Disks answer faster when asked several things at a time. */
#define WORKER_THREADS 4

/* More jobs wait for nobody: a scan has `max_connections` x 200 questions under way at most, of
 * which 256 x 200 would be the largest, each a job if nobody asks for two in one turn. */
#define WORKER_MAX_JOBS 65536

enum worker_job_state {
	WORKER_JOB_QUEUED,
	WORKER_JOB_AT_WORK,
	WORKER_JOB_DONE,
};

/* Embedded in what it works on, on the heap. */
struct worker_job {
	/* On a thread of the worker; may block. Touches only what belongs to the job. */
	void (*work)(struct worker_job *job);

	/* On the loop thread: `work` has returned in time. */
	void (*ended)(struct worker_job *job);

	/* On the loop thread, instead of `ended`: the time was over, or the worker ends. A thread
	 * may be at it still, so nothing may be touched that `work` touches, but for what its first
	 * n_steps steps have left. */
	void (*late)(struct worker_job *job);

	/* Last; on the loop thread. */
	void (*free)(struct worker_job *job);

	/* Set by `work`: it is to be called again, with its time anew, but for no longer than
	 * WORKER_STEPS_NS in all. For several files in one job: waking a thread costs more than
	 * reading a file. */
	bool goes_on;

	/* Nobody waits for it: it stays in the queue however long that takes, also while the disk
	 * hangs. Who submits such jobs sees to it that they are not too many. */
	bool is_patient;

	/* The worker's: */
	struct worker_job *prev, *next; /* loop: all that have not ended, oldest first */
	struct worker_job *prev_queued, *next_queued; /* under lock: in the queue, or ended */
	uint64_t submitted_ns;
	uint64_t taken_ns;           /* under lock: by a thread */
	uint64_t started_ns;         /* under lock: the step that it is at */
	enum worker_job_state state; /* under lock */
	bool is_given_up;            /* under lock: the step that it is at is its last */
	unsigned n_steps; /* under lock: that it has done, until it is given up or all end */
	bool is_late;     /* loop */
};

/* Borrows loop and clock; `probe` asks the disk something small, and borrows `arg`. No thread runs
 * yet. Answers 0 or -ENOMEM. */
int worker_new(struct loop *loop, const struct clock *clock, void (*probe)(void *arg), void *arg,
               struct worker **ret_worker);

/* Starts the threads, all signals blocked in them. After the daemon has forked, once. Answers 0 or
 * -errno. */
int worker_start(struct worker *worker);

/* Takes the job. Answers 0; -EBUSY while the disk hangs or too many jobs are waiting, and
 * -ECANCELED once it ends or before it was started: then the job stays the caller's. Threads: loop.
 */
int worker_submit(struct worker *worker, struct worker_job *job);

/* How many jobs are waiting or at work, and how many have been given up so far. Threads: any. */
size_t worker_jobs(struct worker *worker);
size_t worker_late_jobs(struct worker *worker);

/* Whether the disk hangs. Threads: any. */
bool worker_is_hung(struct worker *worker);

/* After loop_stop(): lets the jobs that wait be done, as long as the disk answers, and ends.
 * Accepts NULL. Answers false when one hangs: its thread and its memory are left, nothing that it
 * uses may be freed, and the process must end with _exit(2). */
bool worker_free(struct worker *worker);

#endif
