/* The loop thread, on libuv. */
#include "net/loop.h"
#include "base/cleanup.h"
#include "base/clock.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <utlist.h>
#include <uv.h>

/* How long the end waits for disk jobs and orphans. */
#define DISK_PATIENCE_MS 300

struct loop {
	uv_loop_t uv;
	uv_async_t wakeup;
	pthread_mutex_t lock;
	struct loop_task *posted_first; /* under lock */
	struct loop_task *posted_last;  /* under lock */
	struct loop_task *taken;        /* loop: posted before, about to run */
	pthread_t thread;
	atomic_bool running;
	bool stopping;      /* loop */
	unsigned disk_jobs; /* loop */
	int orphans;        /* loop */
	struct disk_job first_job;
};

struct loop_timer {
	uv_timer_t uv;
	loop_timer_fn fire;
	void *arg;
};

struct disk_work {
	uv_work_t uv;
	struct disk_job *job;
};

static struct loop_task *take_posted(struct loop *loop)
{
	SCOPED_LOCK(&loop->lock);
	struct loop_task *first = loop->posted_first;

	loop->posted_first = NULL;
	loop->posted_last = NULL;
	return first;
}

static void run_posted(uv_async_t *wakeup)
{
	struct loop *loop = wakeup->data;

	loop->taken = take_posted(loop);
	while (loop->taken) {
		struct loop_task *task = loop->taken;

		loop->taken = task->next;
		task->run(task);
	}
	if (loop->stopping)
		uv_stop(&loop->uv);
}

int loop_new(struct loop **ret_loop)
{
	struct loop *loop = calloc(1, sizeof(*loop));
	int r;

	if (!loop)
		return -ENOMEM;
	r = uv_loop_init(&loop->uv); /* libuv's errors are negative errnos on Unix */
	if (r < 0) {
		free(loop);
		return r;
	}
	r = uv_async_init(&loop->uv, &loop->wakeup, run_posted);
	if (r < 0) {
		uv_loop_close(&loop->uv);
		free(loop);
		return r;
	}
	loop->wakeup.data = loop;
	pthread_mutex_init(&loop->lock, NULL);
	*ret_loop = loop;
	return 0;
}

static void do_nothing(struct disk_job *job)
{
	(void)job;
}

/* libuv makes its pool with the first job, and aborts where it cannot: better before there is
 * anything to serve than later. */
static int make_disk_pool(struct loop *loop)
{
	loop->first_job = (struct disk_job){.work = do_nothing, .done = do_nothing};
	return loop_disk(loop, &loop->first_job);
}

static void *loop_main(void *arg)
{
	struct loop *loop = arg;

	uv_run(&loop->uv, UV_RUN_DEFAULT);
	return NULL;
}

int loop_start(struct loop *loop)
{
	sigset_t all, before;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = make_disk_pool(loop);
	if (r == 0) {
		atomic_store(&loop->running, true);
		r = -pthread_create(&loop->thread, NULL, loop_main, loop);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (r < 0)
		atomic_store(&loop->running, false);
	return r;
}

struct stop_task {
	struct loop_task task;
	struct loop *loop;
};

static void stop_running(struct loop_task *task)
{
	((struct stop_task *)task)->loop->stopping = true;
}

void loop_stop(struct loop *loop)
{
	struct stop_task stop = {.task.run = stop_running, .loop = loop};

	if (!loop || !atomic_load(&loop->running))
		return;
	loop_post(loop, &stop.task);
	pthread_join(loop->thread, NULL);
	atomic_store(&loop->running, false);
	loop->stopping = false;
}

/* Other threads may post meanwhile. */
static bool is_posted(struct loop *loop)
{
	SCOPED_LOCK(&loop->lock);

	return loop->posted_first;
}

void loop_run_once(struct loop *loop)
{
	run_posted(&loop->wakeup);
	while (uv_run(&loop->uv, UV_RUN_NOWAIT) && is_posted(loop))
		continue;
}

static bool is_busy(const struct loop *loop)
{
	return loop->disk_jobs || loop->orphans;
}

/* Lets disk jobs end that are about to. */
static void wait_for_disk(struct loop *loop)
{
	for (unsigned waited_ms = 0; is_busy(loop) && waited_ms < DISK_PATIENCE_MS; waited_ms++) {
		uv_run(&loop->uv, UV_RUN_NOWAIT);
		uv_sleep(1);
	}
}

bool loop_free(struct loop *loop)
{
	if (!loop)
		return true;
	wait_for_disk(loop);
	if (is_busy(loop))
		return false;
	uv_close((uv_handle_t *)&loop->wakeup, NULL);
	uv_run(&loop->uv, UV_RUN_DEFAULT);
	uv_loop_close(&loop->uv);
	pthread_mutex_destroy(&loop->lock);
	free(loop);
	return true;
}

bool loop_is_current(const struct loop *loop)
{
	return !atomic_load(&loop->running) || pthread_equal(pthread_self(), loop->thread);
}

void loop_post(struct loop *loop, struct loop_task *task)
{
	bool was_empty;

	task->next = NULL;
	pthread_mutex_lock(&loop->lock);
	was_empty = !loop->posted_first;
	if (was_empty)
		loop->posted_first = task;
	else
		loop->posted_last->next = task;
	loop->posted_last = task;
	pthread_mutex_unlock(&loop->lock);
	if (was_empty)
		uv_async_send(&loop->wakeup);
}

static bool remove_task(struct loop_task **first, const struct loop_task *task)
{
	while (*first && *first != task)
		first = &(*first)->next;
	if (!*first)
		return false;
	*first = task->next;
	return true;
}

void loop_unpost(struct loop *loop, struct loop_task *task)
{
	assert(loop_is_current(loop));
	if (remove_task(&loop->taken, task))
		return;
	SCOPED_LOCK(&loop->lock);
	if (!remove_task(&loop->posted_first, task))
		return;
	loop->posted_last = loop->posted_first;
	while (loop->posted_last && loop->posted_last->next)
		loop->posted_last = loop->posted_last->next;
}

int loop_timer_new(struct loop *loop, loop_timer_fn fire, void *arg, struct loop_timer **ret_timer)
{
	struct loop_timer *timer = calloc(1, sizeof(*timer));

	assert(loop_is_current(loop));
	if (!timer)
		return -ENOMEM;
	uv_timer_init(&loop->uv, &timer->uv);
	timer->uv.data = timer;
	timer->fire = fire;
	timer->arg = arg;
	*ret_timer = timer;
	return 0;
}

static void timer_fired(uv_timer_t *uv)
{
	struct loop_timer *timer = uv->data;

	timer->fire(timer->arg);
}

void loop_timer_set(struct loop_timer *timer, uint64_t delay_ns)
{
	/* libuv counts from its cached time, which is old when the loop was busy or asleep. */
	uv_update_time(timer->uv.loop);
	uv_timer_start(&timer->uv, timer_fired, (delay_ns + NS_PER_MS - 1) / NS_PER_MS, 0);
}

void loop_timer_stop(struct loop_timer *timer)
{
	uv_timer_stop(&timer->uv);
}

static void free_timer(uv_handle_t *uv)
{
	free(uv->data);
}

void loop_timer_free(struct loop_timer *timer)
{
	if (timer)
		uv_close((uv_handle_t *)&timer->uv, free_timer);
}

static void disk_work(uv_work_t *uv)
{
	struct disk_work *work = uv->data;

	work->job->work(work->job);
}

static void disk_done(uv_work_t *uv, int status)
{
	struct disk_work *work = uv->data;
	struct disk_job *job = work->job;

	(void)status; /* jobs are never cancelled */
	job->loop->disk_jobs--;
	free(work);
	job->done(job);
}

int loop_disk(struct loop *loop, struct disk_job *job)
{
	struct disk_work *work;

	assert(loop_is_current(loop));
	if (loop->disk_jobs >= LOOP_MAX_DISK_JOBS)
		return -EBUSY;
	work = calloc(1, sizeof(*work));
	if (!work)
		return -ENOMEM;
	work->uv.data = work;
	work->job = job;
	job->loop = loop;
	loop->disk_jobs++;
	uv_queue_work(&loop->uv, &work->uv, disk_work, disk_done);
	return 0;
}

void loop_orphans(struct loop *loop, int change)
{
	assert(loop_is_current(loop));
	loop->orphans += change;
}

uv_loop_t *loop_uv(struct loop *loop)
{
	return &loop->uv;
}
