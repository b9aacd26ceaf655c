/* Attempts that wait for their turn. */
#include "ecr/rate_queue.h"
#include "net/loop.h"
#include "tests/unit/fake_clock.h"
#include "tests/unit/pump.h"
#include "tests/unit/unit_test.h"

#include <string.h>

#define N_TURNS 4

struct waiting {
	struct rate_turn turn; /* first, so that a turn is its waiting */
	bool gone;
	unsigned place;
};

struct fixture {
	struct fake_clock clock;
	struct loop *loop;
	struct rate_queue *queue;
	struct waiting waiting[N_TURNS];
	unsigned n_gone;
};

static struct fixture f;

static void go(struct rate_turn *turn)
{
	struct waiting *waiting = (struct waiting *)turn;

	assert_false(waiting->gone);
	waiting->gone = true;
	waiting->place = f.n_gone++;
}

static int set_up(void **state)
{
	(void)state;
	memset(&f, 0, sizeof(f));
	fake_clock_init(&f.clock);
	for (int i = 0; i < N_TURNS; i++)
		f.waiting[i].turn.go = go;
	assert_int_equal(loop_new(&f.loop), 0);
	return rate_queue_new(f.loop, &f.clock.clock, &f.queue);
}

static int tear_down(void **state)
{
	(void)state;
	rate_queue_free(f.queue);
	loop_run_once(f.loop);
	loop_free(f.loop);
	return 0;
}

static bool enter(unsigned i)
{
	return rate_queue_enter(f.queue, &f.waiting[i].turn);
}

/* The clock jumps, and an answer makes the queue look at it: no test waits for a timer. */
static void let_pass(uint64_t ns)
{
	fake_clock_advance(&f.clock, ns);
	rate_queue_answered(f.queue, true);
}

static void before_the_first_throttle_nobody_waits(void **state)
{
	(void)state;
	for (int i = 0; i < N_TURNS; i++)
		assert_true(enter(i));
	rate_queue_answered(f.queue, false);
	assert_true(enter(0));
}

/* Nothing was measured yet: half a call in a second, and at most one saved up. */
static void after_it_turns_come_one_by_one_and_in_order(void **state)
{
	(void)state;
	rate_queue_answered(f.queue, true);
	for (int i = 0; i < N_TURNS; i++)
		assert_false(enter(i));
	for (unsigned i = 0; i < N_TURNS; i++) {
		assert_false(f.waiting[i].gone);
		let_pass(10 * NS_PER_S);
		pump_until(f.loop, &f.waiting[i].gone);
		assert_int_equal(f.waiting[i].place, i);
		assert_int_equal(f.n_gone, i + 1);
	}
}

static void nobody_overtakes_those_who_wait(void **state)
{
	(void)state;
	rate_queue_answered(f.queue, true);
	assert_false(enter(0));
	fake_clock_advance(&f.clock, 10 * NS_PER_S); /* there is a token, but it is not for 1 */
	assert_false(enter(1));
	let_pass(0);
	pump_until(f.loop, &f.waiting[0].gone);
	assert_false(f.waiting[1].gone);
	rate_queue_leave(f.queue, &f.waiting[1].turn);
}

static void who_leaves_does_not_go(void **state)
{
	(void)state;
	rate_queue_answered(f.queue, true);
	assert_false(enter(0));
	assert_false(enter(1));
	rate_queue_leave(f.queue, &f.waiting[0].turn);
	rate_queue_leave(f.queue, &f.waiting[0].turn);
	let_pass(10 * NS_PER_S);
	pump_until(f.loop, &f.waiting[1].gone);
	assert_false(f.waiting[0].gone);
}

static void enter_again(struct rate_turn *turn)
{
	go(turn);
	assert_false(enter(1));
}

static void who_goes_may_enter_again(void **state)
{
	(void)state;
	rate_queue_answered(f.queue, true);
	f.waiting[0].turn.go = enter_again;
	assert_false(enter(0));
	let_pass(10 * NS_PER_S);
	pump_until(f.loop, &f.waiting[0].gone);
	assert_false(f.waiting[1].gone);
	let_pass(10 * NS_PER_S);
	pump_until(f.loop, &f.waiting[1].gone);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(before_the_first_throttle_nobody_waits),
	        cmocka_unit_test_fixture(after_it_turns_come_one_by_one_and_in_order),
	        cmocka_unit_test_fixture(nobody_overtakes_those_who_wait),
	        cmocka_unit_test_fixture(who_leaves_does_not_go),
	        cmocka_unit_test_fixture(who_goes_may_enter_again),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
