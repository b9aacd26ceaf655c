/* What is not fetched ahead, and what comes of it when that fails. */
#include "cache/readahead.h"
#include "tests/unit/shelf.h"

#include <string.h>

#define tear_down shelf_tear_down

#define CALLS 8

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

static enum cache_answer get(struct patient *patient, int place)
{
	return shelf_get(&bench, &app, place, &patient->asker);
}

/* Reads the first, and asks for the second and so for the nine behind it, which are under way. */
static void ask_for_eleven(struct patient *patient)
{
	shelf_list(&bench, &app);
	shelf_read(&bench, &app, 1);
	shelf_look(&bench, &app, 2);
	*patient = cache_bench_patient(&bench);
	assert_int_equal(get(patient, 2), CACHE_WAIT);
	assert_int_equal(asked(), 11);
}

/* All eleven have come, but for the fifth, which came to this. */
static void fetch_eleven(enum status fifth)
{
	struct patient patient;

	ask_for_eleven(&patient);
	fake_source_manifest_of(&bench.source, shelf_digit(&app, 5), fifth, "{}");
	fake_source_manifests(&bench.source, SIZE_MAX, STATUS_OK, "{}");
	cache_bench_run(&bench);
	assert_int_equal(get(&patient, 2), CACHE_FOUND);
	cache_bench_release(&bench, &patient);
}

static void who_wants_what_is_under_way_waits_for_it(void **state)
{
	struct patient first, second;

	(void)state;
	ask_for_eleven(&first);
	second = cache_bench_patient(&bench);
	assert_int_equal(get(&second, 5), CACHE_WAIT);
	assert_int_equal(asked(), 11);
	fake_source_manifest_of(&bench.source, shelf_digit(&app, 5), STATUS_OK, "{}");
	cache_bench_run(&bench);
	assert_int_equal(second.woken, 1);
	assert_int_equal(first.woken, 0);
	assert_int_equal(get(&second, 5), CACHE_FOUND);
	cache_bench_release(&bench, &first);
	cache_bench_release(&bench, &second);
}

static void nobody_need_wait_for_what_is_under_way(void **state)
{
	struct patient patient;

	(void)state;
	ask_for_eleven(&patient);
	cache_bench_release(&bench, &patient); /* killed */
	fake_source_manifests(&bench.source, SIZE_MAX, STATUS_OK, "{}");
	cache_bench_run(&bench);
	shelf_read(&bench, &app, 2);
	assert_int_equal(shelf_asked(&bench, &app, 2), 1);
}

static void a_failure_concerns_its_reader_alone(void **state)
{
	struct patient patient;

	(void)state;
	fetch_eleven(STATUS_WRONG_BYTES);
	shelf_read(&bench, &app, 3);
	shelf_read(&bench, &app, 4);
	shelf_look(&bench, &app, 5);
	patient = cache_bench_patient(&bench);
	assert_int_equal(get(&patient, 5), CACHE_WAIT); /* it is asked for again */
	fake_source_manifest_of(&bench.source, shelf_digit(&app, 5), STATUS_WRONG_BYTES, NULL);
	cache_bench_run(&bench);
	assert_int_equal(get(&patient, 5), CACHE_FAILED);
	cache_bench_release(&bench, &patient);
	shelf_read(&bench, &app, 6);
	assert_int_equal(shelf_asked(&bench, &app, 6), 1);
}

static void so_does_an_absence(void **state)
{
	struct asker asker;

	(void)state;
	fetch_eleven(STATUS_ABSENT);
	asker = cache_bench_hasty(&bench);
	assert_int_equal(shelf_get(&bench, &app, 5, &asker), CACHE_ABSENT);
	for (int place = 6; place <= 11; place++)
		shelf_read(&bench, &app, place);
	assert_int_equal(shelf_asked(&bench, &app, 5), 1);
}

static void a_denial_is_asked_for_once(void **state)
{
	(void)state;
	shelf_list(&bench, &app);
	for (int place = 1; place <= app.n; place++) {
		struct patient patient;

		shelf_look(&bench, &app, place);
		patient = cache_bench_patient(&bench);
		get(&patient, place);
		fake_source_manifests(&bench.source, SIZE_MAX, STATUS_DENIED, NULL);
		cache_bench_run(&bench);
		assert_int_equal(get(&patient, place), CACHE_FAILED);
		cache_bench_release(&bench, &patient);
	}
	for (int place = 1; place <= app.n; place++)
		assert_int_equal(shelf_asked(&bench, &app, place), 1);
}

static void archived_images_are_left_out(void **state)
{
	struct patient patient;

	(void)state;
	app.archived_every = 10;
	shelf_list(&bench, &app);
	for (int place = 1; place < 300; place++)
		if (place % 10)
			shelf_read(&bench, &app, place);
	for (int place = 10; place <= app.n; place += 10)
		assert_int_equal(shelf_asked(&bench, &app, place), 0);
	shelf_look(&bench, &app, 300);
	patient = cache_bench_patient(&bench);
	get(&patient, 300);
	assert_int_equal(shelf_asked(&bench, &app, 300), 1);
	cache_bench_release(&bench, &patient);
}

static void a_digest_of_many_tags_is_fetched_once(void **state)
{
	(void)state;
	app.n_digests = 300;
	shelf_list(&bench, &app);
	for (int place = 1; place <= app.n; place++)
		shelf_read(&bench, &app, place);
	assert_int_equal(asked(), 300);
	for (int place = 1; place <= 300; place++)
		assert_int_equal(shelf_asked(&bench, &app, place), 1);
}

/* The listing takes its part, and so do those that were read. */
static void a_quarter_of_the_memory_is_the_most(void **state)
{
	static char text[4097];
	size_t max_bytes = 400 << 10;

	(void)state;
	shelf_restart(CALLS, max_bytes);
	memset(text, 'x', sizeof(text) - 1);
	app.n = 200;
	shelf_list(&bench, &app);
	for (int place = 1; place <= app.n; place++) {
		shelf_read_text(&bench, &app, place, text);
		if (place > 2)
			assert_true((asked() - (unsigned)place) * 4096 <= max_bytes / 4);
	}
	for (int place = 1; place <= app.n; place++)
		assert_int_equal(shelf_asked(&bench, &app, place), 1);
}

static void the_smallest_cache_gives_up_at_once(void **state)
{
	(void)state;
	shelf_restart(CALLS, 1000);
	app.n = 50;
	shelf_list(&bench, &app);
	for (int place = 1; place <= app.n; place++)
		shelf_read_text(&bench, &app, place, "a text of some length, as manifests have");
	assert_in_range(asked(), 50, 60);
}

/* What is read ahead goes before it is used, since the listing stays. */
static void where_the_listing_fills_the_memory_it_gives_up(void **state)
{
	(void)state;
	shelf_restart(CALLS, 100 << 10);
	shelf_list(&bench, &app);
	for (int place = 1; place <= app.n; place++)
		shelf_read(&bench, &app, place);
	assert_in_range(asked(), app.n, app.n + 100);
}

/* Their bytes are gone, but who asks for sizes needs none. */
static void sizes_that_are_known_fetch_nothing(void **state)
{
	static char text[1025];
	struct digest digest;
	size_t size;

	(void)state;
	shelf_restart(CALLS, 400 << 10);
	memset(text, 'x', sizeof(text) - 1);
	app.n = 400;
	shelf_list(&bench, &app);
	for (int place = 1; place <= app.n; place++)
		shelf_read_text(&bench, &app, place, text);
	for (int place = 1; place <= app.n; place++) {
		shelf_look(&bench, &app, place);
		digest = fake_digest(shelf_digit(&app, place));
		assert_true(cache_manifest_size(bench.cache, &bench.registry, app.repository,
		                                &digest, &size));
		cache_bench_run(&bench);
	}
	assert_int_equal(asked(), app.n);
}

static void without_memory_nothing_is_fetched_ahead(void **state)
{
	struct patient patient;

	(void)state;
	shelf_list(&bench, &app);
	shelf_read(&bench, &app, 1);
	shelf_look(&bench, &app, 2);
	bench.source.refuses = true;
	patient = cache_bench_patient(&bench);
	get(&patient, 2);
	cache_bench_run(&bench);
	assert_int_equal(get(&patient, 2), CACHE_FAILED);
	cache_bench_release(&bench, &patient);
	bench.source.refuses = false;
	for (int place = 1; place <= app.n; place++)
		shelf_read(&bench, &app, place);
	for (int place = 1; place <= app.n; place++)
		assert_int_equal(shelf_asked(&bench, &app, place), 1);
}

static void a_question_that_lasts_keeps_its_room(void **state)
{
	struct patient patient;

	(void)state;
	ask_for_eleven(&patient);
	for (int place = 3; place <= 60; place++) {
		struct patient other;

		shelf_look(&bench, &app, place);
		other = cache_bench_patient(&bench);
		assert_int_equal(get(&other, place), CACHE_WAIT);
		cache_bench_release(&bench, &other);
	}
	assert_in_range(asked(), 60, 60 + 100);
	cache_bench_release(&bench, &patient);
}

static void a_new_listing_does_not_disturb(void **state)
{
	(void)state;
	shelf_list(&bench, &app);
	for (int place = 1; place <= app.n; place++) {
		if (place % 100 == 50) {
			cache_bench_pass(&bench, TTL_NS / 4);
			shelf_list(&bench, &app);
		}
		shelf_read(&bench, &app, place);
	}
	for (int place = 1; place <= app.n; place++)
		assert_int_equal(shelf_asked(&bench, &app, place), 1);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(who_wants_what_is_under_way_waits_for_it),
	        cmocka_unit_test_fixture(nobody_need_wait_for_what_is_under_way),
	        cmocka_unit_test_fixture(a_failure_concerns_its_reader_alone),
	        cmocka_unit_test_fixture(so_does_an_absence),
	        cmocka_unit_test_fixture(a_denial_is_asked_for_once),
	        cmocka_unit_test_fixture(archived_images_are_left_out),
	        cmocka_unit_test_fixture(a_digest_of_many_tags_is_fetched_once),
	        cmocka_unit_test_fixture(a_quarter_of_the_memory_is_the_most),
	        cmocka_unit_test_fixture(the_smallest_cache_gives_up_at_once),
	        cmocka_unit_test_fixture(where_the_listing_fills_the_memory_it_gives_up),
	        cmocka_unit_test_fixture(sizes_that_are_known_fetch_nothing),
	        cmocka_unit_test_fixture(without_memory_nothing_is_fetched_ahead),
	        cmocka_unit_test_fixture(a_question_that_lasts_keeps_its_room),
	        cmocka_unit_test_fixture(a_new_listing_does_not_disturb),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
