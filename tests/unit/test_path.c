/* The grammar of the tree below a registry. */
#include "fs/path.h"
#include "tests/unit/unit_test.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A buffer for the longest texts of these tests. */
#define TEXT_SIZE (2 * PATH_SIZE)

static const char *filled(char text[static TEXT_SIZE], size_t length)
{
	memset(text, 'a', length);
	text[length] = '\0';
	return text;
}

/* A repository name of `length` characters, in two components. */
static const char *filled_repository(char text[static TEXT_SIZE], size_t length)
{
	filled(text, length);
	text[100] = '/';
	return text;
}

static struct path_child child_of(const char *parent, const char *name)
{
	struct path_child child;

	print_message("%.40s / %.40s\n", parent, name);
	path_child(parent, name, &child);
	assert_int_equal(child.form, PATH_COMPONENT);
	return child;
}

static void assert_no_child(const char *parent, const char *name)
{
	struct path_child child;

	print_message("%.40s / %.40s\n", parent, name);
	path_child(parent, name, &child);
	assert_int_equal(child.form, PATH_NOTHING);
}

static void assert_no_split(const char *path)
{
	struct path_parts parts;

	print_message("%.40s\n", path);
	assert_false(path_split(path, &parts));
}

static void a_component_joins_the_path_above_it(void **state)
{
	(void)state;
	assert_string_equal(child_of("", "team").path, "team");
	assert_string_equal(child_of("team", "app").path, "team/app");
	assert_string_equal(child_of("team/app", "v1").path, "team/app/v1");
}

static void right_below_the_registry_there_are_no_tags(void **state)
{
	struct path_child child = child_of("", "latest");

	(void)state;
	assert_true(child.may_be_directory);
	assert_false(child.may_be_tag);
	assert_no_child("", "V1.0");
}

static void one_letter_is_no_repository_but_may_lead_to_one(void **state)
{
	(void)state;
	assert_true(child_of("", "a").may_be_directory);
	assert_true(child_of("a", "b").may_be_directory);
	assert_false(child_of("a", "b").may_be_tag);
	assert_true(child_of("a/b", "c").may_be_tag);
}

static void a_name_may_be_a_tag_a_directory_or_both(void **state)
{
	static const char *const both[] = {"latest", "1.2.3", "v1", "manifest.json"};
	static const char *const tags_only[] = {"V1", "_", "1.0_", "1..0", "a-", "sha256-abc."};

	(void)state;
	for (size_t i = 0; i < COUNT(both); i++) {
		assert_true(child_of("team", both[i]).may_be_directory);
		assert_true(child_of("team", both[i]).may_be_tag);
	}
	for (size_t i = 0; i < COUNT(tags_only); i++) {
		assert_false(child_of("team", tags_only[i]).may_be_directory);
		assert_true(child_of("team", tags_only[i]).may_be_tag);
	}
}

static void what_ecr_has_no_name_for_is_not_asked_for(void **state)
{
	static const char *const names[] = {
	        "",    ".",     "..",          ".hidden", "-x",  "a/b",  "a@b",       "aa:",
	        ":v1", "aa:.x", "aa@sha256:0", "a b",     "a\n", "a\\b", "\xc3\xa9x", "aa:b@c"};

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		assert_no_child("", names[i]);
		assert_no_child("team/app", names[i]);
	}
}

static void a_component_has_at_most_255_bytes(void **state)
{
	char name[TEXT_SIZE];

	(void)state;
	assert_true(child_of("", filled(name, 255)).may_be_directory);
	assert_true(child_of("team", filled(name, 255)).may_be_tag);
	assert_no_child("", filled(name, 256));
	assert_no_child("team", filled(name, 256));
	assert_no_child("team", filled(name, TEXT_SIZE - 1));
}

static void a_repository_path_has_at_most_256_bytes(void **state)
{
	char parent[TEXT_SIZE];

	(void)state;
	assert_true(child_of(filled(parent, 253), "b").may_be_directory);
	assert_true(child_of(filled(parent, 254), "b").may_be_directory);
	assert_false(child_of(filled(parent, 255), "b").may_be_directory);
	assert_true(child_of(filled(parent, 255), "b").may_be_tag);
}

static void the_longest_repository_has_room_for_the_longest_tag(void **state)
{
	char parent[TEXT_SIZE], name[TEXT_SIZE];
	struct path_child child = child_of(filled_repository(parent, 256), filled(name, 255));

	(void)state;
	assert_false(child.may_be_directory);
	assert_true(child.may_be_tag);
	assert_int_equal(strlen(child.path), 256 + 1 + 255);
	assert_no_child(filled_repository(parent, 257), "b");
}

static void the_last_component_is_the_tag(void **state)
{
	static const char path[] = "team/app/v1.0";
	struct path_parts parts;

	(void)state;
	assert_true(path_split(path, &parts));
	assert_string_equal(parts.repository, "team/app");
	assert_ptr_equal(parts.image, path + strlen("team/app/"));
	assert_true(path_split("ab/V1", &parts));
	assert_string_equal(parts.repository, "ab");
	assert_string_equal(parts.image, "V1");
}

static void what_is_no_image_is_not_split(void **state)
{
	static const char *const paths[] = {"",
	                                    "/",
	                                    "app",
	                                    "app/",
	                                    "/app",
	                                    "a/b",
	                                    "//v",
	                                    "a//b",
	                                    "Team/app",
	                                    "team/app/.x",
	                                    "team/app/-",
	                                    "team//app/v1",
	                                    "../etc/passwd",
	                                    "team/app/:b",
	                                    "team/app@v1",
	                                    "team/.digests/v1"};

	(void)state;
	for (size_t i = 0; i < COUNT(paths); i++)
		assert_no_split(paths[i]);
}

static void a_long_path_is_split_up_to_its_limits(void **state)
{
	char path[TEXT_SIZE];
	struct path_parts parts;

	(void)state;
	filled_repository(path, 256 + 1 + 255);
	path[256] = '/';
	assert_true(path_split(path, &parts));
	assert_int_equal(strlen(parts.repository), 256);
	assert_int_equal(strlen(parts.image), 255);
	filled_repository(path, 256 + 1 + 256);
	path[256] = '/';
	assert_no_split(path);
	filled_repository(path, 257 + 1 + 1);
	path[257] = '/';
	assert_no_split(path);
}

#define HEX    "4a1c6567c38904384ebc64e35b7eeddd8451110c299e3368d2210066487d97e5"
#define DIGEST "sha256:" HEX

static void assert_split(const char *path, const char *repository, const char *image)
{
	struct path_parts parts;

	print_message("%s\n", path);
	assert_true(path_split(path, &parts));
	assert_string_equal(parts.repository, repository);
	assert_string_equal(parts.image, image);
}

static void every_form_of_a_reference_leads_to_the_image(void **state)
{
	(void)state;
	assert_split("team/app:v1", "team/app", "v1");
	assert_split("app:v1", "app", "v1");
	assert_split("team/app@" DIGEST, "team/app", DIGEST);
	assert_split("app@" DIGEST, "app", DIGEST);
	assert_split("team/app/" DIGEST, "team/app", DIGEST);
	assert_split("team/app/.digests/" DIGEST, "team/app", DIGEST);
	assert_split("team/app/.untagged/" DIGEST, "team/app", DIGEST);
}

static enum path_form form_of(const char *parent, const char *name)
{
	struct path_child child;

	path_child(parent, name, &child);
	return child.form;
}

static void references_are_told_by_their_form(void **state)
{
	(void)state;
	assert_int_equal(form_of("", "app:v1"), PATH_REFERENCE);
	assert_int_equal(form_of("team", "app:V1"), PATH_REFERENCE);
	assert_int_equal(form_of("team", "app@" DIGEST), PATH_REFERENCE);
	assert_int_equal(form_of("team/app", DIGEST), PATH_REFERENCE);
	assert_int_equal(form_of("", DIGEST), PATH_REFERENCE); /* repository "sha256" */
	assert_int_equal(form_of("team", "app@sha256:"
	                                 "4A" HEX),
	                 PATH_NOTHING);
}

static void directories_of_ours_are_in_repositories(void **state)
{
	(void)state;
	assert_int_equal(form_of("team/app", ".digests"), PATH_HIDDEN);
	assert_int_equal(form_of("team/app", ".untagged"), PATH_HIDDEN);
	assert_int_equal(form_of("", ".digests"), PATH_NOTHING);
	assert_int_equal(form_of("team/app", ".digest"), PATH_NOTHING);
}

static void in_what_is_an_image_only_there_are_no_names_but_ours(void **state)
{
	(void)state;
	assert_no_child("team:v1", "foo");
	assert_no_child("team/.digests/sha256:" HEX, "foo");
	assert_no_child("team@sha256:" HEX, "app:v1");
}

static void the_path_of_an_image_may_be_a_repository_too(void **state)
{
	(void)state;
	assert_true(path_may_be_directory("team/app"));
	assert_true(path_may_be_directory("team/1.0"));
	assert_false(path_may_be_directory("team/V1"));
	assert_false(path_may_be_directory("team:app"));
	assert_false(path_may_be_directory("team/.digests/sha256:00"));
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_component_joins_the_path_above_it),
	        cmocka_unit_test(right_below_the_registry_there_are_no_tags),
	        cmocka_unit_test(one_letter_is_no_repository_but_may_lead_to_one),
	        cmocka_unit_test(a_name_may_be_a_tag_a_directory_or_both),
	        cmocka_unit_test(what_ecr_has_no_name_for_is_not_asked_for),
	        cmocka_unit_test(a_component_has_at_most_255_bytes),
	        cmocka_unit_test(a_repository_path_has_at_most_256_bytes),
	        cmocka_unit_test(the_longest_repository_has_room_for_the_longest_tag),
	        cmocka_unit_test(the_last_component_is_the_tag),
	        cmocka_unit_test(every_form_of_a_reference_leads_to_the_image),
	        cmocka_unit_test(references_are_told_by_their_form),
	        cmocka_unit_test(directories_of_ours_are_in_repositories),
	        cmocka_unit_test(what_is_no_image_is_not_split),
	        cmocka_unit_test(in_what_is_an_image_only_there_are_no_names_but_ours),
	        cmocka_unit_test(the_path_of_an_image_may_be_a_repository_too),
	        cmocka_unit_test(a_long_path_is_split_up_to_its_limits),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
