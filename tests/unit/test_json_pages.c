/* Answers that are shown as they are. */
#include "ecr/json_pages.h"
#include "base/cleanup.h"
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const lists[] = {"a.list", "others", NULL};
static const struct json_pages_part whole = {lists, "", false};

static void free_pages(struct json_pages **pages)
{
	json_pages_free(*pages);
}

static char *add(struct json_pages **pages, const char *body)
{
	char *token = NULL;

	assert_int_equal(json_pages_add(pages, &whole, body, strlen(body), &token), 0);
	return token;
}

static void assert_prints(struct json_pages *pages, const struct json_pages_part *part,
                          const char *text)
{
	CLEANUP(free_string) char *printed = NULL;

	assert_int_equal(json_pages_print(pages, part, &printed), 0);
	assert_string_equal(printed, text);
}

static void lists_go_on_from_page_to_page(void **state)
{
	CLEANUP(free_pages) struct json_pages *pages = NULL;
	CLEANUP(free_string) char *token = NULL;

	(void)state;
	token = add(&pages, "{\"a\":{\"list\":[1],\"n\":1},\"nextToken\":\"t\"}");
	assert_string_equal(token, "t");
	assert_null(
	        add(&pages, "{\"a\":{\"list\":[2,3],\"n\":2},\"others\":[4],\"nextToken\":null}"));
	assert_null(add(&pages, "{\"a\":{}}"));
	assert_prints(pages, &whole,
	              "{\n\t\"a\":\t{\n\t\t\"list\":\t[1, 2, 3],\n\t\t\"n\":\t1\n\t}\n}\n");
}

static void a_part_is_shown_by_its_path(void **state)
{
	static const struct json_pages_part first = {lists, "items.0", false};
	static const struct json_pages_part missing = {lists, "items.1", false};
	static const struct json_pages_part list = {lists, "items", false};
	CLEANUP(free_pages) struct json_pages *pages = NULL;
	char *text = NULL;

	(void)state;
	add(&pages, "{\"items\":[{\"x\":1}]}");
	assert_prints(pages, &first, "{\n\t\"x\":\t1\n}\n");
	assert_int_equal(json_pages_print(pages, &missing, &text), -EBADMSG);
	assert_int_equal(json_pages_print(pages, &list, &text), -EBADMSG);
	assert_int_equal(json_pages_print(NULL, &whole, &text), -EBADMSG);
	assert_null(text);
}

static void json_in_a_text_is_printed_and_other_text_is_left_alone(void **state)
{
	static const struct json_pages_part policy = {lists, "text", true};
	static const struct json_pages_part other = {lists, "other", true};
	static const struct json_pages_part half = {lists, "half", true};
	CLEANUP(free_pages) struct json_pages *pages = NULL;
	char *text = NULL;

	(void)state;
	add(&pages, "{\"text\":\"{\\\"a\\\":[1],\\\"createdAt\\\":7}\",\"other\":\"no json\","
	            "\"half\":\"{} no json\"}");
	assert_prints(pages, &policy, "{\n\t\"a\":\t[1],\n\t\"createdAt\":\t7\n}\n");
	assert_prints(pages, &other, "no json\n");
	assert_prints(pages, &half, "{} no json\n");
	assert_int_equal(
	        json_pages_print(pages, &(struct json_pages_part){lists, "none", true}, &text),
	        -EBADMSG);
}

static void times_are_those_that_the_aws_cli_prints(void **state)
{
	CLEANUP(free_pages) struct json_pages *pages = NULL;

	(void)state;
	add(&pages, "{\"createdAt\":1.767323045E9,\"x\":[{\"lastInUseAt\":1767323045.5}],"
	            "\"At\":5,\"scoreAt\":\"7\",\"n\":8}");
	assert_prints(pages, &whole,
	              "{\n\t\"createdAt\":\t\"2026-01-02T03:04:05+00:00\",\n\t\"x\":\t[{\n"
	              "\t\t\t\"lastInUseAt\":\t\"2026-01-02T03:04:05.500000+00:00\"\n\t\t}],\n"
	              "\t\"At\":\t5,\n\t\"scoreAt\":\t\"7\",\n\t\"n\":\t8\n}\n");
}

static void what_is_no_answer_is_refused(void **state)
{
	static const char *const wrong[] = {"",
	                                    "no json",
	                                    "[]",
	                                    "7",
	                                    "{\"nextToken\":7}",
	                                    "{",
	                                    "{\"nextToken\":\"1\",\"nextToken\":\"2\"}"};
	CLEANUP(free_pages) struct json_pages *pages = NULL;
	char *token = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(json_pages_add(&pages, &whole, wrong[i], strlen(wrong[i]), &token),
		                 -EBADMSG);
	assert_null(token);
	assert_null(add(&pages, "{}"));
	assert_prints(pages, &whole, "{\n}\n");
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(lists_go_on_from_page_to_page),
	        cmocka_unit_test(a_part_is_shown_by_its_path),
	        cmocka_unit_test(json_in_a_text_is_printed_and_other_text_is_left_alone),
	        cmocka_unit_test(times_are_those_that_the_aws_cli_prints),
	        cmocka_unit_test(what_is_no_answer_is_refused),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
