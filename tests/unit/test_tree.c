/* Repository names as a tree. */
#include "cache/tree.h"
#include "cache/core.h"
#include "tests/unit/unit_test.h"

#include <stdlib.h>
#include <string.h>

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
	assert_int_equal(tree.bytes, 0); /* all that was counted was given back */
	return 0;
}

static void see(const char *repository, uint32_t pass)
{
	const struct repository_record record = {.name = repository};

	assert_int_equal(tree_see(&tree, &core, &record, pass, 1000 + pass), 0);
}

static const struct tree_node *find(const char *path)
{
	print_message("%s\n", path);
	return tree_find(&tree, path);
}

/* 'r' for a repository, 'n' for a namespace; "" for a path that is not there. Static storage. */
static const char *roles(const char *path)
{
	static char text[3];
	const struct tree_node *node = find(path);

	memset(text, 0, sizeof(text));
	if (node && node->is_repository)
		strcat(text, "r");
	if (node && node->children.n)
		strcat(text, "n");
	return text;
}

/* The components right below a path, joined by spaces. Static storage. */
static const char *below(const char *path)
{
	static char text[256];
	const struct tree_node *node = find(path);
	const struct name *name = NULL;

	text[0] = '\0';
	assert_non_null(node);
	while ((name = names_next(&node->children, name ? name->sequence : 0))) {
		strcat(text, text[0] ? " " : "");
		strcat(text, name_text(name));
	}
	return text;
}

static void a_new_tree_is_empty(void **state)
{
	(void)state;
	assert_string_equal(below(""), "");
	assert_null(find("a"));
	assert_string_equal(roles(""), "");
}

static void each_component_is_a_directory(void **state)
{
	(void)state;
	see("team/backend/api", 1);
	assert_string_equal(roles("team"), "n");
	assert_string_equal(roles("team/backend"), "n");
	assert_string_equal(roles("team/backend/api"), "r");
	assert_null(find("team/api"));
	assert_null(find("backend"));
	assert_null(find("team/backend/api/v1"));
}

static void only_whole_components_match(void **state)
{
	(void)state;
	see("team/app", 1);
	assert_null(find("tea"));
	assert_null(find("teams"));
	assert_null(find("team/ap"));
	assert_null(find("team/apps"));
	assert_null(find("/team"));
	assert_null(find("/"));
}

static void a_repository_may_lie_below_another(void **state)
{
	(void)state;
	see("team", 1);
	see("team/app", 1);
	see("team/app/debug", 1);
	assert_string_equal(roles("team"), "rn");
	assert_string_equal(roles("team/app"), "rn");
	assert_string_equal(roles("team/app/debug"), "r");
}

static void the_order_of_the_two_does_not_matter(void **state)
{
	const struct tree_node *node;

	(void)state;
	see("team/app", 1);
	assert_string_equal(roles("team"), "n");
	node = find("team");
	see("team", 1);
	assert_string_equal(roles("team"), "rn");
	assert_ptr_equal(find("team"), node);
}

static void components_are_listed_once_in_their_order(void **state)
{
	(void)state;
	see("b/one", 1);
	see("a/one", 1);
	see("b/two", 1);
	see("b", 1);
	see("b/one", 1);
	assert_string_equal(below(""), "b a");
	assert_string_equal(below("b"), "one two");
	assert_string_equal(below("b/one"), "");
}

static void what_a_complete_pass_did_not_show_is_gone(void **state)
{
	(void)state;
	see("team/app", 1);
	see("team/web", 1);
	see("lib/one/two", 1);
	tree_complete(&tree, 1, 100);
	see("team/web", 2);
	assert_string_equal(roles("team/app"), "r"); /* until the pass is complete */
	tree_complete(&tree, 2, 200);
	assert_null(find("team/app"));
	assert_null(find("lib"));
	assert_null(find("lib/one/two"));
	assert_string_equal(below(""), "team");
	assert_string_equal(below("team"), "web");
}

static void a_path_may_lose_one_role_and_keep_the_other(void **state)
{
	(void)state;
	see("team", 1);
	see("team/app", 1);
	see("lib", 1);
	see("lib/one", 1);
	tree_complete(&tree, 1, 100);
	see("team/app", 2);
	see("lib", 2);
	assert_string_equal(roles("team"), "rn"); /* until the pass is complete */
	tree_complete(&tree, 2, 200);
	assert_string_equal(roles("team"), "n");
	assert_string_equal(roles("lib"), "r");
	see("team", 3);
	see("team/app", 3);
	tree_complete(&tree, 3, 300);
	assert_string_equal(roles("team"), "rn");
}

static void a_pass_that_shows_nothing_empties_the_tree(void **state)
{
	size_t bytes = tree.bytes;

	(void)state;
	see("team/app", 1);
	see("team", 1);
	tree_complete(&tree, 1, 100);
	tree_complete(&tree, 2, 200);
	assert_string_equal(below(""), "");
	assert_int_equal(tree.root->children.changed_ns, 200);
	assert_int_equal(tree.bytes, bytes + names_bytes(&tree.root->children));
}

static void each_directory_has_its_own_time(void **state)
{
	(void)state;
	see("team/app", 1);
	see("lib/one", 1);
	tree_complete(&tree, 1, 100);
	see("team/app", 2);
	see("team/web", 2);
	see("lib/one", 2);
	tree_complete(&tree, 2, 200);
	assert_int_equal(find("")->children.changed_ns, 100);
	assert_int_equal(find("lib")->children.changed_ns, 100);
	assert_int_equal(find("team")->children.changed_ns, 200);
	see("team/app", 3);
	tree_complete(&tree, 3, 300);
	assert_int_equal(find("")->children.changed_ns, 300);
	assert_int_equal(find("team")->children.changed_ns, 300);
	assert_int_equal(find("team/app")->children.changed_ns, 100);
}

static void a_repository_is_seen_with_all_above_it(void **state)
{
	(void)state;
	see("team/app", 1);
	see("team/web", 1);
	see("team/app", 2);
	assert_int_equal(find("team")->name.seen_ns, 1002);
	assert_int_equal(find("team/app")->name.seen_ns, 1002);
	assert_int_equal(find("team/web")->name.seen_ns, 1001);
}

static void each_component_has_a_number_of_its_own(void **state)
{
	uint64_t team, app;

	(void)state;
	see("team/app", 1);
	see("web", 1);
	tree_complete(&tree, 1, 100);
	team = find("team")->name.number;
	app = find("team/app")->name.number;
	assert_true(team != app && find("web")->name.number != team);
	see("team/app", 2);
	tree_complete(&tree, 2, 200);
	assert_int_equal(find("team")->name.number, team);
	assert_int_equal(find("team/app")->name.number, app);
	see("web", 3);
	tree_complete(&tree, 3, 300);
	see("web", 4);
	see("team/app", 4);
	assert_true(find("team/app")->name.number > app); /* it is another one */
}

static void memory_is_counted(void **state)
{
	size_t empty = tree.bytes, bytes;

	(void)state;
	assert_true(empty >= sizeof(struct tree_node));
	see("team/app", 1);
	bytes = tree.bytes;
	assert_true(bytes >= empty + 2 * sizeof(struct tree_node) + 2 * sizeof(void *));
	see("team/app", 2);
	see("team", 2);
	assert_int_equal(tree.bytes, bytes);
	see("team/another", 2);
	assert_true(tree.bytes >= bytes + sizeof(struct tree_node));
	see("team/app", 3);
	tree_complete(&tree, 3, 100);
	assert_in_range(tree.bytes, empty, bytes); /* no less than before, but for free places */
}

static void the_longest_names_fit(void **state)
{
	char name[257];

	(void)state;
	memset(name, 'a', 256);
	name[256] = '\0';
	name[0] = 'b';
	assert_null(find(name)); /* no component has 256 characters */
	name[100] = '/';
	see(name, 1);
	assert_string_equal(roles(name), "r");
	for (size_t i = 1; i < 256; i += 2)
		name[i] = '/';
	name[255] = 'a';
	see(name, 1);
	assert_string_equal(roles(name), "r");
	tree_complete(&tree, 1, 100);
	tree_complete(&tree, 2, 200);
	assert_null(find(name));
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(a_new_tree_is_empty),
	        cmocka_unit_test_fixture(each_component_is_a_directory),
	        cmocka_unit_test_fixture(only_whole_components_match),
	        cmocka_unit_test_fixture(a_repository_may_lie_below_another),
	        cmocka_unit_test_fixture(the_order_of_the_two_does_not_matter),
	        cmocka_unit_test_fixture(components_are_listed_once_in_their_order),
	        cmocka_unit_test_fixture(what_a_complete_pass_did_not_show_is_gone),
	        cmocka_unit_test_fixture(a_path_may_lose_one_role_and_keep_the_other),
	        cmocka_unit_test_fixture(a_pass_that_shows_nothing_empties_the_tree),
	        cmocka_unit_test_fixture(each_directory_has_its_own_time),
	        cmocka_unit_test_fixture(a_repository_is_seen_with_all_above_it),
	        cmocka_unit_test_fixture(each_component_has_a_number_of_its_own),
	        cmocka_unit_test_fixture(memory_is_counted),
	        cmocka_unit_test_fixture(the_longest_names_fit),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
