/* Paths as they were meant where the program was started. */
#include "ecr/start_paths.h"
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static void assert_path(const struct start_paths *start, const char *path, const char *expected)
{
	char *resolved;

	assert_int_equal(start_paths_resolve(start, path, &resolved), 0);
	if (expected)
		assert_string_equal(resolved, expected);
	else
		assert_null(resolved);
	free(resolved);
}

static void relative_paths_are_below_the_directory_of_the_start(void **state)
{
	struct start_paths start;

	(void)state;
	assert_int_equal(chdir("/usr/bin"), 0);
	assert_int_equal(start_paths_init(&start), 0);
	assert_int_equal(chdir("/"), 0);
	assert_path(&start, "a/b", "/usr/bin/a/b");
	assert_path(&start, "/a", "/a");
	start_paths_deinit(&start);
}

static void a_tilde_is_the_home_directory(void **state)
{
	struct start_paths start;

	(void)state;
	setenv("HOME", "/home/me", 1);
	assert_int_equal(start_paths_init(&start), 0);
	assert_path(&start, "~", "/home/me");
	assert_path(&start, "~/a", "/home/me/a");
	assert_path(&start, "/a/~", "/a/~");
	start_paths_deinit(&start);
}

static void the_home_directory_of_another_is_a_name(void **state)
{
	struct start_paths start = {.home = "/home/me", .directory = "/d"};

	(void)state;
	assert_path(&start, "~you/a", "/d/~you/a");
}

static void without_a_home_directory_there_is_no_path(void **state)
{
	struct start_paths start = {.directory = "/d"};

	(void)state;
	assert_path(&start, "~/a", NULL);
	assert_path(&start, "a", "/d/a");
}

static void a_home_directory_may_be_relative(void **state)
{
	struct start_paths start = {.home = "me", .directory = "/d"};

	(void)state;
	assert_path(&start, "~/a", "/d/me/a");
}

static void a_directory_that_is_gone_has_no_path(void **state)
{
	struct start_paths start = {.home = "/home/me", .error = -ENOENT};
	char *path;

	(void)state;
	assert_int_equal(start_paths_resolve(&start, "a", &path), -ENOENT);
	assert_null(path);
	assert_path(&start, "~/a", "/home/me/a");
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(relative_paths_are_below_the_directory_of_the_start),
	        cmocka_unit_test(a_tilde_is_the_home_directory),
	        cmocka_unit_test(the_home_directory_of_another_is_a_name),
	        cmocka_unit_test(without_a_home_directory_there_is_no_path),
	        cmocka_unit_test(a_home_directory_may_be_relative),
	        cmocka_unit_test(a_directory_that_is_gone_has_no_path),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
