/* Which tags may move. */
#include "ecr/mutability.h"
#include "tests/unit/unit_test.h"

static bool is_fixed(enum tag_mutability mutability, const char *filter, const char *tag)
{
	const char *const filters[] = {"never-this", filter};
	struct repository_record record = {
	        .name = "team/app",
	        .mutability = mutability,
	        .filters = filters,
	        .n_filters = filter ? 2 : 0,
	};

	return mutability_tag_is_fixed(&record, tag);
}

static bool filter_matches(const char *filter, const char *tag)
{
	return is_fixed(TAGS_MUTABLE_EXCEPT, filter, tag);
}

static void without_exceptions_all_tags_are_alike(void **state)
{
	(void)state;
	assert_false(is_fixed(TAGS_MUTABLE, NULL, "v1"));
	assert_true(is_fixed(TAGS_IMMUTABLE, NULL, "v1"));
}

static void exceptions_of_an_immutable_repository_may_move(void **state)
{
	(void)state;
	assert_false(is_fixed(TAGS_IMMUTABLE_EXCEPT, "latest*", "latest"));
	assert_true(is_fixed(TAGS_IMMUTABLE_EXCEPT, "latest*", "v1"));
}

static void exceptions_of_a_mutable_repository_may_not_move(void **state)
{
	(void)state;
	assert_true(is_fixed(TAGS_MUTABLE_EXCEPT, "release-*", "release-1"));
	assert_false(is_fixed(TAGS_MUTABLE_EXCEPT, "release-*", "latest"));
}

static void a_filter_means_the_whole_tag(void **state)
{
	(void)state;
	assert_true(filter_matches("v1", "v1"));
	assert_false(filter_matches("v1", "v1.2"));
	assert_false(filter_matches("v1", "dev1"));
	assert_false(filter_matches("v1", "V1"));
	assert_false(filter_matches("", "v1"));
}

static void a_star_stands_for_any_run(void **state)
{
	(void)state;
	assert_true(filter_matches("*", "v1"));
	assert_true(filter_matches("v*", "v"));
	assert_true(filter_matches("v*2", "v1.2"));
	assert_true(filter_matches("*-rc*", "1.0-rc2"));
	assert_true(filter_matches("**a**", "bab"));
	assert_true(filter_matches("*ab", "aab"));
	assert_false(filter_matches("v*2", "v1.3"));
	assert_false(filter_matches("*-rc*", "1.0"));
	assert_false(filter_matches("a*b*c", "acb"));
}

/* As they would be to fnmatch(3). */
static void nothing_else_is_special(void **state)
{
	(void)state;
	assert_false(filter_matches("v?", "v1"));
	assert_false(filter_matches("v[0-9]", "v1"));
	assert_false(filter_matches("v\\1", "v1"));
	assert_true(filter_matches("v.*", "v.1"));
	assert_false(filter_matches("v.*", "v11"));
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(without_exceptions_all_tags_are_alike),
	        cmocka_unit_test(exceptions_of_an_immutable_repository_may_move),
	        cmocka_unit_test(exceptions_of_a_mutable_repository_may_not_move),
	        cmocka_unit_test(a_filter_means_the_whole_tag),
	        cmocka_unit_test(a_star_stands_for_any_run),
	        cmocka_unit_test(nothing_else_is_special),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
