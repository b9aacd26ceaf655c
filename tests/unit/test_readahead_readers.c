/* Several who read at the same time, and who reads what others have gone through. */
#include "tests/unit/shelf.h"

#define tear_down shelf_tear_down

#define CALLS       8
#define READERS_MAX 10

static struct shelf app;
static struct patient readers[READERS_MAX];
static int n_readers;

static int set_up(void **state)
{
	(void)state;
	app = (struct shelf){.repository = "team/app", .n = SHELF_MAX};
	shelf_restart(CALLS, 64 << 20);
	shelf_list(&bench, &app);
	n_readers = 0;
	return 0;
}

static unsigned asked(void)
{
	return bench.source.asked[FAKE_FETCH_MANIFEST];
}

/* One that has gone through so many images itself waits for the manifest at that place. */
static void wait_for(int place, unsigned walked)
{
	struct patient *reader = &readers[n_readers++];

	*reader = cache_bench_patient(&bench);
	reader->asker.reader.walked = walked;
	assert_int_equal(shelf_get(&bench, &app, place, &reader->asker), CACHE_WAIT);
}

static void walker_waits_for(int place)
{
	shelf_look(&bench, &app, place);
	wait_for(place, 1);
}

static void told_waits_for(int place)
{
	shelf_look_after_walk(&bench, &app, place);
	wait_for(place, 0);
}

static void end_of(int reader)
{
	cache_bench_release(&bench, &readers[reader]);
}

static void answer_all(void)
{
	shelf_answer_all(&bench);
	while (n_readers)
		end_of(--n_readers);
}

static void each_that_waits_has_a_full_call(void **state)
{
	(void)state;
	walker_waits_for(1);
	assert_int_equal(asked(), 100);
	walker_waits_for(2);
	assert_int_equal(asked(), 200);
	walker_waits_for(3);
	assert_int_equal(asked(), 300);
	answer_all();
}

static void it_counts_once_however_often_it_asks(void **state)
{
	(void)state;
	walker_waits_for(1);
	for (int i = 0; i < 3; i++)
		assert_int_equal(shelf_get(&bench, &app, 1, &readers[0].asker), CACHE_WAIT);
	walker_waits_for(2);
	assert_int_equal(asked(), 200);
	answer_all();
}

static void who_was_killed_waits_no_more(void **state)
{
	(void)state;
	walker_waits_for(1);
	walker_waits_for(2);
	assert_int_equal(asked(), 200);
	end_of(1);
	walker_waits_for(3);
	assert_int_equal(asked(), 200);
	end_of(0);
	end_of(2);
	n_readers = 0;
	shelf_answer_all(&bench);
}

static void the_second_neighbour_after_a_walk_gets_a_full_call(void **state)
{
	(void)state;
	told_waits_for(1);
	assert_int_equal(asked(), 1);
	answer_all();
	told_waits_for(2);
	assert_int_equal(asked(), 1 + 100);
	answer_all();
}

static void here_and_there_after_a_walk_fetches_itself(void **state)
{
	(void)state;
	for (int i = 1; i <= 5; i++) {
		told_waits_for(150 * i);
		assert_int_equal(asked(), i);
		answer_all();
	}
}

static void what_was_walked_through_is_met_anew_each_time(void **state)
{
	(void)state;
	told_waits_for(1);
	answer_all();
	shelf_look_after_walk(&bench, &app, 2);
	shelf_look(&bench, &app, 2); /* long after that */
	wait_for(2, 0);
	assert_int_equal(asked(), 1 + 10);
	answer_all();
}

static void told_reads(int first, int last)
{
	for (int place = first; place <= last; place++) {
		shelf_look_after_walk(&bench, &app, place);
		shelf_read(&bench, &app, place);
	}
}

static void two_at_a_time_after_a_walk_are_told_by_it(void **state)
{
	(void)state;
	told_waits_for(1);
	told_waits_for(51);
	assert_int_equal(asked(), 1 + 100);
	told_waits_for(101);
	assert_int_equal(asked(), 1 + 100);
	answer_all();
}

static void once_two_neighbours_were_read_each_has_a_full_call(void **state)
{
	(void)state;
	told_waits_for(51);
	told_waits_for(1);
	told_waits_for(151);
	told_waits_for(201);
	assert_int_equal(asked(), 1 + 100 + 2);
	answer_all();
	told_waits_for(152);
	told_waits_for(202);
	assert_true(asked() > 1 + 200);
	answer_all();
	told_reads(2, 50);
	told_reads(153, 201);
	for (int place = 1; place <= 201; place++)
		assert_true(shelf_asked(&bench, &app, place) <= 1);
}

static void assert_all_were_asked_for_once(int first, int last)
{
	for (int place = first; place <= last; place++)
		assert_int_equal(shelf_asked(&bench, &app, place), 1);
}

static void several_that_read_here_and_there_leave_one_call_unread(int apart, int at_a_time)
{
	unsigned n = 0;

	for (int place = 1; place <= app.n && n < 24; place += apart, n++) {
		shelf_look_after_walk(&bench, &app, place);
		readers[n_readers] = cache_bench_patient(&bench);
		shelf_get(&bench, &app, place, &readers[n_readers++].asker);
		if (n_readers == at_a_time)
			answer_all();
	}
	answer_all();
	assert_in_range(asked(), n, n + 100);
}

static void they_may_be_told_to_read_little(void **state)
{
	(void)state;
	several_that_read_here_and_there_leave_one_call_unread(40, 8);
}

static void two_at_a_time_may_be_told_to_read_little(void **state)
{
	(void)state;
	several_that_read_here_and_there_leave_one_call_unread(40, 2);
}

static void far_apart_they_may_be_told_to_read_little(void **state)
{
	(void)state;
	several_that_read_here_and_there_leave_one_call_unread(120, 8);
}

static void programs_that_nobody_told_have_one_call_together(void **state)
{
	(void)state;
	for (int place = 101; place <= 110; place++) {
		shelf_look(&bench, &app, place);
		wait_for(place, 0);
	}
	assert_in_range(asked(), 10, 11 + 100);
	answer_all();
}

/* Threads of a walker begin there, and each goes down to the next; all wait at the same time. */
static unsigned misses_of_threads_that_go_down(const int *begin, int n)
{
	int at[READERS_MAX], waiting = 0;
	unsigned misses = 0;

	for (int i = 0; i < n; i++)
		at[i] = begin[i];
	do {
		answer_all();
		waiting = 0;
		for (int i = 0; i < n; i++) {
			int last = i ? begin[i - 1] : 0;
			unsigned before = asked();

			while (at[i] > last) {
				struct patient *reader = &readers[n_readers];

				shelf_look(&bench, &app, at[i]);
				*reader = cache_bench_patient(&bench);
				reader->asker.reader.walked = 1;
				if (shelf_get(&bench, &app, at[i], &reader->asker) == CACHE_WAIT)
					break;
				cache_bench_release(&bench, reader);
				at[i]--;
			}
			waiting += at[i] > last;
			n_readers += at[i] > last;
			misses += asked() > before;
		}
	} while (waiting);
	return misses;
}

static void threads_that_go_the_other_way_are_not_left_alone(void **state)
{
	static const int begin[] = {500, 520, 540, 560}, close[] = {500, 505, 510};

	(void)state;
	assert_in_range(misses_of_threads_that_go_down(begin, 4), 1, 40);
	shelf_restart(CALLS, 64 << 20);
	shelf_list(&bench, &app);
	assert_in_range(misses_of_threads_that_go_down(close, 3), 1, 40);
}

static void what_was_left_out_comes_with_its_neighbours_on_both_sides(void **state)
{
	(void)state;
	for (int place = 960; place <= 962; place++)
		shelf_read(&bench, &app, place);
	walker_waits_for(971);
	assert_all_were_asked_for_once(960, app.n);
	walker_waits_for(940);
	assert_all_were_asked_for_once(860, app.n);
	assert_in_range(asked(), 141, 145); /* before the first one, too */
	answer_all();
}

static void without_a_walk_they_are_two_that_read_here_and_there(void **state)
{
	(void)state;
	shelf_look(&bench, &app, 1);
	wait_for(1, 0);
	shelf_look(&bench, &app, 51);
	wait_for(51, 0);
	assert_int_equal(asked(), 2);
	answer_all();
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(each_that_waits_has_a_full_call),
	        cmocka_unit_test_fixture(it_counts_once_however_often_it_asks),
	        cmocka_unit_test_fixture(who_was_killed_waits_no_more),
	        cmocka_unit_test_fixture(the_second_neighbour_after_a_walk_gets_a_full_call),
	        cmocka_unit_test_fixture(here_and_there_after_a_walk_fetches_itself),
	        cmocka_unit_test_fixture(what_was_walked_through_is_met_anew_each_time),
	        cmocka_unit_test_fixture(two_at_a_time_after_a_walk_are_told_by_it),
	        cmocka_unit_test_fixture(once_two_neighbours_were_read_each_has_a_full_call),
	        cmocka_unit_test_fixture(they_may_be_told_to_read_little),
	        cmocka_unit_test_fixture(two_at_a_time_may_be_told_to_read_little),
	        cmocka_unit_test_fixture(far_apart_they_may_be_told_to_read_little),
	        cmocka_unit_test_fixture(programs_that_nobody_told_have_one_call_together),
	        cmocka_unit_test_fixture(threads_that_go_the_other_way_are_not_left_alone),
	        cmocka_unit_test_fixture(what_was_left_out_comes_with_its_neighbours_on_both_sides),
	        cmocka_unit_test_fixture(without_a_walk_they_are_two_that_read_here_and_there),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
