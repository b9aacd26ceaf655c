/* Several who read at the same time, and who reads what others have gone through. */
#include "tests/unit/shelf.h"

#define tear_down shelf_tear_down

#define CALLS       8
#define READERS_MAX 4

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
	reader->asker.walked = walked;
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

static void two_at_a_time_after_a_walk_are_told_by_it(void **state)
{
	(void)state;
	told_waits_for(1);
	told_waits_for(51);
	assert_int_equal(asked(), 1 + 100);
	told_waits_for(101);
	assert_int_equal(asked(), 1 + 200);
	answer_all();
}

static void assert_all_were_asked_for_once(int first, int last)
{
	for (int place = first; place <= last; place++)
		assert_int_equal(shelf_asked(&bench, &app, place), 1);
}

static void they_need_not_begin_in_their_order(void **state)
{
	(void)state;
	told_waits_for(51);
	told_waits_for(1);
	assert_int_equal(asked(), 1 + 100);
	told_waits_for(121);
	told_waits_for(101);
	assert_all_were_asked_for_once(1, 200);
	answer_all();
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

static void several_that_read_here_and_there_are_taken_for_that_once(void **state)
{
	(void)state;
	for (int i = 0; i < READERS_MAX; i++)
		told_waits_for(1 + 200 * i);
	assert_int_equal(asked(), 1 + 100 + 2);
	answer_all();
	for (int i = 0; i < READERS_MAX; i++)
		told_waits_for(130 + 200 * i);
	assert_int_equal(asked(), 1 + 100 + 2 + READERS_MAX);
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
	        cmocka_unit_test_fixture(they_need_not_begin_in_their_order),
	        cmocka_unit_test_fixture(what_was_left_out_comes_with_its_neighbours_on_both_sides),
	        cmocka_unit_test_fixture(without_a_walk_they_are_two_that_read_here_and_there),
	        cmocka_unit_test_fixture(several_that_read_here_and_there_are_taken_for_that_once),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
