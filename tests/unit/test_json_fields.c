/* Members by their path. */
#include "ecr/json_fields.h"
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <string.h>

static struct json_fields *read_text(const char *text)
{
	struct json_fields *fields = NULL;

	assert_int_equal(json_fields_read(text, strlen(text), &fields), 0);
	return fields;
}

static void members_are_found_by_path(void **state)
{
	struct json_fields *fields = read_text(
	        "{\"Version\":1,\"a\":{\"b\":{\"c\":\"deep\"},\"n\":1767323045000},\"list\":[1]}");
	double number = 0;

	(void)state;
	assert_string_equal(json_fields_text(fields, "a.b.c"), "deep");
	assert_true(json_fields_number(fields, "a.n", &number));
	assert_true(number == 1767323045000.0);
	assert_true(json_fields_number(fields, "Version", &number));
	assert_true(number == 1);
	json_fields_free(fields);
}

static void what_is_not_there_is_none(void **state)
{
	struct json_fields *fields =
	        read_text("{\"empty\":\"\",\"null\":null,\"n\":1,\"t\":\"x\",\"o\":{}}");
	double number = 7;

	(void)state;
	assert_null(json_fields_text(fields, "missing"));
	assert_null(json_fields_text(fields, "missing.too"));
	assert_null(json_fields_text(fields, "t.too"));
	assert_null(json_fields_text(fields, "T"));
	assert_null(json_fields_text(fields, "empty"));
	assert_null(json_fields_text(fields, "null"));
	assert_null(json_fields_text(fields, "n"));
	assert_null(json_fields_text(fields, "o"));
	assert_false(json_fields_number(fields, "t", &number));
	assert_false(json_fields_number(fields, "missing", &number));
	assert_true(number == 7);
	json_fields_free(fields);
}

static void what_is_no_object_is_refused(void **state)
{
	static const char *const texts[] = {
	        "",    "[]",      "\"text\"", "{",   "null", "{\"a\":\"x\\u0000y\"}",
	        "<a>", "{\"a\"}", "{} x",     "{}{}"};
	struct json_fields *fields = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(json_fields_read(texts[i], strlen(texts[i]), &fields), -EBADMSG);
	assert_null(fields);
	json_fields_free(NULL);
	json_fields_free(read_text(" {} \r\n\t"));
}

/* The list of all items that wiping makes of the tree has to be freed as a whole: the leak
 * sanitizer sees to that. */
static void all_that_is_nested_is_freed(void **state)
{
	(void)state;
	json_fields_free(
	        read_text("{\"a\":{\"b\":[\"c\",{\"d\":\"e\"},[]],\"f\":\"g\"},\"h\":\"i\"}"));
	json_fields_free(read_text("{}"));
}

static void assert_printed(const struct json_fields *fields, const char *expected)
{
	char *text = json_fields_print(fields);

	assert_string_equal(text, expected);
	json_fields_free_text(text);
}

static void members_are_set_beside_those_that_are_there(void **state)
{
	struct json_fields *fields = read_text("{\"a\": \"old\", \"other\": [1, {\"b\": null}]}");

	(void)state;
	assert_int_equal(json_fields_set(fields, "a", "new \"one\""), 0);
	assert_int_equal(json_fields_set(fields, "c", "d"), 0);
	assert_printed(fields,
	               "{\"other\":[1,{\"b\":null}],\"a\":\"new \\\"one\\\"\",\"c\":\"d\"}");
	assert_int_equal(json_fields_set(fields, "c", NULL), 0);
	assert_int_equal(json_fields_set(fields, "missing", NULL), 0);
	assert_int_equal(json_fields_set(fields, "missing.inside", "e"), -ENOENT);
	assert_int_equal(json_fields_set(fields, "a.inside", "e"), -ENOENT);
	assert_printed(fields, "{\"other\":[1,{\"b\":null}],\"a\":\"new \\\"one\\\"\"}");
	json_fields_free(fields);
}

static void members_are_set_where_the_path_leads(void **state)
{
	struct json_fields *fields = read_text("{\"in\": {\"side\": \"old\", \"a\": {}}}");

	(void)state;
	assert_int_equal(json_fields_set(fields, "in.side", "new"), 0);
	assert_int_equal(json_fields_set(fields, "in.a.b", "c"), 0);
	assert_printed(fields, "{\"in\":{\"a\":{\"b\":\"c\"},\"side\":\"new\"}}");
	json_fields_free(fields);
}

static void what_was_there_twice_is_replaced_as_a_whole(void **state)
{
	struct json_fields *fields = read_text("{\"a\": \"1\", \"b\": \"2\", \"a\": \"3\"}");

	(void)state;
	assert_int_equal(json_fields_set(fields, "a", "new"), 0);
	assert_string_equal(json_fields_text(fields, "a"), "new");
	assert_printed(fields, "{\"b\":\"2\",\"a\":\"new\"}");
	json_fields_free(fields);
}

static void a_new_object_is_empty(void **state)
{
	struct json_fields *fields = json_fields_new();

	(void)state;
	assert_printed(fields, "{}");
	assert_false(json_fields_has(fields, "a"));
	assert_int_equal(json_fields_set(fields, "a", "b"), 0);
	assert_true(json_fields_has(fields, "a"));
	json_fields_free(fields);
	json_fields_free_text(NULL);
}

static void null_is_nothing_and_all_else_is_something(void **state)
{
	struct json_fields *fields = read_text(
	        "{\"null\": null, \"empty\": \"\", \"zero\": 0, \"in\": {\"side\": false}}");

	(void)state;
	assert_false(json_fields_has(fields, "null"));
	assert_false(json_fields_has(fields, "missing"));
	assert_true(json_fields_has(fields, "empty"));
	assert_true(json_fields_has(fields, "zero"));
	assert_true(json_fields_has(fields, "in.side"));
	json_fields_free(fields);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(members_are_found_by_path),
	        cmocka_unit_test(what_is_not_there_is_none),
	        cmocka_unit_test(what_is_no_object_is_refused),
	        cmocka_unit_test(all_that_is_nested_is_freed),
	        cmocka_unit_test(members_are_set_beside_those_that_are_there),
	        cmocka_unit_test(members_are_set_where_the_path_leads),
	        cmocka_unit_test(what_was_there_twice_is_replaced_as_a_whole),
	        cmocka_unit_test(a_new_object_is_empty),
	        cmocka_unit_test(null_is_nothing_and_all_else_is_something),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
