/* The names that ECR accepts. */
#include "ecr/name.h"
#include "tests/unit/unit_test.h"

#include <string.h>

static const char *filled(char *buffer, size_t length, char with)
{
	memset(buffer, with, length);
	buffer[length] = '\0';
	return buffer;
}

static void a_component_is_runs_joined_by_separators(void **state)
{
	static const char *const good[] = {"a",    "0",   "app",   "a.b",    "a_b",
	                                   "a__b", "a-b", "a---b", "1.2.3-x"};
	static const char *const bad[] = {"",    "A",    ".",     "..",       "-a",
	                                  "a-",  "a..b", "a___b", "a._b",     "a/b",
	                                  "a b", "a\n",  "_a",    "sha256:a", "\xc3\xa9"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(name_is_component(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(name_is_component(bad[i]));
}

static void a_component_fits_into_a_directory(void **state)
{
	char name[NAME_COMPONENT_MAX + 2];

	(void)state;
	assert_true(name_is_component(filled(name, NAME_COMPONENT_MAX, 'a')));
	assert_false(name_is_component(filled(name, NAME_COMPONENT_MAX + 1, 'a')));
}

static void a_repository_is_components_joined_by_slashes(void **state)
{
	static const char *const good[] = {"ab", "team/app", "a/b/c/d"};
	static const char *const bad[] = {"",     "a",        "/",      "a/",         "/a",
	                                  "a//b", "team/App", "a/../b", "team/app:v1"};
	char name[NAME_REPOSITORY_MAX + 2];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(name_is_repository(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(name_is_repository(bad[i]));
	filled(name, NAME_REPOSITORY_MAX, 'a');
	assert_false(name_is_repository(name)); /* no directory could show it */
	name[100] = '/';
	assert_true(name_is_repository(name));
	filled(name, NAME_REPOSITORY_MAX + 1, 'a');
	name[100] = '/';
	assert_false(name_is_repository(name));
}

static void a_tag_cannot_be_a_path(void **state)
{
	static const char *const good[] = {"latest", "V1.0_x-y", "_", "0", "manifest.json"};
	static const char *const bad[] = {"",    ".",   "..",  "-x",  ".x",
	                                  "a/b", "a:b", "a@b", "a b", "a\n"};
	char name[NAME_COMPONENT_MAX + 2];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(name_is_tag(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(name_is_tag(bad[i]));
	assert_true(name_is_tag(filled(name, NAME_COMPONENT_MAX, 'a')));
	assert_false(name_is_tag(filled(name, NAME_COMPONENT_MAX + 1, 'a')));
}

static void what_is_below_a_path(void **state)
{
	(void)state;
	assert_true(name_is_below("team", ""));
	assert_true(name_is_below("team", "team"));
	assert_true(name_is_below("team/app/v1", "team"));
	assert_true(name_is_below("team/app", "team/app"));
	assert_true(name_is_below("team:v1", "team"));
	assert_true(name_is_below("team@sha256:00", "team"));
	assert_false(name_is_below("teams", "team"));
	assert_false(name_is_below("tea", "team"));
	assert_false(name_is_below("", "team"));
	assert_false(name_is_below("my/team", "team"));
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_component_is_runs_joined_by_separators),
	        cmocka_unit_test(a_component_fits_into_a_directory),
	        cmocka_unit_test(a_repository_is_components_joined_by_slashes),
	        cmocka_unit_test(a_tag_cannot_be_a_path),
	        cmocka_unit_test(what_is_below_a_path),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
