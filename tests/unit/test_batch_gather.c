/* Questions that come while a call is in flight wait a moment for others. */
#include "base/clock.h"
#include "tests/unit/batch_fixture.h"
#include "tests/unit/fake_timer.h"

static void fire_timer(void)
{
	fake_timer.fire(fake_timer.arg);
	loop_run_once(f.loop);
}

/* A call is in flight, of those that take 100 ms. */
static void begin_a_call(void)
{
	fake_timer.n_set = 0;
	f.api.usual_ns = 100 * NS_PER_MS;
	ask_image("team/app", "first", &f.replies[0]);
	loop_run_once(f.loop);
	assert_int_equal(f.api.n_calls, 1);
}

/* The questions behind that one, up to the n-th. */
static void ask_more(unsigned n)
{
	for (unsigned i = 1; i <= n; i++) {
		ask_image("team/app", "more", &f.replies[i]);
		loop_run_once(f.loop);
	}
}

static void while_a_call_is_in_flight_questions_gather_for_a_moment(void **state)
{
	(void)state;
	begin_a_call();
	ask_more(10);
	assert_int_equal(f.api.n_calls, 1);
	assert_int_equal(fake_timer.n_set, 1);
	assert_int_equal(fake_timer.delay_ns, 100 * NS_PER_MS / 8);
	fire_timer();
	assert_int_equal(f.api.n_calls, 2);
	assert_int_equal(ids_of(last_call()->body), 10);
	ask_image("team/app", "later", &f.replies[11]);
	loop_run_once(f.loop);
	assert_int_equal(f.api.n_calls, 2);
	assert_int_equal(fake_timer.n_set, 2);
}

static void however_slow_calls_are_it_is_a_short_moment(void **state)
{
	(void)state;
	begin_a_call();
	f.api.usual_ns = 10 * NS_PER_S;
	ask_more(1);
	assert_int_equal(fake_timer.delay_ns, 25 * NS_PER_MS);
}

static void nothing_gathers_before_it_is_known_what_a_call_takes(void **state)
{
	(void)state;
	begin_a_call();
	f.api.usual_ns = 0;
	ask_more(1);
	assert_int_equal(f.api.n_calls, 2);
}

static void they_gather_no_longer_than_that_call_takes(void **state)
{
	(void)state;
	begin_a_call();
	ask_more(10);
	answer_all_tags();
	loop_run_once(f.loop);
	assert_int_equal(f.api.n_calls, 2);
	assert_int_equal(ids_of(last_call()->body), 10);
}

static void a_full_call_waits_for_nobody(void **state)
{
	(void)state;
	begin_a_call();
	ask_more(99);
	assert_int_equal(f.api.n_calls, 1);
	ask_image("team/app", "more", &f.replies[100]);
	loop_run_once(f.loop);
	assert_int_equal(f.api.n_calls, 2);
	assert_int_equal(ids_of(last_call()->body), 100);
}

static void another_repository_does_not_wait(void **state)
{
	(void)state;
	begin_a_call();
	ask_image("team/web", "t", &f.replies[1]);
	loop_run_once(f.loop);
	assert_int_equal(f.api.n_calls, 2);
}

static void questions_that_gather_end_with_the_batcher(void **state)
{
	(void)state;
	begin_a_call();
	ask_more(10);
	end_batcher();
	for (unsigned i = 0; i <= 10; i++)
		assert_int_equal(f.replies[i].status, STATUS_SERVER_ERROR);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(while_a_call_is_in_flight_questions_gather_for_a_moment),
	        cmocka_unit_test_fixture(however_slow_calls_are_it_is_a_short_moment),
	        cmocka_unit_test_fixture(nothing_gathers_before_it_is_known_what_a_call_takes),
	        cmocka_unit_test_fixture(they_gather_no_longer_than_that_call_takes),
	        cmocka_unit_test_fixture(a_full_call_waits_for_nobody),
	        cmocka_unit_test_fixture(another_repository_does_not_wait),
	        cmocka_unit_test_fixture(questions_that_gather_end_with_the_batcher),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
