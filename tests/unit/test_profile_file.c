/* The grammar of the AWS config and credentials files. */
#include "ecr/profile_file.h"
#include "base/cleanup.h"
#include "tests/unit/temp_dir.h"
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What the parser warned of. */
struct warnings {
	unsigned n;
	unsigned first_line;
	const char *first_what;
};

static struct warnings warnings;

static void note_warning(void *arg, unsigned line, const char *what)
{
	assert_null(arg);
	if (warnings.n++ == 0) {
		warnings.first_line = line;
		warnings.first_what = what;
	}
}

static struct profile_file *parse(const char *text)
{
	struct profile_file *file;

	memset(&warnings, 0, sizeof(warnings));
	file = profile_file_parse(text, strlen(text), note_warning, NULL);
	assert_non_null(file);
	return file;
}

static void free_file(struct profile_file **file)
{
	profile_file_free(*file);
}

#define PARSED(text) CLEANUP(free_file) struct profile_file *file = parse(text)

static void assert_value(const struct profile_file *file, const char *kind, const char *name,
                         const char *key, const char *value)
{
	const char *found = profile_file_get(file, kind, name, key);

	if (value) {
		assert_non_null(found);
		assert_string_equal(found, value);
	} else {
		assert_null(found);
	}
}

static void assert_warned(unsigned n, unsigned line, const char *what)
{
	assert_int_equal(warnings.n, n);
	assert_int_equal(warnings.first_line, line);
	assert_string_equal(warnings.first_what, what);
}

static void sections_have_kind_and_name(void **state)
{
	PARSED("[profile dev]\nregion = eu-west-1\n"
	       "[sso-session corp]\nsso_region = us-east-1\n"
	       "[services local]\nx = y\n"
	       "[plain]\nregion = eu-west-2\n");

	(void)state;
	assert_value(file, "profile", "dev", "region", "eu-west-1");
	assert_value(file, "sso-session", "corp", "sso_region", "us-east-1");
	assert_value(file, "services", "local", "x", "y");
	assert_value(file, "", "plain", "region", "eu-west-2");
	assert_value(file, "profile", "plain", "region", NULL);
	assert_value(file, "", "dev", "region", NULL);
	assert_true(profile_file_has(file, "profile", "dev"));
	assert_false(profile_file_has(file, "profile", "corp"));
	assert_int_equal(warnings.n, 0);
}

static void default_is_a_profile_with_or_without_the_word(void **state)
{
	PARSED("[default]\na = 1\nb = 1\n[profile default]\nb = 2\n");

	(void)state;
	assert_value(file, "profile", "default", "a", "1");
	assert_value(file, "profile", "default", "b", "2");
	assert_value(file, "", "default", "b", "2");
}

static void a_name_may_be_quoted_and_have_blanks(void **state)
{
	PARSED("[ profile \"a b\" ]\nx = 1\n[profile 'c d']\nx = 2\n[\tprofile\te\t]\nx = 3\n"
	       "[profile \"]\nx = 4\n");

	(void)state;
	assert_value(file, "profile", "a b", "x", "1");
	assert_value(file, "profile", "c d", "x", "2");
	assert_value(file, "profile", "e", "x", "3");
	assert_value(file, "profile", "\"", "x", "4");
}

static void a_word_that_only_begins_like_a_kind_is_a_name(void **state)
{
	PARSED("[profiles]\nx = 1\n[profile]\nx = 2\n");

	(void)state;
	assert_value(file, "", "profiles", "x", "1");
	assert_value(file, "", "profile", "x", "2");
}

static void keys_are_read_in_any_case(void **state)
{
	PARSED("[default]\nAWS_Access_Key_ID = AKID\n");

	(void)state;
	assert_value(file, "", "default", "aws_access_key_id", "AKID");
}

static void values_are_trimmed_and_may_contain_anything(void **state)
{
	PARSED("[default]\r\n"
	       "a =   x y  \t\r\n"
	       "b=x=y:z\r\n"
	       "c : colon\r\n"
	       "d = https://host/path?q=1#fragment\r\n"
	       "e = x;y");

	(void)state;
	assert_value(file, "", "default", "a", "x y");
	assert_value(file, "", "default", "b", "x=y:z");
	assert_value(file, "", "default", "c", "colon");
	assert_value(file, "", "default", "d", "https://host/path?q=1#fragment");
	assert_value(file, "", "default", "e", "x;y");
	assert_int_equal(warnings.n, 0);
}

static void comments_are_left_out(void **state)
{
	PARSED("# first\n; second\n[default] # behind a section\n  # indented\n"
	       "a = 1 # behind a value\nb = 2 ; too\nc = # nothing but this\n");

	(void)state;
	assert_value(file, "", "default", "a", "1");
	assert_value(file, "", "default", "b", "2");
	assert_value(file, "", "default", "c", "");
	assert_int_equal(warnings.n, 0);
}

static void a_comment_does_not_end_nested_keys(void **state)
{
	PARSED("[services s]\necr =\n  # where it is\n\n  endpoint_url = http://x\n");

	(void)state;
	assert_value(file, "services", "s", "ecr.endpoint_url", "http://x");
}

static void indented_lines_below_an_empty_value_are_nested_keys(void **state)
{
	PARSED("[services s]\necr =\n  endpoint_url = http://127.0.0.1:1\n\tOther=2\n"
	       "sts = \n  endpoint_url = http://127.0.0.1:2\nregion = x\n");

	(void)state;
	assert_value(file, "services", "s", "ecr.endpoint_url", "http://127.0.0.1:1");
	assert_value(file, "services", "s", "ecr.other", "2");
	assert_value(file, "services", "s", "sts.endpoint_url", "http://127.0.0.1:2");
	assert_value(file, "services", "s", "region", "x");
	assert_value(file, "services", "s", "endpoint_url", NULL);
}

static void indented_lines_below_a_value_go_on_with_it(void **state)
{
	PARSED("[default]\na = first\n  second = 2\n\tthird\nb = 1\n");

	(void)state;
	assert_value(file, "", "default", "a", "first\nsecond = 2\nthird");
	assert_value(file, "", "default", "b", "1");
}

/* As the AWS CLI reads it: what counts is the indentation of the key before. */
static void a_section_may_be_indented_as_a_whole(void **state)
{
	PARSED("[default]\n  a = 1\n  b = 2\n    more\n  c = 3\n  [profile x]\n  d = 4\n");

	(void)state;
	assert_value(file, "", "default", "a", "1");
	assert_value(file, "", "default", "b", "2\nmore");
	assert_value(file, "", "default", "c", "3");
	assert_value(file, "profile", "x", "d", "4");
	assert_int_equal(warnings.n, 0);
}

static void equal_sections_merge_and_the_last_key_wins(void **state)
{
	PARSED("[profile a]\nx = 1\nx = 2\ny = 1\n[profile b]\nx = 9\n[profile a]\ny = 3\n");

	(void)state;
	assert_value(file, "profile", "a", "x", "2");
	assert_value(file, "profile", "a", "y", "3");
	assert_value(file, "profile", "b", "x", "9");
}

static void a_line_without_a_separator_is_skipped(void **state)
{
	PARSED("[default]\na = 1\nnonsense\nb = 2\n= 3\n");

	(void)state;
	assert_value(file, "", "default", "a", "1");
	assert_value(file, "", "default", "b", "2");
	assert_warned(2, 3, "the line has no '='");
}

static void a_key_before_any_section_is_skipped(void **state)
{
	PARSED("a = 1\n[default]\nb = 2\n");

	(void)state;
	assert_value(file, "", "default", "a", NULL);
	assert_value(file, "", "default", "b", "2");
	assert_warned(1, 1, "the line belongs to no section");
}

/* Its keys must not become those of the section before it: a key without its secret. */
static void keys_below_a_broken_section_header_belong_to_nobody(void **state)
{
	PARSED("[default]\na = 1\n[profile broken\na = 2\n  more\n[profile]\n[]\nb = 3\n");

	(void)state;
	assert_value(file, "", "default", "a", "1");
	assert_value(file, "", "profile", "b", NULL);
	assert_warned(2, 3, "the section's name is not closed by ']'");
}

static void a_byte_order_mark_is_no_part_of_the_text(void **state)
{
	PARSED("\xef\xbb\xbf[default]\na = 1\n");

	(void)state;
	assert_value(file, "", "default", "a", "1");
	assert_int_equal(warnings.n, 0);
}

static void nothing_is_a_file_without_sections(void **state)
{
	PARSED("");

	(void)state;
	assert_false(profile_file_has(file, "", "default"));
	assert_value(file, "", "default", "a", NULL);
	assert_int_equal(warnings.n, 0);
}

static void bytes_of_any_kind_do_no_harm(void **state)
{
	static const char text[] = "[default]\na = 1\0 2\n\0\xff\xfe\n[\0]\nb\0 = 3\n\r\r\n \t\n[";
	struct profile_file *file = profile_file_parse(text, sizeof(text) - 1, note_warning, NULL);

	(void)state;
	assert_value(file, "", "default", "a", "1");
	profile_file_free(file);
}

/* Libraries that read lines into a buffer cut session tokens. */
static void a_value_may_be_very_long(void **state)
{
	CLEANUP(free_string) char *text = malloc(200000);
	const char *value;

	(void)state;
	memset(text, 'x', 200000);
	memcpy(text, "[default]\na = ", 14);
	text[199999] = '\0';
	PARSED(text);
	value = profile_file_get(file, "", "default", "a");
	assert_int_equal(strlen(value), 199999 - 14);
}

static int read_file(const char *path, struct profile_file **ret_file)
{
	memset(&warnings, 0, sizeof(warnings));
	return profile_file_read(path, note_warning, NULL, ret_file);
}

static void a_file_is_read_from_disk(void **state)
{
	CLEANUP(free_file) struct profile_file *file = NULL;
	CLEANUP(free_string) char *path = NULL;
	struct temp_dir dir;

	(void)state;
	temp_dir_init(&dir);
	temp_dir_write(&dir, "config", "[default]\nregion = eu-west-1\n");
	path = temp_dir_path(&dir, "config");
	assert_int_equal(read_file(path, &file), 0);
	assert_value(file, "", "default", "region", "eu-west-1");
	temp_dir_deinit(&dir);
}

static void a_file_that_is_not_there_is_told_apart(void **state)
{
	struct profile_file *file = NULL;

	(void)state;
	assert_int_equal(read_file("/nonexistent/config", &file), -ENOENT);
	assert_int_equal(read_file("/dev/null/.aws/config", &file), -ENOENT);
	assert_int_equal(read_file("/tmp", &file), -EISDIR);
	assert_null(file);
}

static void a_file_that_is_too_large_is_refused(void **state)
{
	struct profile_file *file = NULL;

	(void)state;
	assert_int_equal(read_file("/dev/zero", &file), -EFBIG);
	assert_null(file);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(sections_have_kind_and_name),
	        cmocka_unit_test(default_is_a_profile_with_or_without_the_word),
	        cmocka_unit_test(a_name_may_be_quoted_and_have_blanks),
	        cmocka_unit_test(a_word_that_only_begins_like_a_kind_is_a_name),
	        cmocka_unit_test(keys_are_read_in_any_case),
	        cmocka_unit_test(values_are_trimmed_and_may_contain_anything),
	        cmocka_unit_test(comments_are_left_out),
	        cmocka_unit_test(a_comment_does_not_end_nested_keys),
	        cmocka_unit_test(indented_lines_below_an_empty_value_are_nested_keys),
	        cmocka_unit_test(indented_lines_below_a_value_go_on_with_it),
	        cmocka_unit_test(a_section_may_be_indented_as_a_whole),
	        cmocka_unit_test(equal_sections_merge_and_the_last_key_wins),
	        cmocka_unit_test(a_line_without_a_separator_is_skipped),
	        cmocka_unit_test(a_key_before_any_section_is_skipped),
	        cmocka_unit_test(keys_below_a_broken_section_header_belong_to_nobody),
	        cmocka_unit_test(a_byte_order_mark_is_no_part_of_the_text),
	        cmocka_unit_test(nothing_is_a_file_without_sections),
	        cmocka_unit_test(bytes_of_any_kind_do_no_harm),
	        cmocka_unit_test(a_value_may_be_very_long),
	        cmocka_unit_test(a_file_is_read_from_disk),
	        cmocka_unit_test(a_file_that_is_not_there_is_told_apart),
	        cmocka_unit_test(a_file_that_is_too_large_is_refused),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
