/* Which repository a walk comes to next. */
#include "cache/core.h"
#include "cache/tree.h"
#include "tests/unit/unit_test.h"

#include <stdio.h>
#include <string.h>

#define TEXTS_SIZE 1024

static const struct walk LISTED = {.direction = 1};
static const struct walk LISTED_BACK = {.direction = -1};
static const struct walk NAMED = {.direction = 1, .by_name = true};
static const struct walk NAMED_BACK = {.direction = -1, .by_name = true};

static struct tree tree;
static struct core core; /* for its numbers alone */

static int set_up(void **state)
{
	(void)state;
	core = (struct core){.next_number = 1024};
	return tree_init(&tree);
}

static int tear_down(void **state)
{
	(void)state;
	tree_deinit(&tree);
	return 0;
}

/* The registry has these repositories, with blanks between, in this order. */
static void see(const char *repositories, uint32_t pass)
{
	char text[TEXTS_SIZE], *rest = text, *name;

	snprintf(text, sizeof(text), "%s", repositories);
	while ((name = strsep(&rest, " "))) {
		const struct repository_record record = {.name = name};

		assert_int_equal(tree_see(&tree, &core, &record, pass, 1000 + pass), 0);
	}
	tree_complete(&tree, pass, pass);
}

/* All that a walk comes to after `path`, with blanks between. Static storage. */
static const char *walk_on(const char *path, struct walk walk)
{
	static char texts[TEXTS_SIZE];
	char at[NAME_REPOSITORY_MAX + 1];

	snprintf(at, sizeof(at), "%s", path);
	texts[0] = '\0';
	while (tree_next_repository(&tree, at, walk, at)) { /* the two paths are one */
		assert_true(strlen(texts) + strlen(at) + 2 < sizeof(texts));
		strcat(texts, texts[0] ? " " : "");
		strcat(texts, at);
	}
	return texts;
}

static void it_goes_in_the_order_of_the_listing(void **state)
{
	(void)state;
	see("c a b", 1);
	assert_string_equal(walk_on("c", LISTED), "a b");
	assert_string_equal(walk_on("b", LISTED_BACK), "a c");
}

static void or_in_that_of_names(void **state)
{
	(void)state;
	see("c a b", 1);
	assert_string_equal(walk_on("a", NAMED), "b c");
	assert_string_equal(walk_on("c", NAMED_BACK), "b a");
}

static void it_ends_with_the_last_one(void **state)
{
	char next[NAME_REPOSITORY_MAX + 1] = "untouched";

	(void)state;
	see("c a b", 1);
	assert_false(tree_next_repository(&tree, "b", LISTED, next));
	assert_false(tree_next_repository(&tree, "c", LISTED_BACK, next));
	assert_false(tree_next_repository(&tree, "c", NAMED, next));
	assert_false(tree_next_repository(&tree, "a", NAMED_BACK, next));
	assert_string_equal(next, "untouched");
}

static void the_only_repository_has_no_next_one(void **state)
{
	(void)state;
	see("team/backend/api", 1);
	assert_string_equal(walk_on("team/backend/api", LISTED), "");
	assert_string_equal(walk_on("team/backend/api", NAMED_BACK), "");
}

static void it_enters_and_leaves_namespaces(void **state)
{
	(void)state;
	see("b/two/y a/one b/two/x c", 1);
	assert_string_equal(walk_on("b/two/y", LISTED), "b/two/x a/one c");
	assert_string_equal(walk_on("c", LISTED_BACK), "a/one b/two/x b/two/y");
	assert_string_equal(walk_on("a/one", NAMED), "b/two/x b/two/y c");
	assert_string_equal(walk_on("c", NAMED_BACK), "b/two/y b/two/x a/one");
}

static void namespaces_alone_are_passed_over(void **state)
{
	(void)state;
	see("a/a/a/a b/b/b/b", 1);
	assert_string_equal(walk_on("a/a/a/a", LISTED), "b/b/b/b");
	assert_string_equal(walk_on("b/b/b/b", NAMED_BACK), "a/a/a/a");
}

static void what_lies_below_a_repository_comes_before_its_tags(void **state)
{
	(void)state;
	see("a team team/app team/app/debug team/web z", 1);
	assert_string_equal(walk_on("a", LISTED), "team/app/debug team/app team/web team z");
	assert_string_equal(walk_on("a", NAMED), "team/app/debug team/app team/web team z");
}

static void and_after_them_backwards(void **state)
{
	(void)state;
	see("a team team/app team/app/debug team/web z", 1);
	assert_string_equal(walk_on("z", LISTED_BACK), "team team/web team/app team/app/debug a");
	assert_string_equal(walk_on("z", NAMED_BACK), "team team/web team/app team/app/debug a");
}

static void there_and_back_is_the_same_way(void **state)
{
	static const char *const all[] = {"m/n/o", "m/n", "m/a", "m", "b-c", "b/c", "b", "z/y/x"};
	char next[NAME_REPOSITORY_MAX + 1], back[NAME_REPOSITORY_MAX + 1];

	(void)state;
	see("m/n/o z/y/x m b-c m/a b/c m/n b", 1);
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		if (tree_next_repository(&tree, all[i], LISTED, next)) {
			assert_true(tree_next_repository(&tree, next, LISTED_BACK, back));
			assert_string_equal(back, all[i]);
		}
		if (tree_next_repository(&tree, all[i], NAMED, next)) {
			assert_true(tree_next_repository(&tree, next, NAMED_BACK, back));
			assert_string_equal(back, all[i]);
		}
	}
}

/* "b-c" comes before "b/c" as text, but a shell sorts the components of "*" "/" "*" by themselves.
 */
static void components_are_compared_not_paths(void **state)
{
	(void)state;
	see("b-c/x b/c b0/y a", 1);
	assert_string_equal(walk_on("a", NAMED), "b/c b-c/x b0/y");
}

static void what_is_gone_is_not_walked_to(void **state)
{
	(void)state;
	see("a b/c d", 1);
	see("a d", 2);
	assert_string_equal(walk_on("a", LISTED), "d");
	assert_string_equal(walk_on("d", NAMED_BACK), "a");
}

static void a_repository_that_is_only_a_namespace_now_is_passed_over(void **state)
{
	(void)state;
	see("a b b/c d", 1);
	see("a b/c d", 2);
	assert_string_equal(walk_on("a", LISTED), "b/c d");
	assert_string_equal(walk_on("d", LISTED_BACK), "b/c a");
}

/* It may have gone while somebody was reading in it. */
static void a_path_that_is_not_there_has_no_next_one(void **state)
{
	char next[NAME_REPOSITORY_MAX + 1];

	(void)state;
	assert_false(tree_next_repository(&tree, "a", LISTED, next));
	see("a b/c d", 1);
	assert_false(tree_next_repository(&tree, "x", LISTED, next));
	assert_false(tree_next_repository(&tree, "b/x", NAMED, next));
	assert_false(tree_next_repository(&tree, "b/c/x", NAMED_BACK, next));
	assert_false(tree_next_repository(&tree, "a/x", LISTED_BACK, next));
}

static void the_longest_names_fit(void **state)
{
	char name[NAME_REPOSITORY_MAX + 1], both[NAME_REPOSITORY_MAX + 3];

	(void)state;
	memset(name, 'm', NAME_REPOSITORY_MAX);
	name[NAME_REPOSITORY_MAX] = '\0';
	for (size_t i = 1; i < NAME_REPOSITORY_MAX; i += 2)
		name[i] = '/';
	name[NAME_REPOSITORY_MAX - 1] = 'm';
	snprintf(both, sizeof(both), "a %s", name);
	see(both, 1);
	assert_string_equal(walk_on("a", NAMED), name);
	assert_string_equal(walk_on(name, LISTED_BACK), "a");
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(it_goes_in_the_order_of_the_listing),
	        cmocka_unit_test_fixture(or_in_that_of_names),
	        cmocka_unit_test_fixture(it_ends_with_the_last_one),
	        cmocka_unit_test_fixture(the_only_repository_has_no_next_one),
	        cmocka_unit_test_fixture(it_enters_and_leaves_namespaces),
	        cmocka_unit_test_fixture(namespaces_alone_are_passed_over),
	        cmocka_unit_test_fixture(what_lies_below_a_repository_comes_before_its_tags),
	        cmocka_unit_test_fixture(and_after_them_backwards),
	        cmocka_unit_test_fixture(there_and_back_is_the_same_way),
	        cmocka_unit_test_fixture(components_are_compared_not_paths),
	        cmocka_unit_test_fixture(what_is_gone_is_not_walked_to),
	        cmocka_unit_test_fixture(a_repository_that_is_only_a_namespace_now_is_passed_over),
	        cmocka_unit_test_fixture(a_path_that_is_not_there_has_no_next_one),
	        cmocka_unit_test_fixture(the_longest_names_fit),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
