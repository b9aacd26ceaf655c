/* What is fetched before it is asked for, in one repository. */
#include "cache/readahead.h"
#include "tests/unit/shelf.h"

#include <string.h>

#define tear_down shelf_tear_down

#define CALLS 4

/* So many on the other side of the first access may be another thread's, and are fetched, too. */
#define BEHIND 16

static struct shelf app;

static int set_up(void **state)
{
	(void)state;
	app = (struct shelf){.repository = "team/app", .n = SHELF_MAX};
	shelf_restart(CALLS, 64 << 20);
	return 0;
}

static unsigned asked(void)
{
	return bench.source.asked[FAKE_FETCH_MANIFEST];
}

static void read_places(int from, int to)
{
	int step = from < to ? 1 : -1;

	for (int place = from; place != to + step; place += step)
		shelf_read(&bench, &app, place);
}

static void read_ranks(int from, int to)
{
	int step = from < to ? 1 : -1;

	for (int rank = from; rank != to + step; rank += step)
		shelf_read(&bench, &app, shelf_place(&app, rank));
}

static void assert_each_was_asked_for(unsigned times)
{
	for (int place = 1; place <= app.n; place++)
		assert_int_equal(shelf_asked(&bench, &app, place), times);
}

/* Those between the two places, and no others. */
static void assert_only_these_were_asked_for(int first, int last)
{
	for (int place = 1; place <= app.n; place++)
		assert_int_equal(shelf_asked(&bench, &app, place), place >= first && place <= last);
}

static void looking_fetches_nothing(void **state)
{
	(void)state;
	shelf_list(&bench, &app);
	for (int place = 1; place <= app.n; place++)
		shelf_look(&bench, &app, place);
	assert_int_equal(asked(), 0);
}

static void the_first_access_fetches_itself(void **state)
{
	(void)state;
	shelf_list(&bench, &app);
	read_places(500, 500);
	assert_int_equal(asked(), 1);
}

static void the_second_one_fetches_ten_and_the_next_miss_a_hundred(void **state)
{
	(void)state;
	shelf_list(&bench, &app);
	read_places(500, 501);
	assert_only_these_were_asked_for(500, 510);
	read_places(502, 509);
	assert_int_equal(asked(), 11);
	read_places(510, 511);
	assert_in_range(asked(), 111, 112);
}

static void each_is_fetched_once(void **state)
{
	(void)state;
	shelf_list(&bench, &app);
	read_places(1, app.n);
	assert_each_was_asked_for(1);
}

static void it_goes_backwards_as_well(void **state)
{
	(void)state;
	shelf_list(&bench, &app);
	read_places(900, 899);
	assert_only_these_were_asked_for(890, 900);
	read_places(898, 1);
	assert_in_range(asked(), 900, 900 + BEHIND);
	for (int place = 1; place <= 900; place++)
		assert_int_equal(shelf_asked(&bench, &app, place), 1);
}

static void shells_read_in_the_order_of_names(void **state)
{
	(void)state;
	shelf_list(&bench, &app);
	read_ranks(300, 301);
	assert_int_equal(asked(), 11);
	for (int rank = 300; rank <= 310; rank++)
		assert_int_equal(shelf_asked(&bench, &app, shelf_place(&app, rank)), 1);
	read_ranks(302, app.n - 1);
	assert_in_range(asked(), app.n - 300, app.n - 300 + BEHIND);
}

static void or_backwards_in_it(void **state)
{
	(void)state;
	shelf_list(&bench, &app);
	read_ranks(app.n - 1, app.n - 2);
	for (int rank = app.n - 11; rank < app.n; rank++)
		assert_int_equal(shelf_asked(&bench, &app, shelf_place(&app, rank)), 1);
	assert_int_equal(asked(), 11);
	read_ranks(app.n - 3, 0);
	assert_each_was_asked_for(1);
}

static void little_lies_unused_at_first_and_more_later(void **state)
{
	unsigned most = 0;

	(void)state;
	shelf_list(&bench, &app);
	for (unsigned i = 1; i < 350; i++) {
		read_places((int)i, (int)i);
		assert_true(asked() - i <= 100);
	}
	for (unsigned i = 350; i <= (unsigned)app.n; i++) {
		read_places((int)i, (int)i);
		most = asked() - i > most ? asked() - i : most;
	}
	assert_in_range(most, 101, 2 * CALLS * 100);
	assert_each_was_asked_for(1);
}

static void who_has_earned_it_never_comes_to_the_end_of_what_is_fetched(void **state)
{
	(void)state;
	shelf_list(&bench, &app);
	for (unsigned i = 1; asked() < (unsigned)app.n; i++) {
		read_places((int)i, (int)i);
		if (i > 400)
			assert_true(asked() - i > CALLS * 100);
	}
}

static void one_connection_is_two_calls_ahead(void **state)
{
	(void)state;
	shelf_restart(1, 64 << 20);
	shelf_list(&bench, &app);
	for (int i = 1; i <= app.n; i++) {
		read_places(i, i);
		assert_true(asked() - (unsigned)i <= (i < 350 ? 100 : 200));
	}
	assert_each_was_asked_for(1);
}

/* A program that has gone through so many images comes to this one. */
static void come_to(int place, unsigned walked)
{
	struct patient walker = cache_bench_patient(&bench);

	shelf_look(&bench, &app, place);
	walker.asker.reader.walked = walked;
	assert_int_equal(shelf_get(&bench, &app, place, &walker.asker), CACHE_WAIT);
	cache_bench_run(&bench);
	cache_bench_release(&bench, &walker);
}

static void who_goes_from_image_to_image_gets_a_full_call_at_once(void **state)
{
	(void)state;
	shelf_list(&bench, &app);
	come_to(1, 1);
	assert_int_equal(asked(), 100);
	for (int place = 1; place <= 100; place++)
		assert_int_equal(shelf_asked(&bench, &app, place), 1);
	shelf_answer_all(&bench);
}

static void where_it_does_not_tell_its_direction_it_gets_both_sides(void **state)
{
	(void)state;
	shelf_list(&bench, &app);
	come_to(app.n - 9, 1);
	assert_int_equal(asked(), 100);
	assert_int_equal(shelf_asked(&bench, &app, app.n), 1);
	assert_int_equal(shelf_asked(&bench, &app, app.n - 99), 1);
	shelf_answer_all(&bench);
}

static void threads_may_overtake_each_other(void **state)
{
	(void)state;
	shelf_list(&bench, &app);
	read_places(1, 4);
	for (int i = 4; i + 16 <= app.n; i += 16)
		for (int j = 0; j < 16; j++)
			read_places(i + 1 + j * 5 % 16, i + 1 + j * 5 % 16);
	for (int place = 1; place <= app.n - 16; place++)
		assert_int_equal(shelf_asked(&bench, &app, place), 1);
}

static void a_jump_fetches_itself(void **state)
{
	unsigned before;

	(void)state;
	shelf_list(&bench, &app);
	read_places(1, 50);
	before = asked();
	read_places(800, 800);
	assert_int_equal(asked(), before + 1);
	read_places(700, 700);
	assert_int_equal(asked(), before + 2);
	read_places(701, 701);
	assert_int_equal(asked(), before + 12);
}

static void places_far_apart_are_fetched_alone(void **state)
{
	static const int places[] = {17, 950, 411, 640, 205, 788, 333};
	size_t n = sizeof(places) / sizeof(*places);

	(void)state;
	shelf_list(&bench, &app);
	for (size_t i = 0; i < n; i++)
		read_places(places[i], places[i]);
	assert_int_equal(asked(), n);
}

static void one_read_again_and_again_is_one(void **state)
{
	(void)state;
	shelf_list(&bench, &app);
	for (int i = 0; i < 10; i++)
		read_places(500, 500);
	assert_int_equal(asked(), 1);
}

static void two_that_are_read_by_turns_are_two(void **state)
{
	(void)state;
	shelf_list(&bench, &app);
	for (int i = 0; i < 400; i++) {
		read_places(500, 500);
		read_places(900, 900);
	}
	assert_int_equal(asked(), 2);
}

/* Two neighbours are no walk, however often they are read. */
static void two_neighbours_read_by_turns_fetch_little(void **state)
{
	(void)state;
	shelf_list(&bench, &app);
	for (int i = 0; i < 400; i++) {
		read_places(500, 500);
		read_places(501, 501);
	}
	assert_in_range(asked(), 2, 111);
}

static void who_pauses_for_long_begins_anew(void **state)
{
	(void)state;
	shelf_list(&bench, &app);
	read_places(500, 500);
	cache_bench_pass(&bench, 31 * NS_PER_S);
	read_places(501, 501);
	assert_int_equal(asked(), 2);
	read_places(502, 502);
	assert_int_equal(asked(), 12);
}

static void what_is_in_no_listing_is_fetched_alone(void **state)
{
	(void)state;
	for (int place = 1; place <= 20; place++)
		shelf_read(&bench, &app, place);
	assert_int_equal(asked(), 20);
}

static void without_reading_ahead_each_is_fetched_alone(void **state)
{
	(void)state;
	shelf_restart(0, 64 << 20);
	shelf_list(&bench, &app);
	for (int place = 1; place <= 300; place++) {
		read_places(place, place);
		assert_int_equal(asked(), place);
	}
}

static void digests_are_read_ahead_as_well(void **state)
{
	(void)state;
	app.listing = CACHE_DIGESTS;
	shelf_list(&bench, &app);
	read_places(1, 2);
	assert_only_these_were_asked_for(1, 11);
	read_places(3, app.n);
	assert_each_was_asked_for(1);
}

static void two_programs_have_a_stream_each(void **state)
{
	(void)state;
	shelf_list(&bench, &app);
	for (int i = 1; i <= app.n / 2; i++) {
		read_places(i, i);
		read_places(app.n + 1 - i, app.n + 1 - i);
	}
	assert_each_was_asked_for(1);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(looking_fetches_nothing),
	        cmocka_unit_test_fixture(the_first_access_fetches_itself),
	        cmocka_unit_test_fixture(the_second_one_fetches_ten_and_the_next_miss_a_hundred),
	        cmocka_unit_test_fixture(each_is_fetched_once),
	        cmocka_unit_test_fixture(it_goes_backwards_as_well),
	        cmocka_unit_test_fixture(shells_read_in_the_order_of_names),
	        cmocka_unit_test_fixture(or_backwards_in_it),
	        cmocka_unit_test_fixture(little_lies_unused_at_first_and_more_later),
	        cmocka_unit_test_fixture(
	                who_has_earned_it_never_comes_to_the_end_of_what_is_fetched),
	        cmocka_unit_test_fixture(one_connection_is_two_calls_ahead),
	        cmocka_unit_test_fixture(who_goes_from_image_to_image_gets_a_full_call_at_once),
	        cmocka_unit_test_fixture(where_it_does_not_tell_its_direction_it_gets_both_sides),
	        cmocka_unit_test_fixture(threads_may_overtake_each_other),
	        cmocka_unit_test_fixture(a_jump_fetches_itself),
	        cmocka_unit_test_fixture(places_far_apart_are_fetched_alone),
	        cmocka_unit_test_fixture(one_read_again_and_again_is_one),
	        cmocka_unit_test_fixture(two_that_are_read_by_turns_are_two),
	        cmocka_unit_test_fixture(two_neighbours_read_by_turns_fetch_little),
	        cmocka_unit_test_fixture(who_pauses_for_long_begins_anew),
	        cmocka_unit_test_fixture(what_is_in_no_listing_is_fetched_alone),
	        cmocka_unit_test_fixture(without_reading_ahead_each_is_fetched_alone),
	        cmocka_unit_test_fixture(digests_are_read_ahead_as_well),
	        cmocka_unit_test_fixture(two_programs_have_a_stream_each),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
