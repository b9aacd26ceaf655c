/* The loop thread: order, threads, and what happens at its end. */
#include "net/loop.h"
#include "base/clock.h"
#include "tests/unit/pump.h"
#include "tests/unit/unit_test.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT        1000
#define DISK_THREADS 4 /* libuv has so many unless told otherwise */

static struct loop *loop;

static int set_up(void **state)
{
	(void)state;
	return loop_new(&loop);
}

static int tear_down(void **state)
{
	(void)state;
	loop_stop(loop);
	loop_free(loop);
	return 0;
}

struct numbered {
	struct loop_task task; /* first, so that a task is its numbered one */
	unsigned number;
};

static unsigned ran[COUNT];
static unsigned n_ran;

static void run_numbered(struct loop_task *task)
{
	ran[n_ran++] = ((struct numbered *)task)->number;
}

static struct numbered *post_numbered(struct numbered *tasks, unsigned n)
{
	n_ran = 0;
	for (unsigned i = 0; i < n; i++) {
		tasks[i] = (struct numbered){.task.run = run_numbered, .number = i};
		loop_post(loop, &tasks[i].task);
	}
	return tasks;
}

static void tasks_run_in_the_order_of_posting(void **state)
{
	static struct numbered tasks[COUNT];

	(void)state;
	assert_int_equal(loop_start(loop), 0);
	post_numbered(tasks, COUNT);
	loop_stop(loop);
	assert_int_equal(n_ran, COUNT);
	for (unsigned i = 0; i < COUNT; i++)
		assert_int_equal(ran[i], i);
}

static void a_task_never_runs_inside_the_posting(void **state)
{
	struct numbered task;

	(void)state;
	post_numbered(&task, 1);
	assert_int_equal(n_ran, 0);
	loop_run_once(loop);
	assert_int_equal(n_ran, 1);
}

static void a_task_may_be_taken_back(void **state)
{
	struct numbered tasks[4];

	(void)state;
	post_numbered(tasks, 4);
	loop_unpost(loop, &tasks[0].task);
	loop_unpost(loop, &tasks[3].task);
	post_numbered(&tasks[3], 1);
	loop_run_once(loop);
	assert_int_equal(n_ran, 3);
	assert_int_equal(ran[0], 1);
	assert_int_equal(ran[1], 2);
	assert_int_equal(ran[2], 0); /* the one that was posted last */
	loop_unpost(loop, &tasks[1].task);
}

struct canceller {
	struct loop_task task;
	struct loop_task *other;
};

static void cancel_other(struct loop_task *task)
{
	loop_unpost(loop, ((struct canceller *)task)->other);
}

static void a_task_may_take_back_the_next_one(void **state)
{
	struct numbered tasks[2] = {0};
	struct canceller canceller = {.task.run = cancel_other, .other = &tasks[0].task};

	(void)state;
	loop_post(loop, &canceller.task);
	post_numbered(tasks, 2);
	loop_run_once(loop);
	assert_int_equal(n_ran, 1);
	assert_int_equal(ran[0], 1);
}

struct observer {
	struct loop_task task;
	bool current;
	bool signals_blocked;
};

static void observe(struct loop_task *task)
{
	struct observer *observer = (struct observer *)task;
	sigset_t blocked;

	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	observer->signals_blocked = sigismember(&blocked, SIGTERM);
	observer->current = loop_is_current(loop);
}

static void the_loop_knows_its_own_thread(void **state)
{
	struct observer observer = {.task.run = observe};

	(void)state;
	assert_true(loop_is_current(loop));
	assert_int_equal(loop_start(loop), 0);
	assert_false(loop_is_current(loop));
	loop_post(loop, &observer.task);
	loop_stop(loop);
	assert_true(observer.current);
	assert_true(loop_is_current(loop));
}

/* Signals are for the thread of the mount. */
static void no_signal_reaches_the_loop_thread(void **state)
{
	struct observer observer = {.task.run = observe};
	sigset_t blocked;

	(void)state;
	assert_int_equal(loop_start(loop), 0);
	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	assert_false(sigismember(&blocked, SIGTERM));
	loop_post(loop, &observer.task);
	loop_stop(loop);
	assert_true(observer.signals_blocked);
}

static void *post_many(void *arg)
{
	struct numbered *tasks = arg;

	for (unsigned i = 0; i < COUNT / 4; i++)
		loop_post(loop, &tasks[i].task);
	return NULL;
}

static void any_thread_may_post(void **state)
{
	static struct numbered tasks[COUNT];
	pthread_t threads[4];

	(void)state;
	n_ran = 0;
	for (unsigned i = 0; i < COUNT; i++)
		tasks[i] = (struct numbered){.task.run = run_numbered, .number = i};
	assert_int_equal(loop_start(loop), 0);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(
		        pthread_create(&threads[i], NULL, post_many, &tasks[i * (COUNT / 4)]), 0);
	for (unsigned i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	loop_stop(loop);
	assert_int_equal(n_ran, COUNT);
}

static void stopping_a_loop_that_never_ran_does_nothing(void **state)
{
	(void)state;
	loop_stop(loop);
	loop_stop(NULL);
	loop_free(NULL);
}

static void raise_flag(void *arg)
{
	*(bool *)arg = true;
}

static void a_timer_fires_once(void **state)
{
	struct loop_timer *timer;
	bool fired = false;

	(void)state;
	assert_int_equal(loop_timer_new(loop, raise_flag, &fired, &timer), 0);
	loop_timer_set(timer, 1);
	assert_false(fired);
	pump_until(loop, &fired);
	fired = false;
	loop_run_once(loop);
	assert_false(fired);
	loop_timer_free(timer);
}

static void a_timer_that_is_set_again_forgets_the_old_time(void **state)
{
	struct loop_timer *early, *late;
	bool early_fired = false, late_fired = false;

	(void)state;
	assert_int_equal(loop_timer_new(loop, raise_flag, &early_fired, &early), 0);
	assert_int_equal(loop_timer_new(loop, raise_flag, &late_fired, &late), 0);
	loop_timer_set(early, 1);
	loop_timer_set(late, 2 * NS_PER_MS);
	loop_timer_set(early, 3600 * NS_PER_S);
	pump_until(loop, &late_fired);
	assert_false(early_fired);
	loop_timer_free(early);
	loop_timer_free(late);
}

static void a_timer_that_was_stopped_or_freed_does_not_fire(void **state)
{
	struct loop_timer *stopped, *freed, *last;
	bool wrong = false, done = false;

	(void)state;
	assert_int_equal(loop_timer_new(loop, raise_flag, &wrong, &stopped), 0);
	assert_int_equal(loop_timer_new(loop, raise_flag, &wrong, &freed), 0);
	assert_int_equal(loop_timer_new(loop, raise_flag, &done, &last), 0);
	loop_timer_set(stopped, 1);
	loop_timer_set(freed, 1);
	loop_timer_set(last, 2 * NS_PER_MS);
	loop_timer_stop(stopped);
	loop_timer_free(freed);
	pump_until(loop, &done);
	assert_false(wrong);
	loop_timer_free(stopped);
	loop_timer_free(last);
	loop_timer_free(NULL);
}

/* A disk job that waits until the test lets it go on. */
struct held_job {
	struct disk_job job; /* first, so that a job is its held one */
	sem_t *gate;
	pthread_t worker;
	bool done;
};

static void wait_at_gate(struct disk_job *job)
{
	struct held_job *held = (struct held_job *)job;

	held->worker = pthread_self();
	if (held->gate) {
		sem_wait(held->gate);
		sem_post(held->gate);
	}
}

static void job_done(struct disk_job *job)
{
	assert_true(loop_is_current(loop));
	((struct held_job *)job)->done = true;
}

static void a_disk_job_works_elsewhere_and_ends_on_the_loop(void **state)
{
	struct held_job held = {.job = {.work = wait_at_gate, .done = job_done}};

	(void)state;
	assert_int_equal(loop_disk(loop, &held.job), 0);
	assert_false(held.done);
	pump_until(loop, &held.done);
	assert_false(pthread_equal(held.worker, pthread_self()));
}

static void a_disk_that_hangs_fills_the_pool_not_the_memory(void **state)
{
	static struct held_job jobs[LOOP_MAX_DISK_JOBS + 1];
	sem_t gate;

	(void)state;
	sem_init(&gate, 0, 0);
	for (unsigned i = 0; i <= LOOP_MAX_DISK_JOBS; i++) {
		jobs[i] = (struct held_job){.job = {.work = wait_at_gate, .done = job_done},
		                            .gate = &gate};
		assert_int_equal(loop_disk(loop, &jobs[i].job),
		                 i < LOOP_MAX_DISK_JOBS ? 0 : -EBUSY);
	}
	sem_post(&gate);
	pump_disk(loop);
	for (unsigned i = 0; i <= LOOP_MAX_DISK_JOBS; i++)
		assert_int_equal(jobs[i].done, i < LOOP_MAX_DISK_JOBS);
	assert_int_equal(loop_disk(loop, &jobs[0].job), 0);
	pump_disk(loop);
	sem_destroy(&gate);
}

struct starter {
	struct loop_task task;
	struct held_job *held;
};

static void start_job(struct loop_task *task)
{
	assert_int_equal(loop_disk(loop, &((struct starter *)task)->held->job), 0);
}

static void a_disk_job_that_outlives_the_thread_ends_with_the_loop(void **state)
{
	sem_t gate;
	struct held_job held = {.job = {.work = wait_at_gate, .done = job_done}, .gate = &gate};
	struct starter starter = {.task.run = start_job, .held = &held};

	(void)state;
	sem_init(&gate, 0, 0);
	assert_int_equal(loop_start(loop), 0);
	loop_post(loop, &starter.task);
	loop_stop(loop);
	assert_false(held.done);
	sem_post(&gate);
	loop_free(loop);
	loop = NULL;
	assert_true(held.done);
	sem_destroy(&gate);
}

static int count_threads(void)
{
	DIR *tasks = opendir("/proc/self/task");
	int n = -2; /* "." and ".." */

	while (tasks && readdir(tasks))
		n++;
	closedir(tasks);
	return n;
}

/* libuv aborts when it cannot make them later, for want of memory or threads. */
static void all_threads_are_there_when_the_loop_has_started(void **state)
{
	pid_t child = fork(); /* which has no thread of an earlier test */
	int status;

	(void)state;
	if (child == 0) {
		int wanted = count_threads() + 1 + DISK_THREADS;

		/* The thread sanitizer has one of its own. */
		_exit(loop_start(loop) == 0 && count_threads() >= wanted ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* What the child of a fork does with the loop of its parent: the daemon. */
static int run_in_child(int go_on)
{
	struct numbered task = {.task.run = run_numbered};
	struct held_job held = {.job = {.work = wait_at_gate, .done = job_done}};
	struct starter starter = {.task.run = start_job, .held = &held};
	char byte;

	alarm(20);
	n_ran = 0;
	if (loop_start(loop) < 0 || read(go_on, &byte, 1) != 0)
		return 1;
	loop_post(loop, &task.task);
	loop_post(loop, &starter.task);
	loop_stop(loop);
	loop_free(loop);
	return n_ran == 1 && held.done ? 0 : 2;
}

static void the_loop_works_in_a_forked_child_when_the_parent_frees_its_own(void **state)
{
	int pipe_ends[2], status;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(pipe_ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		close(pipe_ends[1]);
		_exit(run_in_child(pipe_ends[0]));
	}
	loop_run_once(loop);
	loop_free(loop);
	loop = NULL;
	close(pipe_ends[0]);
	close(pipe_ends[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(tasks_run_in_the_order_of_posting),
	        cmocka_unit_test_fixture(a_task_never_runs_inside_the_posting),
	        cmocka_unit_test_fixture(a_task_may_be_taken_back),
	        cmocka_unit_test_fixture(a_task_may_take_back_the_next_one),
	        cmocka_unit_test_fixture(the_loop_knows_its_own_thread),
	        cmocka_unit_test_fixture(no_signal_reaches_the_loop_thread),
	        cmocka_unit_test_fixture(all_threads_are_there_when_the_loop_has_started),
	        cmocka_unit_test_fixture(any_thread_may_post),
	        cmocka_unit_test_fixture(stopping_a_loop_that_never_ran_does_nothing),
	        cmocka_unit_test_fixture(a_timer_fires_once),
	        cmocka_unit_test_fixture(a_timer_that_is_set_again_forgets_the_old_time),
	        cmocka_unit_test_fixture(a_timer_that_was_stopped_or_freed_does_not_fire),
	        cmocka_unit_test_fixture(a_disk_job_works_elsewhere_and_ends_on_the_loop),
	        cmocka_unit_test_fixture(a_disk_that_hangs_fills_the_pool_not_the_memory),
	        cmocka_unit_test_fixture(a_disk_job_that_outlives_the_thread_ends_with_the_loop),
	        cmocka_unit_test_fixture(
	                the_loop_works_in_a_forked_child_when_the_parent_frees_its_own),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
