/* The one thread that owns everything remote: posted work, timers, disk jobs; libuv underneath.
 *
 * What runs on it needs no locks. It never blocks: files that may hang are read by the disk pool.
 *
 * "Threads: loop" in a header means: call it on this thread only, or before loop_start().
 */
#ifndef ECRFS_NET_LOOP_H
#define ECRFS_NET_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;

/* Work for the loop thread, embedded in what it works on, so that posting cannot fail. */
struct loop_task {
	void (*run)(struct loop_task *task);
	struct loop_task *next; /* owned by the loop between loop_post() and run() */
};

/* A job for the disk pool: `work` may block, `done` follows on the loop thread. */
struct disk_job {
	void (*work)(struct disk_job *job); /* on a disk thread */
	void (*done)(struct disk_job *job); /* on the loop thread; may free the job */
	struct loop *loop;                  /* set by loop_disk() */
};

struct loop_timer;
typedef void (*loop_timer_fn)(void *arg);

/* At most this many disk jobs wait or run at a time: a disk that hangs fills this, not the memory.
 */
#define LOOP_MAX_DISK_JOBS 256

/* Prepares a loop; no thread runs yet. Answers 0 or -errno. */
int loop_new(struct loop **ret_loop);

/* Starts the thread, and those of the disk pool, all signals blocked in them. After the daemon has
 * forked, never before.
 * Answers 0 or -errno. */
int loop_start(struct loop *loop);

/* Lets the thread finish what was posted before, and joins it. Timers that are still set do not
 * fire any more. Answers nothing; does nothing when the thread was never started. */
void loop_stop(struct loop *loop);

/* After loop_stop(), when everything that lives on the loop was freed. Accepts NULL. Answers false
 * when a disk job or an orphan hangs: then the loop's memory is not freed, and the process must end
 * with _exit(2), since exit(3) would wait for the job. */
bool loop_free(struct loop *loop);

/* Runs what was posted, and closes handles, without a thread: for modules that are freed between
 * loop_stop() and loop_free(), and for tests. Returns when nothing is left to do at once. */
void loop_run_once(struct loop *loop);

/* Whether the caller is the loop thread, or nobody is yet or any more. Threads: any. */
bool loop_is_current(const struct loop *loop);

/* Runs the task on the loop thread, in the order of posting, never inside this call. The task
 * is borrowed until it runs. Threads: any. */
void loop_post(struct loop *loop, struct loop_task *task);

/* Takes a task back that was posted and has not run yet; does nothing when there is none such. Who
 * frees what a task is embedded in calls it first. Threads: loop. */
void loop_unpost(struct loop *loop, struct loop_task *task);

/* A timer that is not set yet. Answers 0 or -ENOMEM. Threads: loop. */
int loop_timer_new(struct loop *loop, loop_timer_fn fire, void *arg, struct loop_timer **ret_timer);

/* Fires once, `delay_ns` from now (rounded up to a millisecond); set again, the new time counts.
 * Threads: loop. */
void loop_timer_set(struct loop_timer *timer, uint64_t delay_ns);
void loop_timer_stop(struct loop_timer *timer);

/* Accepts NULL. It does not fire any more. Threads: loop. */
void loop_timer_free(struct loop_timer *timer);

/* Hands a job to the disk pool. Answers 0, -EBUSY when LOOP_MAX_DISK_JOBS are under way, or
 * -ENOMEM: then neither `work` nor `done` is called. Threads: loop. */
int loop_disk(struct loop *loop, struct disk_job *job);

/* Counts what nobody waits for but that is still to end, as a disk job is: loop_free() gives it the
 * same time. Threads: loop. */
void loop_orphans(struct loop *loop, int change);

struct uv_loop_s;

/* The libuv loop, for the other modules of net/. */
struct uv_loop_s *loop_uv(struct loop *loop);

#endif
