/* What the kernel tells of mounts. */
#include "fs/mountinfo.h"
#include "tests/unit/unit_test.h"

#include <stdio.h>
#include <string.h>

static char text[512];

static bool parse(const char *line, struct mountinfo *ret_info)
{
	snprintf(text, sizeof(text), "%s", line);
	return mountinfo_parse(text, ret_info);
}

static void a_line_is_parsed(void **state)
{
	struct mountinfo info;

	(void)state;
	assert_true(parse("94 28 0:48 / /mnt/ecr ro,nosuid,nodev,relatime shared:1 - fuse.ecrfs "
	                  "123456789012 ro,user_id=0\n",
	                  &info));
	assert_int_equal(info.id, 94);
	assert_string_equal(info.point, "/mnt/ecr");
	assert_string_equal(info.type, "fuse.ecrfs");
	assert_string_equal(info.source, "123456789012");
}

static void there_may_be_any_number_of_optional_fields(void **state)
{
	struct mountinfo info;

	(void)state;
	assert_true(parse("36 35 98:0 / /a rw - ext4 /dev/sda rw", &info));
	assert_string_equal(info.type, "ext4");
	assert_true(
	        parse("36 35 98:0 / /a rw shared:2 master:1 propagate_from:7 - tmpfs t rw", &info));
	assert_string_equal(info.type, "tmpfs");
	assert_string_equal(info.source, "t");
}

static void odd_characters_come_back(void **state)
{
	struct mountinfo info;

	(void)state;
	assert_true(parse("1 0 0:1 / /a\\040b\\011c\\012d\\134e\\043f,g rw - fuse.ecrfs x\\040y rw",
	                  &info));
	assert_string_equal(info.point, "/a b\tc\nd\\e#f,g");
	assert_string_equal(info.source, "x y");
}

static void an_escape_is_decoded_once(void **state)
{
	struct mountinfo info;

	(void)state;
	assert_true(parse("1 0 0:1 / /a\\134040 rw - t s rw", &info));
	assert_string_equal(info.point, "/a\\040");
	assert_true(parse("1 0 0:1 / /b\\04 rw - t s\\ rw", &info));
	assert_string_equal(info.point, "/b\\04");
	assert_string_equal(info.source, "s\\");
}

static void a_source_may_be_empty(void **state)
{
	struct mountinfo info;

	(void)state;
	assert_true(parse("1 0 0:1 / /a rw - tmpfs  rw", &info));
	assert_string_equal(info.source, "");
}

static void what_is_no_such_line_is_refused(void **state)
{
	static const char *const lines[] = {
	        "",
	        "\n",
	        "-",
	        "36",
	        "36 35 98:0 / /a",
	        "36 35 98:0 / /a rw",
	        "36 35 98:0 / /a rw -",
	        "36 35 98:0 / /a rw - type",
	        "x 35 98:0 / /a rw - type source rw",
	        "-1 35 98:0 / /a rw - type source rw",
	        "99999999999 35 98:0 / /a rw - type source rw",
	        " 35 98:0 / /a rw - type source rw",
	};
	struct mountinfo info = {.id = 7};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		print_message("%s\n", lines[i]);
		assert_false(parse(lines[i], &info));
		assert_int_equal(info.id, 7);
	}
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_line_is_parsed),
	        cmocka_unit_test(there_may_be_any_number_of_optional_fields),
	        cmocka_unit_test(odd_characters_come_back),
	        cmocka_unit_test(an_escape_is_decoded_once),
	        cmocka_unit_test(a_source_may_be_empty),
	        cmocka_unit_test(what_is_no_such_line_is_refused),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
