/* What the reading of a directory tells of manifests that were fetched ahead. */
#include "tests/unit/shelf.h"

#define tear_down shelf_tear_down

#define CALLS 2

/* Enough accesses for full calls. */
#define READ 400

static struct shelf app;

/* Somebody has read so many, and more is ahead. */
static int set_up_with(bool is_from_disk)
{
	app = (struct shelf){.repository = "team/app", .n = SHELF_MAX};
	shelf_restart(CALLS, 64 << 20);
	bench.source.source.answers_from_disk = is_from_disk;
	shelf_list(&bench, &app);
	for (int place = 1; place <= READ; place++)
		shelf_read(&bench, &app, place);
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	return set_up_with(true);
}

static unsigned asked(void)
{
	return bench.source.asked[FAKE_FETCH_MANIFEST];
}

static uint64_t used(void)
{
	struct cache_figures figures;

	cache_figures(bench.cache, &figures);
	return figures.events[CACHE_AHEAD_USED];
}

static void what_came_from_ecr_is_told_when_it_was_used(void **state)
{
	(void)state;
	shelf_answer_all(&bench);
	shelf_tear_down(state);
	set_up_with(false);
	assert_int_equal(shelf_asked(&bench, &app, READ + 1), 1);
	assert_true(shelf_tell(&bench, &app, READ));
	assert_false(shelf_tell(&bench, &app, READ + 1));
	shelf_read(&bench, &app, READ + 1);
	assert_true(shelf_tell(&bench, &app, READ + 1));
}

static void what_came_from_disk_is_told_at_once(void **state)
{
	(void)state;
	assert_int_equal(shelf_asked(&bench, &app, READ + 1), 1);
	assert_true(shelf_tell(&bench, &app, READ + 1));
}

static void what_is_not_here_is_not_told(void **state)
{
	(void)state;
	assert_int_equal(shelf_asked(&bench, &app, app.n), 0);
	assert_false(shelf_tell(&bench, &app, app.n));
}

/* Who goes through the directories without reading has nothing pulled, wherever what is there came
 * from. */
static void telling_fetches_nothing(void **state)
{
	unsigned before = asked();
	uint64_t used_before = used();

	(void)state;
	for (int place = READ + 1; place <= app.n; place++)
		shelf_tell(&bench, &app, place);
	assert_int_equal(asked(), before);
	assert_int_equal(used(), used_before);
}

static void who_is_told_and_then_reads_is_read_ahead_for(void **state)
{
	uint64_t used_before = used();

	(void)state;
	for (int place = READ + 1; place <= app.n; place++) {
		assert_true(shelf_tell(&bench, &app, place));
		shelf_read(&bench, &app, place);
	}
	for (int place = 1; place <= app.n; place++)
		assert_int_equal(shelf_asked(&bench, &app, place), 1);
	assert_int_equal(used() - used_before, app.n - READ);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(what_came_from_ecr_is_told_when_it_was_used),
	        cmocka_unit_test_fixture(what_came_from_disk_is_told_at_once),
	        cmocka_unit_test_fixture(what_is_not_here_is_not_told),
	        cmocka_unit_test_fixture(telling_fetches_nothing),
	        cmocka_unit_test_fixture(who_is_told_and_then_reads_is_read_ahead_for),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
