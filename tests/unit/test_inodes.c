/* The inodes that the kernel holds. */
#include "fs/file_kind.h"
#include "fs/inodes.h"
#include "cache/cache.h"
#include "cache/image.h"
#include "ecr/registry.h"
#include "fs/path.h"
#include "tests/unit/heap.h"
#include "tests/unit/inodes_fixture.h"

#include <stdio.h>
#include <string.h>

static const struct registry other_registry = {.account = "111111111111"};
static const struct digest one = {{1}}, two = {{2}};

static struct inode_identity manifest(const char *repository, const struct digest *digest)
{
	return (struct inode_identity){INODE_FILE, &registry, repository, *digest, NULL};
}

static void an_inode_is_what_was_looked_up(void **state)
{
	char path[] = "team/app";
	const struct inode *inode = lookup(manifest(path, &one), 0);

	(void)state;
	path[0] = 'x'; /* the inode has its own copy */
	assert_int_equal(inode->kind, INODE_FILE);
	assert_ptr_equal(inode->registry, &registry);
	assert_string_equal(inode->path, "team/app");
	assert_true(digest_equal(&inode->digest, &one));
	assert_int_equal(inode->parent, INODE_ROOT_NUMBER);
	assert_null(inodes_image(inodes, inode));
	assert_null(inodes_bytes(inode));
	assert_ptr_equal(inodes_get(inodes, inodes_node(inode)), inode);
}

static struct image *image_of(uint64_t size_bytes)
{
	struct image_record record = {.size_bytes = size_bytes};
	struct image *image = image_new(&record, NULL);

	assert_non_null(image);
	return image;
}

static void an_inode_shows_the_image_as_it_was_last_told_of(void **state)
{
	struct inode_identity identity = manifest("team/app", &one);
	struct image *first = image_of(1), *second = image_of(2), *shown;
	struct inode *inode;

	(void)state;
	inodes_lookup(inodes, &identity, 0, 1, &(struct inode_content){.image = first}, &inode);
	inodes_lookup(inodes, &identity, 0, 1, &(struct inode_content){.image = second}, &inode);
	image_unref(first);
	image_unref(second);
	shown = inodes_image(inodes, inode);
	assert_int_equal(shown->size_bytes, 2);
	inodes_forget(inodes, inodes_node(inode), 2);
	assert_int_equal(shown->size_bytes, 2); /* ours outlives the inode */
	image_unref(shown);
}

static void the_same_identity_is_the_same_inode(void **state)
{
	const struct inode *inode = lookup(directory("team"), 0);

	(void)state;
	assert_ptr_equal(lookup(directory("team"), 0), inode);
	assert_ptr_equal(lookup(directory("team"), 4711), inode);
	assert_int_equal(inode->number, FIRST_NUMBER);
	inode = lookup(manifest("team", &one), 0);
	assert_ptr_equal(lookup(manifest("team", &one), 0), inode);
}

static void another_identity_is_another_inode(void **state)
{
	const struct inode_identity identities[] = {
	        {INODE_REGISTRY, &registry, "", {{0}}, NULL},
	        {INODE_REGISTRY, &other_registry, "", {{0}}, NULL},
	        {INODE_DIRECTORY, &registry, "team/app", {{0}}, NULL},
	        {INODE_DIRECTORY, &other_registry, "team/app", {{0}}, NULL},
	        {INODE_DIRECTORY, &registry, "team/ap", {{0}}, NULL},
	        {INODE_DIRECTORY, &registry, "team", {{0}}, NULL},
	        {INODE_IMAGE, &registry, "team/app", one, NULL},
	        {INODE_IMAGE, &registry, "team/app", two, NULL},
	        {INODE_FILE, &registry, "team/app", one, NULL},
	        {INODE_FILE, &registry, "team/app", two, NULL},
	        {INODE_FILE, &registry, "team", one, NULL},
	        {INODE_FILE, &registry, "team/app", {{[31] = 1}}, NULL},
	};
	enum { N = sizeof(identities) / sizeof(identities[0]) };
	const struct inode *found[N];

	(void)state;
	for (size_t i = 0; i < N; i++)
		found[i] = lookup(identities[i], 0);
	for (size_t i = 0; i < N; i++) {
		assert_ptr_equal(lookup(identities[i], 0), found[i]);
		for (size_t j = 0; j < i; j++)
			assert_true(found[i]->number != found[j]->number);
	}
}

static void an_inode_gets_the_number_that_it_was_listed_with(void **state)
{
	(void)state;
	assert_int_equal(lookup(directory("a"), 50)->number, 50);
	assert_int_equal(lookup(directory("b"), 51)->number, 51);
	assert_int_equal(lookup(directory("c"), 0)->number, FIRST_NUMBER);
}

/* An image in .digests and .untagged, or one text of a file after the other. */
static void two_inodes_may_have_the_number_of_one_thing(void **state)
{
	const struct inode *first = lookup(directory("a"), 50),
	                   *second = lookup(directory("b"), 50);

	(void)state;
	assert_int_equal(first->number, 50);
	assert_int_equal(second->number, 50);
	assert_true(inodes_node(first) != inodes_node(second));
	inodes_forget(inodes, inodes_node(first), 1);
	assert_ptr_equal(lookup(directory("b"), 50), second);
}

static void the_number_of_a_held_inode_is_shown_in_listings(void **state)
{
	struct inode_identity identity = directory("a"), other = directory("b");
	const struct inode *inode = lookup(identity, 50);

	(void)state;
	assert_int_equal(inodes_number(inodes, &identity, 60), 50);
	assert_int_equal(inodes_number(inodes, &other, 60), 60);
	inodes_forget(inodes, inodes_node(inode), 1);
	assert_int_equal(inodes_number(inodes, &identity, 60), 60);
}

static void the_longest_path_of_a_listing_is_found(void **state)
{
	char path[PATH_SIZE + 1] = "";
	struct inode_identity identity = directory(path);

	(void)state;
	memset(path, 'x', sizeof(path));
	path[PATH_SIZE - 1] = '\0';
	lookup(identity, 50);
	assert_int_equal(inodes_number(inodes, &identity, 60), 50);
	path[PATH_SIZE - 1] = 'x';
	path[PATH_SIZE] = '\0'; /* none has this one */
	assert_int_equal(inodes_number(inodes, &identity, 60), 60);
}

static void files_of_an_image_are_numbered_behind_its_directory(void **state)
{
	struct inode_identity image = {INODE_IMAGE, &registry, "team/app", one, NULL};
	struct inode *inode = lookup(image, 48);

	(void)state;
	assert_int_equal(inodes_files_number(inodes, inode, &one), 48);
}

/* The manifest of the other image may still be held. */
static void another_image_in_a_directory_has_other_numbers_for_its_files(void **state)
{
	struct inode *inode = lookup(directory("team/app"), 48);
	uint64_t number = inodes_files_number(inodes, inode, &one);

	(void)state;
	assert_int_equal(number, FIRST_NUMBER);
	assert_int_equal(inodes_files_number(inodes, inode, &one), number);
	assert_true(inodes_files_number(inodes, inode, &two) != number);
	assert_true(inodes_files_number(inodes, inode, &one) != number);
	assert_true(inodes_files_number(inodes, lookup(directory("team"), 56), &one) != number);
	assert_int_equal(inode->number, 48);
}

static void an_inode_lives_until_all_its_lookups_are_forgotten(void **state)
{
	struct inode_identity identity = directory("a");
	uint64_t node = inodes_node(lookup(identity, 50));

	(void)state;
	lookup(identity, 0);
	lookup(identity, 0);
	inodes_forget(inodes, node, 2);
	assert_int_equal(inodes_number(inodes, &identity, 0), 50);
	inodes_forget(inodes, node, 1);
	assert_int_equal(inodes_number(inodes, &identity, 0), 0);
	assert_int_equal(lookup(identity, 0)->number, FIRST_NUMBER);
}

static void more_is_forgotten_than_was_looked_up(void **state)
{
	struct inode_identity identity = directory("a");

	(void)state;
	inodes_forget(inodes, inodes_node(lookup(identity, 50)), UINT64_MAX);
	assert_int_equal(inodes_number(inodes, &identity, 0), 0);
}

static void the_root_is_never_forgotten(void **state)
{
	struct inode_identity root = {INODE_ROOT, NULL, "", {{0}}, NULL};
	const struct inode *inode = lookup(root, INODE_ROOT_NUMBER);

	(void)state;
	assert_int_equal(inode->number, INODE_ROOT_NUMBER);
	assert_int_equal(inodes_node(inode), INODE_ROOT_NUMBER);
	inodes_forget(inodes, INODE_ROOT_NUMBER, 1);
	inodes_forget(inodes, INODE_ROOT_NUMBER, UINT64_MAX);
	assert_ptr_equal(inodes_get(inodes, INODE_ROOT_NUMBER), inode);
	assert_ptr_equal(lookup(root, INODE_ROOT_NUMBER), inode);
}

static void many_inodes_are_held_at_once(void **state)
{
	uint64_t nodes[1000];
	char path[16] = "";
	struct inode_identity identity = directory(path);

	(void)state;
	for (int i = 0; i < 1000; i++) {
		snprintf(path, sizeof(path), "path%d", i);
		nodes[i] = inodes_node(lookup(identity, 0));
	}
	for (int i = 0; i < 1000; i += 2)
		inodes_forget(inodes, nodes[i], 1);
	for (int i = 0; i < 1000; i++) {
		snprintf(path, sizeof(path), "path%d", i);
		assert_int_equal(inodes_number(inodes, &identity, 0) != 0, i % 2);
		if (i % 2)
			assert_string_equal(inodes_get(inodes, nodes[i])->path, path);
	}
}

/* What each of so many inodes takes, with what uthash needs. Their paths have 30 characters. */
static void assert_bytes_each(enum inode_kind kind, size_t max)
{
	enum { N = 100000 };
	char path[31];
	struct inode_identity identity = {kind, &registry, path, {{0}}, NULL};
	size_t before = heap_bytes(), bytes;

	heap_skip_unless_measurable();
	for (unsigned i = 0; i < N; i++) {
		snprintf(path, sizeof(path), "team/application/service%06u", i % N);
		if (kind == INODE_FILE)
			memcpy(identity.digest.sha256, &i, sizeof(i));
		lookup(identity, 0);
	}
	assert_int_equal(strlen(path), 30);
	bytes = (heap_bytes() - before) / N;
	print_message("%zu bytes each\n", bytes);
	assert_in_range(bytes, 1, max);
}

static void a_directory_takes_no_more_than_250_bytes(void **state)
{
	(void)state;
	assert_bytes_each(INODE_DIRECTORY, 250);
}

static void a_manifest_takes_no_more_than_250_bytes(void **state)
{
	(void)state;
	assert_bytes_each(INODE_FILE, 250);
}

static void a_size_is_remembered_as_long_as_the_inode(void **state)
{
	struct inode *inode = lookup(manifest("team/app", &one), 0);
	size_t size = 77;

	(void)state;
	assert_false(inodes_size(inodes, inode, &size));
	assert_int_equal(size, 77);
	inodes_set_size(inodes, inode, 1234);
	inode = lookup(manifest("team/app", &one), 0);
	assert_true(inodes_size(inodes, inode, &size));
	assert_int_equal(size, 1234);
	inodes_forget(inodes, inodes_node(inode), 2);
	inode = lookup(manifest("team/app", &one), 0);
	assert_false(inodes_size(inodes, inode, &size));
}

static void a_file_that_is_made_again_has_its_size_and_no_bytes(void **state)
{
	struct inode_identity identity = {INODE_FILE, &registry, "team/app/v1", one, NULL};
	struct inode_content content = {.size = 500};
	struct inode *inode;
	size_t size = 0;

	(void)state;
	assert_int_equal(inodes_lookup(inodes, &identity, 51, 48, &content, &inode), 0);
	assert_true(inodes_size(inodes, inode, &size));
	assert_int_equal(size, 500);
	assert_null(inodes_bytes(inode));
}

static void few_that_are_left_of_many_are_still_found(void **state)
{
	enum { MANY = 100000 };
	static struct inode *held[MANY];
	char path[32];

	(void)state;
	for (int i = 0; i < MANY; i++) {
		snprintf(path, sizeof(path), "team/%d", i);
		held[i] = lookup(directory(path), 0);
	}
	for (int i = 0; i < MANY; i++)
		if (i % 1000)
			inodes_forget(inodes, inodes_node(held[i]), 1);
	for (int i = 0; i < MANY; i += 1000) {
		snprintf(path, sizeof(path), "team/%d", i);
		assert_ptr_equal(lookup(directory(path), 0), held[i]);
		inodes_forget(inodes, inodes_node(held[i]), 2);
	}
}

static struct inode_identity of_kind(enum inode_kind kind, const char *path)
{
	return (struct inode_identity){kind, &registry, path, {{0}}, NULL};
}

static void assert_held(const char *path, const struct inode *parent, const struct inode *inode,
                        const char *name)
{
	struct held_directory *held;
	size_t n = inodes_held(inodes, &registry, path, &held), found = 0;

	for (size_t i = 0; i < n; i++) {
		if (held[i].node != inodes_node(inode))
			continue;
		found++;
		assert_int_equal(held[i].parent, parent ? inodes_node(parent) : 0);
		assert_string_equal(held[i].name, name);
	}
	assert_int_equal(found, 1);
	inodes_held_free(held, n);
}

static void held_directories_have_names_in_those_above(void **state)
{
	struct inode *top = lookup(of_kind(INODE_REGISTRY, ""), 0);
	struct inode *team = lookup(directory("team"), 0), *app = lookup(directory("team/app"), 0);
	struct inode *image = lookup(of_kind(INODE_IMAGE, "team/app/v1"), 0);
	struct inode *reference = lookup(of_kind(INODE_IMAGE, "team/app:v1"), 0);
	struct inode *digests = lookup(of_kind(INODE_DIGESTS, "team/app"), 0);
	struct inode *digest = lookup(of_kind(INODE_IMAGE, "team/app/.digests/sha256:00"), 0);
	static const struct file_kind kind = {.name = "platforms"};
	struct inode_identity links = of_kind(INODE_LINKS, "team/app/v1");
	struct inode *platforms;

	(void)state;
	links.file = &kind;
	platforms = lookup(links, 0);
	assert_held("", NULL, top, "");
	assert_held("", top, team, "team");
	assert_held("team", top, team, "team");
	assert_held("team", team, app, "app");
	assert_held("team/app", app, image, "v1");
	assert_held("team/app", team, reference, "app:v1");
	assert_held("team/app", app, digests, ".digests");
	assert_held("team/app", digests, digest, "sha256:00");
	assert_held("team/app/v1", image, platforms, "platforms");
}

static void only_directories_below_the_path_are_held(void **state)
{
	struct held_directory *held;

	(void)state;
	lookup(directory("team"), 0);
	lookup(directory("teams"), 0);
	lookup(manifest("team", &one), 0);
	lookup((struct inode_identity){INODE_DIRECTORY, &other_registry, "team", {{0}}, NULL}, 0);
	assert_int_equal(inodes_held(inodes, &registry, "team", &held), 1);
	inodes_held_free(held, 1);
	assert_int_equal(inodes_held(inodes, &registry, "", &held), 2);
	inodes_held_free(held, 2);
	assert_int_equal(inodes_held(inodes, NULL, "", &held), 3);
	inodes_held_free(held, 3);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(held_directories_have_names_in_those_above),
	        cmocka_unit_test_fixture(only_directories_below_the_path_are_held),
	        cmocka_unit_test_fixture(an_inode_shows_the_image_as_it_was_last_told_of),
	        cmocka_unit_test_fixture(an_inode_is_what_was_looked_up),
	        cmocka_unit_test_fixture(the_same_identity_is_the_same_inode),
	        cmocka_unit_test_fixture(another_identity_is_another_inode),
	        cmocka_unit_test_fixture(an_inode_gets_the_number_that_it_was_listed_with),
	        cmocka_unit_test_fixture(two_inodes_may_have_the_number_of_one_thing),
	        cmocka_unit_test_fixture(the_longest_path_of_a_listing_is_found),
	        cmocka_unit_test_fixture(files_of_an_image_are_numbered_behind_its_directory),
	        cmocka_unit_test_fixture(
	                another_image_in_a_directory_has_other_numbers_for_its_files),
	        cmocka_unit_test_fixture(a_directory_takes_no_more_than_250_bytes),
	        cmocka_unit_test_fixture(a_manifest_takes_no_more_than_250_bytes),
	        cmocka_unit_test_fixture(the_number_of_a_held_inode_is_shown_in_listings),
	        cmocka_unit_test_fixture(an_inode_lives_until_all_its_lookups_are_forgotten),
	        cmocka_unit_test_fixture(more_is_forgotten_than_was_looked_up),
	        cmocka_unit_test_fixture(the_root_is_never_forgotten),
	        cmocka_unit_test_fixture(many_inodes_are_held_at_once),
	        cmocka_unit_test_fixture(few_that_are_left_of_many_are_still_found),
	        cmocka_unit_test_fixture(a_size_is_remembered_as_long_as_the_inode),
	        cmocka_unit_test_fixture(a_file_that_is_made_again_has_its_size_and_no_bytes),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
