/* Who goes from directory to directory. */
#include "fs/walkers.h"
#include "base/clock.h"
#include "ecr/registry.h"
#include "tests/unit/unit_test.h"

#include <pthread.h>
#include <unistd.h>

#define AT_ONCE (400 * NS_PER_MS)
#define LATER   (600 * NS_PER_MS)

static struct walkers *walkers;
static uint64_t now_ns;

static int set_up(void **state)
{
	(void)state;
	now_ns = 1000 * NS_PER_S;
	return walkers_new(&walkers);
}

static int tear_down(void **state)
{
	(void)state;
	walkers_free(walkers);
	return 0;
}

static struct registry ours, other;

static void list_in(const struct registry *registry, const char *path)
{
	walkers_list(walkers, getpid(), registry, path, now_ns);
}

static void list(pid_t thread)
{
	walkers_list(walkers, thread, &ours, "team/app", now_ns);
}

static bool enter(pid_t thread)
{
	return walkers_enter(walkers, thread, now_ns);
}

static unsigned count(pid_t thread)
{
	return walkers_reader(walkers, thread, now_ns).walked;
}

static bool is_from_above(void)
{
	enter(getpid());
	return walkers_reader(walkers, getpid(), now_ns).is_from_above;
}

static void names_and_then_an_image_at_once_are_a_walk(void **state)
{
	(void)state;
	list(getpid());
	assert_int_equal(count(getpid()), 0);
	now_ns += AT_ONCE;
	assert_true(enter(getpid()));
	assert_int_equal(count(getpid()), 1);
}

static void it_lasts_as_long_as_it_goes_on(void **state)
{
	(void)state;
	list(getpid());
	for (unsigned i = 1; i <= 20; i++) {
		now_ns += AT_ONCE;
		enter(getpid());
		assert_int_equal(count(getpid()), i);
	}
	now_ns += LATER;
	assert_int_equal(count(getpid()), 0);
}

static void it_comes_from_above_when_it_has_read_a_directory_and_one_below(void **state)
{
	(void)state;
	list_in(&ours, "");
	assert_false(is_from_above());
	list_in(&ours, "team");
	assert_true(is_from_above());
	list_in(&ours, "team/app");
	assert_true(is_from_above());
	list_in(&ours, "tools/a");
	assert_true(is_from_above());
}

static void it_does_not_when_it_was_told_several_directories(void **state)
{
	(void)state;
	list_in(&ours, "team/app");
	list_in(&ours, "team/app"); /* the rest of it */
	assert_false(is_from_above());
	list_in(&ours, "team/app2");
	assert_false(is_from_above());
	list_in(&other, "team/app2/below");
	assert_false(is_from_above());
	list_in(&ours, "team");
	assert_false(is_from_above());
	list_in(&ours, "team/app");
	assert_true(is_from_above());
	list_in(&other, "");
	assert_false(is_from_above());
}

static void an_image_alone_is_none(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		assert_false(enter(getpid()));
	assert_int_equal(count(getpid()), 0);
}

static void nor_is_an_image_that_was_chosen(void **state)
{
	(void)state;
	list(getpid());
	now_ns += LATER;
	enter(getpid());
	assert_int_equal(count(getpid()), 0);
}

static void what_others_list_does_not_count(void **state)
{
	(void)state;
	list(getppid());
	assert_false(enter(getpid()));
	assert_int_equal(count(getpid()), 0);
	assert_int_equal(count(getppid()), 0);
}

static void *enter_here(void *arg)
{
	(void)arg;
	enter(gettid());
	return NULL;
}

static void the_threads_of_a_process_walk_together(void **state)
{
	(void)state;
	list(getpid());
	for (int i = 0; i < 20; i++) {
		pthread_t thread;

		assert_int_equal(pthread_create(&thread, NULL, enter_here, NULL), 0);
		pthread_join(thread, NULL);
	}
	assert_int_equal(count(getpid()), 20);
}

static void nothing_is_known_of_other_pid_namespaces(void **state)
{
	(void)state;
	list(0);
	enter(0);
	assert_int_equal(count(0), 0);
}

/* Whoever was there first may be forgotten, but never mistaken. */
static void many_may_list_in_between(void **state)
{
	(void)state;
	list(getpid());
	enter(getpid());
	for (int i = 0; i < 100; i++) {
		now_ns++;
		list(getppid());
	}
	assert_int_equal(count(getpid()), 1);
	assert_int_equal(count(getppid()), 0);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(names_and_then_an_image_at_once_are_a_walk, set_up,
	                                        tear_down),
	        cmocka_unit_test_setup_teardown(it_lasts_as_long_as_it_goes_on, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(
	                it_comes_from_above_when_it_has_read_a_directory_and_one_below, set_up,
	                tear_down),
	        cmocka_unit_test_setup_teardown(it_does_not_when_it_was_told_several_directories,
	                                        set_up, tear_down),
	        cmocka_unit_test_setup_teardown(an_image_alone_is_none, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(nor_is_an_image_that_was_chosen, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(what_others_list_does_not_count, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(the_threads_of_a_process_walk_together, set_up,
	                                        tear_down),
	        cmocka_unit_test_setup_teardown(nothing_is_known_of_other_pid_namespaces, set_up,
	                                        tear_down),
	        cmocka_unit_test_setup_teardown(many_may_list_in_between, set_up, tear_down),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
