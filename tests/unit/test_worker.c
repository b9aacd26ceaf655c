/* Threads for files that may hang: deadlines, and what happens while one hangs. */
#include "store/worker.h"
#include "net/loop.h"
#include "store/worker_inside.h"
#include "tests/unit/fake_clock.h"
#include "tests/unit/pump.h"
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

static struct loop *loop;
static struct fake_clock fake;
static struct worker *worker;
static sem_t disk;  /* what hangs waits for it */
static sem_t begun; /* and says so */
static sem_t gate;  /* and a probe for this one */
static atomic_int probes;

struct counted_job {
	struct worker_job job; /* first */
	bool hangs;
	unsigned pause_us;
	unsigned more; /* steps */
	bool *ret_told;
};

static unsigned n_ended, n_late, n_freed, n_steps;
static bool all_freed;

static void probe(void *arg)
{
	(void)arg;
	atomic_fetch_add(&probes, 1);
	sem_wait(&gate);
}

static void work(struct worker_job *job)
{
	struct counted_job *counted = (struct counted_job *)job;

	usleep(counted->pause_us);
	if (counted->hangs) {
		sem_post(&begun);
		sem_wait(&disk);
	}
	job->goes_on = counted->more > 0;
	counted->more -= job->goes_on;
}

static void ended(struct worker_job *job)
{
	n_ended++;
	*((struct counted_job *)job)->ret_told = true;
}

static void late(struct worker_job *job)
{
	n_late++;
	n_steps = job->n_steps;
	*((struct counted_job *)job)->ret_told = true;
}

static void free_job(struct worker_job *job)
{
	n_freed++;
	n_steps = job->n_steps;
	all_freed = n_freed == n_ended + n_late;
	free(job);
}

static int submit_steps(bool hangs, unsigned steps, bool is_patient, bool *ret_told)
{
	struct counted_job *job = calloc(1, sizeof(*job));
	int r;

	assert_non_null(job);
	*job = (struct counted_job){
	        .job = {.work = work,
	                .ended = ended,
	                .late = late,
	                .free = free_job,
	                .is_patient = is_patient},
	        .hangs = hangs,
	        .more = steps - 1,
	        .ret_told = ret_told,
	};
	*ret_told = false;
	r = worker_submit(worker, &job->job);
	if (r < 0)
		free(job);
	return r;
}

static int submit(bool hangs, bool is_patient, bool *ret_told)
{
	return submit_steps(hangs, 1, is_patient, ret_told);
}

static int set_up(void **state)
{
	(void)state;
	n_ended = n_late = n_freed = 0;
	all_freed = false;
	atomic_store(&probes, 0);
	fake_clock_init(&fake);
	assert_int_equal(sem_init(&disk, 0, 0), 0);
	assert_int_equal(sem_init(&begun, 0, 0), 0);
	assert_int_equal(sem_init(&gate, 0, 0), 0);
	assert_int_equal(loop_new(&loop), 0);
	assert_int_equal(worker_new(loop, &fake.clock, probe, NULL, &worker), 0);
	return worker_start(worker);
}

static int tear_down(void **state)
{
	(void)state;
	sem_post(&gate);
	assert_true(worker_free(worker));
	loop_run_once(loop);
	assert_true(loop_free(loop));
	assert_int_equal(n_freed, n_ended + n_late);
	return 0;
}

/* A job that hangs, of which the asker was told. */
static void hang(bool *told)
{
	assert_int_equal(submit(true, false, told), 0);
	sem_wait(&begun);
	fake_clock_advance(&fake, WORKER_DEADLINE_NS);
	pump_until(loop, told);
	while (!worker_is_hung(worker)) { /* a probe hangs, too */
		const bool now = true;

		usleep(1000);
		pump_until(loop, &now);
	}
}

/* The clock was looked at, and then a thread took the job. */
static void a_job_that_has_just_begun_is_not_late(void **state)
{
	bool told;

	(void)state;
	fake_clock_advance(&fake, 1);
	assert_int_equal(submit(true, false, &told), 0);
	sem_wait(&begun);
	fake_clock_advance(&fake, (uint64_t)-1);
	worker_look_at_clock(worker);
	assert_false(told);
	sem_post(&disk);
	pump_until(loop, &told);
	assert_int_equal(n_ended, 1);
}

static void a_job_ends_on_the_loop_thread(void **state)
{
	bool told[100];

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_int_equal(submit(false, false, &told[i]), 0);
	for (int i = 0; i < 100; i++)
		pump_until(loop, &told[i]);
	assert_int_equal(n_ended, 100);
	assert_int_equal(n_freed, 100);
	assert_int_equal(worker_jobs(worker), 0);
}

static void a_job_that_hangs_is_given_up_and_freed_when_the_disk_answers(void **state)
{
	bool told;

	(void)state;
	hang(&told);
	assert_int_equal(n_late, 1);
	assert_int_equal(n_freed, 0);
	assert_true(worker_is_hung(worker));
	assert_int_equal(worker_late_jobs(worker), 1);
	sem_post(&disk);
	pump_until(loop, &all_freed);
	assert_int_equal(n_ended, 0);
	assert_false(worker_is_hung(worker));
}

/* The disk answers others: it was a single file. */
static void one_that_is_late_does_not_stop_the_others(void **state)
{
	bool told, other;

	(void)state;
	sem_post(&gate);
	assert_int_equal(submit(true, false, &told), 0);
	sem_wait(&begun);
	fake_clock_advance(&fake, WORKER_DEADLINE_NS);
	pump_until(loop, &told);
	assert_int_equal(submit(false, false, &other), 0);
	pump_until(loop, &other);
	assert_int_equal(n_ended, 1);
	sem_post(&disk);
	pump_until(loop, &all_freed);
}

static void while_one_hangs_no_other_is_taken(void **state)
{
	bool told, other;

	(void)state;
	hang(&told);
	assert_int_equal(submit(false, false, &other), -EBUSY);
	sem_post(&disk);
	pump_until(loop, &all_freed);
	assert_int_equal(submit(false, false, &other), 0);
	pump_until(loop, &other);
	assert_int_equal(n_ended, 1);
}

static void a_probe_finds_out_that_the_disk_answers_again(void **state)
{
	bool told, other;

	(void)state;
	hang(&told);
	assert_int_equal(submit(false, false, &other), -EBUSY);
	sem_post(&gate);
	while (submit(false, false, &other) == -EBUSY) {
		const bool now = true;

		usleep(1000);
		pump_until(loop, &now);
	}
	pump_until(loop, &other);
	assert_int_equal(atomic_load(&probes), 1);
	assert_int_equal(n_ended, 1);
	assert_int_equal(n_freed, 1); /* the first one hangs still */
	sem_post(&disk);
	pump_until(loop, &all_freed);
}

static void what_waits_behind_those_that_hang_is_given_up_with_them(void **state)
{
	bool told[WORKER_THREADS], waiting, patient;

	(void)state;
	for (int i = 0; i < WORKER_THREADS; i++)
		assert_int_equal(submit(true, false, &told[i]), 0);
	for (int i = 0; i < WORKER_THREADS; i++)
		sem_wait(&begun);
	assert_int_equal(submit(false, false, &waiting), 0);
	assert_int_equal(submit(false, true, &patient), 0);
	fake_clock_advance(&fake, WORKER_DEADLINE_NS);
	pump_until(loop, &waiting);
	assert_int_equal(n_late, WORKER_THREADS + 1);
	assert_false(patient);
	for (int i = 0; i < WORKER_THREADS; i++)
		sem_post(&disk);
	pump_until(loop, &patient);
	assert_int_equal(n_ended, 1);
	pump_until(loop, &all_freed);
}

/* With `begun`: the thread is at the step behind those. */
static void take_steps(unsigned n, uint64_t each_ns)
{
	for (unsigned i = 0; i < n; i++) {
		fake_clock_advance(&fake, each_ns);
		worker_look_at_clock(worker);
		sem_post(&disk);
		sem_wait(&begun);
	}
}

static void each_step_has_its_time(void **state)
{
	bool told;

	(void)state;
	assert_int_equal(submit_steps(true, 3, false, &told), 0);
	sem_wait(&begun);
	take_steps(2, WORKER_DEADLINE_NS - 1);
	assert_false(told);
	sem_post(&disk);
	pump_until(loop, &told);
	assert_int_equal(n_ended, 1);
}

static void a_step_that_hangs_is_the_last(void **state)
{
	bool told;

	(void)state;
	sem_post(&gate);
	assert_int_equal(submit_steps(true, 4, false, &told), 0);
	sem_wait(&begun);
	take_steps(1, 1);
	fake_clock_advance(&fake, WORKER_DEADLINE_NS);
	pump_until(loop, &told);
	assert_int_equal(n_late, 1);
	sem_post(&disk);
	pump_until(loop, &all_freed);
	assert_int_equal(sem_trywait(&begun), -1);
}

static void many_slow_steps_are_too_many(void **state)
{
	unsigned most = WORKER_STEPS_NS / NS_PER_S;
	bool told;

	(void)state;
	sem_post(&gate);
	assert_int_equal(submit_steps(true, 100, false, &told), 0);
	sem_wait(&begun);
	take_steps(most - 1, NS_PER_S);
	assert_false(told);
	fake_clock_advance(&fake, NS_PER_S);
	pump_until(loop, &told);
	assert_int_equal(n_late, 1);
	assert_int_equal(n_steps, most - 1);
	sem_post(&disk);
	pump_until(loop, &all_freed);
	assert_int_equal(n_steps, most - 1);
}

/* However long it has waited. */
static void a_patient_job_has_its_time_as_well(void **state)
{
	bool told[WORKER_THREADS], patient;

	(void)state;
	for (int i = 0; i < WORKER_THREADS; i++)
		assert_int_equal(submit(true, false, &told[i]), 0);
	for (int i = 0; i < WORKER_THREADS; i++)
		sem_wait(&begun);
	assert_int_equal(submit(true, true, &patient), 0);
	fake_clock_advance(&fake, WORKER_DEADLINE_NS);
	for (int i = 0; i < WORKER_THREADS; i++)
		pump_until(loop, &told[i]);
	fake_clock_advance(&fake, WORKER_STEPS_NS + WORKER_DEADLINE_NS);
	sem_post(&disk); /* a thread is free, and takes it */
	sem_wait(&begun);
	worker_look_at_clock(worker);
	assert_false(patient);
	for (int i = 0; i < WORKER_THREADS; i++)
		sem_post(&disk);
	pump_until(loop, &patient);
	assert_int_equal(n_ended, 1);
	assert_int_equal(n_late, WORKER_THREADS);
	pump_until(loop, &all_freed);
}

static void at_the_end_what_waits_is_done(void **state)
{
	bool told[1000];

	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_int_equal(submit(false, false, &told[i]), 0);
	assert_true(worker_free(worker));
	assert_int_equal(n_ended, 1000);
	assert_int_equal(n_freed, 1000);
	assert_int_equal(worker_new(loop, &fake.clock, probe, NULL, &worker), 0);
}

/* Longer than one step may take at the end, but no step does. */
static void at_the_end_a_disk_that_is_slow_is_waited_for(void **state)
{
	struct counted_job *job = calloc(1, sizeof(*job));
	bool told = false;

	(void)state;
	assert_non_null(job);
	*job = (struct counted_job){
	        .job = {.work = work, .ended = ended, .late = late, .free = free_job},
	        .pause_us = 40000,
	        .more = 15,
	        .ret_told = &told,
	};
	assert_int_equal(worker_submit(worker, &job->job), 0);
	assert_true(worker_free(worker));
	assert_true(told);
	assert_int_equal(n_ended, 1);
	assert_int_equal(n_steps, 16);
	assert_int_equal(worker_new(loop, &fake.clock, probe, NULL, &worker), 0);
}

static void at_the_end_a_job_that_hangs_holds_up_nobody(void **state)
{
	static struct worker *hung; /* whose memory is left */
	static bool told;

	(void)state;
	assert_int_equal(submit(true, false, &told), 0);
	sem_wait(&begun);
	hung = worker;
	assert_false(worker_free(hung));
	assert_int_equal(n_late, 1);
	assert_int_equal(n_freed, 0);
	assert_int_equal(worker_new(loop, &fake.clock, probe, NULL, &worker), 0);
	n_freed = n_late; /* for tear_down() */
}

static void before_the_start_nothing_is_taken(void **state)
{
	struct worker *other;
	struct worker_job job = {.work = work};

	(void)state;
	assert_int_equal(worker_new(loop, &fake.clock, probe, NULL, &other), 0);
	assert_int_equal(worker_submit(other, &job), -ECANCELED);
	assert_true(worker_free(other));
	assert_true(worker_free(NULL));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(a_job_ends_on_the_loop_thread),
	        cmocka_unit_test_fixture(a_job_that_has_just_begun_is_not_late),
	        cmocka_unit_test_fixture(
	                a_job_that_hangs_is_given_up_and_freed_when_the_disk_answers),
	        cmocka_unit_test_fixture(one_that_is_late_does_not_stop_the_others),
	        cmocka_unit_test_fixture(while_one_hangs_no_other_is_taken),
	        cmocka_unit_test_fixture(a_probe_finds_out_that_the_disk_answers_again),
	        cmocka_unit_test_fixture(what_waits_behind_those_that_hang_is_given_up_with_them),
	        cmocka_unit_test_fixture(each_step_has_its_time),
	        cmocka_unit_test_fixture(a_step_that_hangs_is_the_last),
	        cmocka_unit_test_fixture(many_slow_steps_are_too_many),
	        cmocka_unit_test_fixture(a_patient_job_has_its_time_as_well),
	        cmocka_unit_test_fixture(at_the_end_a_disk_that_is_slow_is_waited_for),
	        cmocka_unit_test_fixture(at_the_end_what_waits_is_done),
	        cmocka_unit_test_fixture(at_the_end_a_job_that_hangs_holds_up_nobody),
	        cmocka_unit_test_fixture(before_the_start_nothing_is_taken),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
