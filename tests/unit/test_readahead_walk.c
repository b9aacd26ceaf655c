/* Reading ahead from repository to repository. */
#include "cache/readahead.h"
#include "cache/tree.h"
#include "tests/unit/shelf.h"

#include <string.h>

#define tear_down shelf_tear_down

#define CALLS 8
#define COUNT 8  /* repositories */
#define TAGS  50 /* in each */

static struct shelf shelves[COUNT];

/* So many repositories the reader had to list by itself. */
static unsigned listed_by_reader;

static int set_up(void **state)
{
	(void)state;
	shelf_restart(CALLS, 64 << 20);
	listed_by_reader = 0;
	return 0;
}

static unsigned asked(enum fake_kind kind)
{
	return bench.source.asked[kind];
}

/* The registry has these repositories, with blanks between. */
static void enter(const char *repositories)
{
	static char names[256];
	struct patient patient = cache_bench_patient(&bench);
	char text[256], *rest = names;

	assert_int_equal(cache_bench_list(&bench, &patient.asker, CACHE_COMPONENTS, "", text),
	                 CACHE_WAIT);
	fake_source_repositories(&bench.source, repositories, true);
	cache_bench_run(&bench);
	cache_bench_release(&bench, &patient);
	strcpy(names, repositories);
	for (int i = 0; i < COUNT; i++)
		shelves[i] = (struct shelf){
		        .repository = strsep(&rest, " "),
		        .first = i * 500,
		        .n = TAGS,
		};
}

/* What is asked about other repositories arrives. */
static void answer_listings(void)
{
	for (int i = 0; i < COUNT; i++)
		if (shelves[i].repository &&
		    fake_source_is_open(&bench.source, FAKE_LIST_IMAGES, shelves[i].repository))
			shelf_fill(&bench, &shelves[i]);
	fake_source_manifests(&bench.source, SIZE_MAX, STATUS_OK, "{}");
	cache_bench_run(&bench);
}

static void list(int i)
{
	unsigned before = asked(FAKE_LIST_IMAGES);

	shelf_list(&bench, &shelves[i]);
	listed_by_reader += asked(FAKE_LIST_IMAGES) - before;
}

/* Reads all of a repository, forwards or backwards, in the order of the listing or of names. */
static void read_all(int i, struct walk walk)
{
	list(i);
	for (int k = 0; k < TAGS; k++) {
		int at = walk.direction > 0 ? k : TAGS - 1 - k;

		shelf_read(&bench, &shelves[i],
		           walk.by_name ? shelf_place(&shelves[i], at) : at + 1);
		answer_listings();
	}
}

static void assert_each_was_asked_for_once(void)
{
	for (int i = 0; i < COUNT; i++)
		for (int place = 1; place <= TAGS; place++)
			assert_int_equal(shelf_asked(&bench, &shelves[i], place), 1);
	assert_int_equal(asked(FAKE_FETCH_MANIFEST), COUNT * TAGS);
}

static bool is_touched(int i)
{
	for (int place = 1; place <= TAGS; place++)
		if (shelf_asked(&bench, &shelves[i], place))
			return true;
	return false;
}

static void the_first_repository_leads_nowhere(void **state)
{
	(void)state;
	enter("aa bb cc dd ee ff gg hh");
	read_all(0, (struct walk){.direction = 1});
	assert_int_equal(asked(FAKE_LIST_IMAGES), 1);
	assert_int_equal(asked(FAKE_FETCH_MANIFEST), TAGS);
}

/* `diff -r aa bb` is told two repositories, and reads no third. */
static void neither_do_two(void **state)
{
	(void)state;
	enter("aa bb cc dd ee ff gg hh");
	for (int i = 0; i < 2; i++)
		read_all(i, (struct walk){.direction = 1});
	assert_int_equal(asked(FAKE_LIST_IMAGES), 2);
	assert_int_equal(asked(FAKE_FETCH_MANIFEST), 2 * TAGS);
}

/* The reader has read a directory above the repositories. */
static void come_from_above(void)
{
	bench.reader.walked = 1;
	bench.reader.is_from_above = true;
}

static void they_do_where_the_reader_came_from_above(void **state)
{
	(void)state;
	come_from_above();
	enter("aa bb cc dd ee ff gg hh");
	for (int i = 0; i < COUNT; i++)
		read_all(i, (struct walk){.direction = 1});
	assert_int_equal(listed_by_reader, 2);
	assert_each_was_asked_for_once();
}

/* As long as nobody reads on. */
static void a_listing_that_fails_is_asked_for_once(void **state)
{
	unsigned failed = 0;

	(void)state;
	come_from_above();
	enter("aa bb cc dd ee ff gg hh");
	read_all(0, (struct walk){.direction = 1});
	list(1);
	for (int place = 1; place <= 3; place++) {
		shelf_read(&bench, &shelves[1], place);
		fake_source_manifests(&bench.source, SIZE_MAX, STATUS_OK, "{}");
		cache_bench_run(&bench);
	}
	assert_true(fake_source_is_open(&bench.source, FAKE_LIST_IMAGES, NULL));
	while (failed < 2 * COUNT && fake_source_is_open(&bench.source, FAKE_LIST_IMAGES, NULL)) {
		fake_source_fail_listing(&bench.source, FAKE_LIST_IMAGES, STATUS_TIMED_OUT);
		cache_bench_pass(&bench, 1);
		cache_bench_run(&bench);
		failed++;
	}
	assert_in_range(failed, 1, COUNT - 2);
}

/* Answers for a walk through all of them, from the first of the listing or the last. */
static void walk_through_all(const char *repositories, struct walk walk)
{
	enter(repositories);
	for (int i = 0; i < COUNT; i++)
		read_all(walk.direction > 0 ? i : COUNT - 1 - i, walk);
	assert_int_equal(asked(FAKE_LIST_IMAGES), COUNT);
	assert_in_range(listed_by_reader, 3, 4);
	assert_each_was_asked_for_once();
}

static void behind_three_repositories_the_next_ones_are_listed_and_fetched(void **state)
{
	(void)state;
	walk_through_all("dd aa bb hh gg ee ff cc", (struct walk){.direction = 1});
}

static void backwards_as_well(void **state)
{
	(void)state;
	walk_through_all("dd aa bb hh gg ee ff cc", (struct walk){.direction = -1});
}

static void in_the_order_of_names_as_well(void **state)
{
	(void)state;
	walk_through_all("aa bb cc dd ee ff gg hh", (struct walk){.direction = 1, .by_name = true});
}

static void and_backwards_in_it(void **state)
{
	(void)state;
	walk_through_all("aa bb cc dd ee ff gg hh",
	                 (struct walk){.direction = -1, .by_name = true});
}

/* Shelves are in the order of the walk, which is not that of the listing. */
static void names_are_followed_where_they_are_listed_otherwise(void **state)
{
	static const int ranks[COUNT] = {1, 2, 7, 0, 5, 6, 4, 3};

	(void)state;
	enter("dd aa bb hh gg ee ff cc");
	for (int i = 0; i < COUNT; i++)
		read_all(ranks[i], (struct walk){.direction = 1, .by_name = true});
	assert_int_equal(asked(FAKE_LIST_IMAGES), COUNT);
	assert_in_range(listed_by_reader, 3, 4);
	assert_each_was_asked_for_once();
}

static void what_lies_below_a_repository_comes_first(void **state)
{
	static const int walk[COUNT] = {2, 1, 3, 0, 5, 4, 6, 7};

	(void)state;
	enter("aa aa/bb aa/bb/cc aa/dd ee ee/ff gg hh");
	for (int i = 0; i < COUNT; i++)
		read_all(walk[i], (struct walk){.direction = 1});
	assert_int_equal(asked(FAKE_LIST_IMAGES), COUNT);
	assert_in_range(listed_by_reader, 3, 5);
	assert_each_was_asked_for_once();
}

static void it_stays_below_the_directory_of_the_walk(void **state)
{
	(void)state;
	enter("team/a team/b team/c team/d team/e tools/a tools/b zz");
	for (int i = 0; i < 5; i++)
		read_all(i, (struct walk){.direction = 1});
	assert_int_equal(asked(FAKE_LIST_IMAGES), 5);
	assert_int_equal(asked(FAKE_FETCH_MANIFEST), 5 * TAGS);
}

static void somewhere_else_is_another_walk(void **state)
{
	(void)state;
	enter("aa bb cc dd ee ff gg hh");
	read_all(0, (struct walk){.direction = 1});
	read_all(6, (struct walk){.direction = 1});
	read_all(3, (struct walk){.direction = 1});
	assert_int_equal(asked(FAKE_LIST_IMAGES), 3);
	assert_int_equal(asked(FAKE_FETCH_MANIFEST), 3 * TAGS);
}

static void an_empty_repository_is_passed_by(void **state)
{
	(void)state;
	enter("aa bb cc dd ee ff gg hh");
	shelves[3].n = 0;
	for (int i = 0; i < COUNT; i++) {
		if (i == 3)
			list(i);
		else
			read_all(i, (struct walk){.direction = 1});
	}
	assert_in_range(listed_by_reader, 3, 4);
	assert_int_equal(asked(FAKE_FETCH_MANIFEST), (COUNT - 1) * TAGS);
}

/* All that is listed ahead fails. Who comes there asks again. */
static void a_listing_that_fails_concerns_its_reader_alone(void **state)
{
	unsigned failed = 0;

	(void)state;
	enter("aa bb cc dd ee ff gg hh");
	for (int i = 0; i < COUNT; i++) {
		list(i);
		for (int place = 1; place <= TAGS; place++) {
			shelf_read(&bench, &shelves[i], place);
			for (; fake_source_is_open(&bench.source, FAKE_LIST_IMAGES, NULL); failed++)
				fake_source_fail_listing(&bench.source, FAKE_LIST_IMAGES,
				                         STATUS_SERVER_ERROR);
			cache_bench_run(&bench);
		}
	}
	assert_int_equal(listed_by_reader, COUNT);
	assert_in_range(failed, 1, 100);
	assert_each_was_asked_for_once();
}

/* Elsewhere: before those that were read, and behind the next one. */
static void what_lies_elsewhere_stays_untouched(void **state)
{
	(void)state;
	enter("aa bb cc dd ee ff gg hh");
	come_from_above();
	for (int i = 2; i < 4; i++)
		read_all(i, (struct walk){.direction = 1});
	for (int i = 0; i < COUNT; i++)
		assert_int_equal(is_touched(i), i >= 2 && i <= 4);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(the_first_repository_leads_nowhere),
	        cmocka_unit_test_fixture(neither_do_two),
	        cmocka_unit_test_fixture(they_do_where_the_reader_came_from_above),
	        cmocka_unit_test_fixture(a_listing_that_fails_is_asked_for_once),
	        cmocka_unit_test_fixture(
	                behind_three_repositories_the_next_ones_are_listed_and_fetched),
	        cmocka_unit_test_fixture(backwards_as_well),
	        cmocka_unit_test_fixture(in_the_order_of_names_as_well),
	        cmocka_unit_test_fixture(and_backwards_in_it),
	        cmocka_unit_test_fixture(names_are_followed_where_they_are_listed_otherwise),
	        cmocka_unit_test_fixture(what_lies_below_a_repository_comes_first),
	        cmocka_unit_test_fixture(it_stays_below_the_directory_of_the_walk),
	        cmocka_unit_test_fixture(somewhere_else_is_another_walk),
	        cmocka_unit_test_fixture(an_empty_repository_is_passed_by),
	        cmocka_unit_test_fixture(a_listing_that_fails_concerns_its_reader_alone),
	        cmocka_unit_test_fixture(what_lies_elsewhere_stays_untouched),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
