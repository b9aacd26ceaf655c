/* What a stream of accesses earns, and when it is over. */
#include "cache/streams.h"
#include "tests/unit/unit_test.h"

#include <stdio.h>
#include <string.h>

#define START_NS (1000 * NS_PER_S)
#define IDLE_NS  (30 * NS_PER_S)

static struct registry registry, other_registry;
static struct streams streams;
static uint64_t now_ns;

static int set_up(void **state)
{
	(void)state;
	streams = (struct streams){0};
	now_ns = START_NS;
	return 0;
}

static struct place place_in(const char *repository, uint64_t sequence)
{
	return (struct place){
	        .registry = &registry,
	        .repository = repository,
	        .listing = CACHE_TAGS,
	        .sequence = sequence,
	};
}

static struct stream *begin(const char *repository, uint64_t sequence)
{
	struct place place = place_in(repository, sequence);
	struct stream *stream = streams_begin(&streams, &place, now_ns);

	assert_non_null(stream);
	return stream;
}

/* A stream that has read `accesses` manifests, one behind the other, the first of them at `at`. */
static struct stream *read_up(uint64_t at, unsigned accesses)
{
	struct stream *stream = begin("team/app", at);

	for (unsigned i = 1; i < accesses; i++)
		stream_step(stream, at + i, now_ns);
	return stream;
}

static void walk(struct stream *stream, const char *repository)
{
	struct place place = place_in(repository, 1);

	streams_walk(&streams, stream, &place, 1, 1, now_ns);
}

static bool is_in(const struct stream *stream, const char *repository)
{
	struct place place = place_in(repository, 1);

	return stream_is_in(stream, &place, now_ns);
}

static void the_window_grows_with_each_access(void **state)
{
	struct stream *stream = begin("team/app", 500);

	(void)state;
	assert_int_equal(stream_window(stream), 1);
	stream_step(stream, 501, now_ns);
	assert_int_equal(stream_window(stream), 10);
	stream_step(stream, 502, now_ns);
	assert_int_equal(stream_window(stream), 100);
	for (uint64_t at = 503; at < 1500; at++)
		stream_step(stream, at, now_ns);
	assert_int_equal(stream_window(stream), 100);
}

static void full_calls_take_three_accesses(void **state)
{
	(void)state;
	assert_false(stream_is_streaming(read_up(500, 1)));
	assert_false(stream_is_streaming(read_up(500, 2)));
	assert_true(stream_is_streaming(read_up(500, 3)));
}

static void at_first_little_may_be_fetched_ahead(void **state)
{
	(void)state;
	assert_int_equal(stream_allowance(read_up(1, 3), 8), 100);
	assert_int_equal(stream_allowance(read_up(1, 349), 8), 100);
}

static void later_two_full_calls_for_each_that_may_fly(void **state)
{
	(void)state;
	assert_int_equal(stream_allowance(read_up(1, 350), 8), 1400);
	assert_int_equal(stream_allowance(read_up(1, 400), 8), 1600);
	assert_int_equal(stream_allowance(read_up(1, 5000), 3), 600);
	assert_int_equal(stream_allowance(read_up(1, 5000), 1), 200);
}

static void note_reader(struct stream *stream, unsigned walked, bool may_be_cut_off)
{
	const struct reader reader = {.walked = walked, .may_be_cut_off = may_be_cut_off};

	stream_note_reader(stream, &reader);
}

static void who_would_know_its_end_has_four_times_what_it_has_read(void **state)
{
	struct stream *stream = read_up(1, 3);

	(void)state;
	note_reader(stream, 0, false);
	assert_int_equal(stream_allowance(stream, 8), 100);
	stream = read_up(1000, 99);
	note_reader(stream, 0, false);
	assert_int_equal(stream_allowance(stream, 8), 100);
	stream = read_up(1500, 100);
	note_reader(stream, 0, false);
	assert_int_equal(stream_allowance(stream, 8), 400);
	assert_int_equal(stream_allowance(stream, 1), 200);
	note_reader(stream, 0, true);
	assert_int_equal(stream_allowance(stream, 8), 100);
	stream = read_up(2000, 1000);
	note_reader(stream, 0, false);
	assert_int_equal(stream_allowance(stream, 8), 1600);
}

static void who_goes_from_image_to_image_begins_with_full_calls(void **state)
{
	struct stream *stream = begin("team/app", 500);

	(void)state;
	assert_int_equal(stream_window(stream), 1);
	note_reader(stream, 1, true);
	assert_int_equal(stream_window(stream), 100);
	assert_true(stream_is_streaming(stream));
	assert_int_equal(stream_allowance(stream, 8), 100);
}

static void what_a_walker_has_read_elsewhere_counts(void **state)
{
	struct stream *stream = begin("team/app", 500);

	(void)state;
	note_reader(stream, 349, true);
	assert_int_equal(stream_allowance(stream, 8), 100);
	note_reader(stream, 350, true);
	assert_int_equal(stream_allowance(stream, 8), 1400);
}

static void the_next_access_is_within_two_places(void **state)
{
	const struct stream *stream = begin("team/app", 500);

	(void)state;
	assert_int_equal(stream_reach(stream), 2);
	assert_true(stream_reaches(stream, 501));
	assert_true(stream_reaches(stream, 502));
	assert_false(stream_reaches(stream, 503));
	assert_true(stream_reaches(stream, 499));
	assert_true(stream_reaches(stream, 498));
	assert_false(stream_reaches(stream, 497));
	assert_false(stream_reaches(stream, 0));
}

static void places_at_the_start_have_few_before_them(void **state)
{
	const struct stream *stream = begin("team/app", 1);

	(void)state;
	assert_true(stream_reaches(stream, 2));
	assert_false(stream_reaches(stream, UINT64_MAX));
}

static void threads_of_a_stream_are_within_64_places(void **state)
{
	const struct stream *stream = read_up(500, 3);

	(void)state;
	assert_int_equal(stream_reach(stream), 64);
	assert_true(stream_reaches(stream, 502 + 64));
	assert_false(stream_reaches(stream, 502 + 65));
	assert_true(stream_reaches(stream, 502 - 64));
	assert_false(stream_reaches(stream, 502 - 65));
}

static void the_direction_is_that_of_the_accesses(void **state)
{
	struct stream *up = begin("a", 500), *down = begin("b", 500);

	(void)state;
	assert_int_equal(up->direction, 0);
	stream_step(up, 502, now_ns);
	stream_step(down, 499, now_ns);
	assert_int_equal(up->direction, 1);
	assert_int_equal(down->direction, -1);
}

static void a_thread_that_lags_does_not_turn_the_stream(void **state)
{
	struct stream *stream = read_up(500, 20);

	(void)state;
	stream_step(stream, 515, now_ns);
	stream_step(stream, 520, now_ns);
	stream_step(stream, 516, now_ns);
	assert_int_equal(stream->direction, 1);
}

static void a_stream_is_in_one_listing(void **state)
{
	const struct stream *stream = begin("team/app", 500);
	struct place place = place_in("team/app", 501);

	(void)state;
	assert_true(stream_is_in(stream, &place, now_ns));
	place.listing = CACHE_DIGESTS;
	assert_false(stream_is_in(stream, &place, now_ns));
	place = place_in("team/ap", 501);
	assert_false(stream_is_in(stream, &place, now_ns));
	place = place_in("team/app", 501);
	place.registry = &other_registry;
	assert_false(stream_is_in(stream, &place, now_ns));
}

static void who_does_nothing_for_30_seconds_has_stopped(void **state)
{
	struct stream *stream = begin("team/app", 500);

	(void)state;
	now_ns += IDLE_NS - NS_PER_S;
	assert_true(stream_is_live(stream, now_ns));
	assert_true(is_in(stream, "team/app"));
	stream_step(stream, 501, now_ns);
	now_ns += IDLE_NS - NS_PER_S;
	assert_true(stream_is_live(stream, now_ns));
	now_ns += 2 * NS_PER_S;
	assert_false(stream_is_live(stream, now_ns));
	assert_false(is_in(stream, "team/app"));
}

static void a_free_stream_is_not_live(void **state)
{
	(void)state;
	assert_false(stream_is_live(&streams.streams[0], now_ns));
	assert_null(streams_find(&streams, 0));
}

static void each_stream_has_an_id_of_its_own(void **state)
{
	struct stream *first = begin("a", 1), *second = begin("a", 500);

	(void)state;
	assert_int_not_equal(first->id, second->id);
	assert_ptr_equal(streams_find(&streams, first->id), first);
	assert_ptr_equal(streams_find(&streams, second->id), second);
	assert_null(streams_find(&streams, second->id + 1));
}

static void the_one_idle_for_longest_makes_room(void **state)
{
	uint32_t ids[STREAMS_MAX];

	(void)state;
	for (unsigned i = 0; i < STREAMS_MAX; i++) {
		now_ns++;
		ids[i] = begin("team/app", 1000 * (i + 1))->id;
	}
	now_ns++;
	stream_step(streams_find(&streams, ids[0]), 1001, now_ns);
	begin("team/app", 100000);
	assert_null(streams_find(&streams, ids[1]));
	for (unsigned i = 0; i < STREAMS_MAX; i++)
		assert_true(i == 1 || streams_find(&streams, ids[i]));
}

static void a_new_stream_has_earned_nothing(void **state)
{
	(void)state;
	for (unsigned i = 0; i < STREAMS_MAX; i++) {
		struct stream *stream = read_up(1000 * (i + 1), 400);

		stream->unused = 7;
		now_ns++;
	}
	assert_int_equal(stream_window(begin("x", 1)), 1);
	assert_int_equal(begin("y", 1)->unused, 0);
	assert_int_equal(stream_repositories_ahead(begin("z", 1), 8), 0);
}

static void the_order_of_names_is_found_at_the_second_access(void **state)
{
	struct stream *stream = begin("team/app", 500);
	uint32_t id;

	(void)state;
	assert_false(stream->by_name);
	stream->unused = 99;
	id = stream->id;
	streams_turn_to_names(&streams, stream, 7);
	assert_int_equal(stream->unused, 0);
	assert_int_not_equal(stream->id, id);
	assert_ptr_equal(streams_find(&streams, stream->id), stream);
	stream_step(stream, 8, now_ns);
	assert_true(stream->by_name);
	assert_int_equal(stream->first, 7);
	assert_int_equal(stream->last, 8);
	assert_int_equal(stream->direction, 1);
	assert_int_equal(stream_window(stream), 10);
}

static void a_walk_keeps_what_was_earned(void **state)
{
	struct stream *stream = read_up(1, 400);

	(void)state;
	walk(stream, "team/web");
	assert_true(is_in(stream, "team/web"));
	assert_int_equal(stream_window(stream), 100);
	assert_int_equal(stream_allowance(stream, 8), 1600);
	assert_int_equal(stream->last, 1);
	assert_int_equal(stream->direction, 1);
}

static void who_has_not_come_so_far_has_a_stream_still(void **state)
{
	struct stream *stream = read_up(1, 50);
	const struct stream *left = NULL;

	(void)state;
	walk(stream, "team/web");
	for (unsigned i = 0; i < STREAMS_MAX; i++)
		if (streams.streams[i].id && is_in(&streams.streams[i], "team/app"))
			left = &streams.streams[i];
	assert_non_null(left);
	assert_ptr_not_equal(left, stream);
	assert_int_not_equal(left->id, stream->id);
	assert_true(stream_reaches(left, 49));
	assert_true(stream_is_streaming(left));
}

static void whoever_came_from_above_goes_on_after_two_repositories(void **state)
{
	static const struct reader from_above = {.walked = 1, .is_from_above = true};
	struct stream *stream = read_up(1, 50);

	(void)state;
	stream_note_reader(stream, &from_above);
	assert_int_equal(stream_repositories_ahead(stream, 8), 0);
	walk(stream, "team/b");
	assert_in_range(stream_repositories_ahead(stream, 8), 1, 9);
	assert_in_range(stream_repositories_ahead(stream, 1), 1, 2);
	note_reader(stream, 0, true); /* this one is on no walk */
	assert_in_range(stream_repositories_ahead(stream, 8), 1, 9);
	note_reader(stream, 1, true); /* this one began where it is */
	assert_int_equal(stream_repositories_ahead(stream, 8), 0);
}

static void others_go_on_after_three(void **state)
{
	struct stream *stream = read_up(1, 50);

	(void)state;
	assert_int_equal(stream_repositories_ahead(stream, 8), 0);
	walk(stream, "team/b");
	assert_int_equal(stream_repositories_ahead(stream, 8), 0);
	walk(stream, "team/c");
	assert_in_range(stream_repositories_ahead(stream, 8), 1, 9);
	for (char name[] = "team/d"; name[5] <= 'z'; name[5]++)
		walk(stream, name);
	assert_in_range(stream_repositories_ahead(stream, 8), 8, 9);
	assert_in_range(stream_repositories_ahead(stream, 1), 1, 2);
}

static void only_where_it_has_walked(void **state)
{
	struct stream *stream = read_up(1, 50);

	(void)state;
	walk(stream, "team/apt");
	assert_true(stream_has_in_reach(stream, "team/apu"));
	assert_true(stream_has_in_reach(stream, "team/zoo/inner"));
	assert_false(stream_has_in_reach(stream, "teams/app"));
	assert_false(stream_has_in_reach(stream, "tea"));
	assert_false(stream_has_in_reach(stream, "zoo"));
}

static void a_walk_through_all_may_come_anywhere(void **state)
{
	struct stream *stream = read_up(1, 50);

	(void)state;
	walk(stream, "team/web");
	walk(stream, "tools");
	assert_true(stream_has_in_reach(stream, "zoo"));
	assert_true(stream_has_in_reach(stream, "a/b/c"));
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(the_window_grows_with_each_access, set_up),
	        cmocka_unit_test_setup(full_calls_take_three_accesses, set_up),
	        cmocka_unit_test_setup(at_first_little_may_be_fetched_ahead, set_up),
	        cmocka_unit_test_setup(later_two_full_calls_for_each_that_may_fly, set_up),
	        cmocka_unit_test_setup(who_would_know_its_end_has_four_times_what_it_has_read,
	                               set_up),
	        cmocka_unit_test_setup(who_goes_from_image_to_image_begins_with_full_calls, set_up),
	        cmocka_unit_test_setup(what_a_walker_has_read_elsewhere_counts, set_up),
	        cmocka_unit_test_setup(the_next_access_is_within_two_places, set_up),
	        cmocka_unit_test_setup(places_at_the_start_have_few_before_them, set_up),
	        cmocka_unit_test_setup(threads_of_a_stream_are_within_64_places, set_up),
	        cmocka_unit_test_setup(the_direction_is_that_of_the_accesses, set_up),
	        cmocka_unit_test_setup(a_thread_that_lags_does_not_turn_the_stream, set_up),
	        cmocka_unit_test_setup(a_stream_is_in_one_listing, set_up),
	        cmocka_unit_test_setup(who_does_nothing_for_30_seconds_has_stopped, set_up),
	        cmocka_unit_test_setup(a_free_stream_is_not_live, set_up),
	        cmocka_unit_test_setup(each_stream_has_an_id_of_its_own, set_up),
	        cmocka_unit_test_setup(the_one_idle_for_longest_makes_room, set_up),
	        cmocka_unit_test_setup(a_new_stream_has_earned_nothing, set_up),
	        cmocka_unit_test_setup(the_order_of_names_is_found_at_the_second_access, set_up),
	        cmocka_unit_test_setup(a_walk_keeps_what_was_earned, set_up),
	        cmocka_unit_test_setup(who_has_not_come_so_far_has_a_stream_still, set_up),
	        cmocka_unit_test_setup(whoever_came_from_above_goes_on_after_two_repositories,
	                               set_up),
	        cmocka_unit_test_setup(others_go_on_after_three, set_up),
	        cmocka_unit_test_setup(only_where_it_has_walked, set_up),
	        cmocka_unit_test_setup(a_walk_through_all_may_come_anywhere, set_up),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
