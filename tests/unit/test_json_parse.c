/* Where a value ends, and what may stand behind it. */
#include "ecr/json_parse.h"
#include "ecr/json.h"
#include "ecr/json_fields.h"
#include "ecr/json_image.h"
#include "ecr/json_links.h"
#include "ecr/json_pages.h"
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void assert_json(const char *text)
{
	cJSON *root = NULL;

	assert_int_equal(json_parse(text, strlen(text), &root), 0);
	assert_non_null(root);
	cJSON_Delete(root);
}

static void assert_no_json(const char *text, size_t size)
{
	cJSON *root = NULL;

	assert_int_equal(json_parse(text, size, &root), -EBADMSG);
	assert_null(root);
}

static void blanks_may_stand_around_a_value(void **state)
{
	(void)state;
	assert_json("{}");
	assert_json(" \r\n\t[1]\n \t\r\n");
	assert_json("null");
}

static void nothing_else_may_stand_behind_it(void **state)
{
	(void)state;
	assert_no_json("{} x", 4);
	assert_no_json("{}{}", 4);
	assert_no_json("[1]]", 4);
	assert_no_json("{}\0", 3);
	assert_no_json("{}\n\0x", 5);
}

static void what_is_no_value_is_none(void **state)
{
	(void)state;
	assert_no_json("", 0);
	assert_no_json("{", 1);
	assert_no_json("{}", 1); /* the size counts, not what is in memory */
	assert_no_json("<html>", 6);
}

/* cJSON's hooks: its next allocation fails, as malloc does. */
static void *no_memory(size_t size)
{
	(void)size;
	errno = ENOMEM;
	return NULL;
}

static void every_reader_tells_too_little_memory_apart(void **state)
{
	static const char *const lists[] = {NULL};
	static const struct json_pages_part part = {lists, "", false};
	cJSON_Hooks hooks = {.malloc_fn = no_memory, .free_fn = free};
	cJSON *root;
	struct json_platforms platforms;
	struct json_links links;
	struct repositories_page page;
	struct json_fields *fields;
	struct json_pages *pages = NULL;
	char *text;
	size_t length;

	(void)state;
	cJSON_InitHooks(&hooks);
	assert_int_equal(json_parse("{}", 2, &root), -ENOMEM);
	assert_int_equal(json_fields_read("{}", 2, &fields), -ENOMEM);
	assert_int_equal(json_read_repositories("{}", 2, &page), -ENOMEM);
	assert_int_equal(json_read_signature("{}", 2, &text), -ENOMEM);
	assert_int_equal(json_read_format("{}", 2, &length, &text), -ENOMEM);
	assert_int_equal(json_pages_add(&pages, &part, "{}", 2, &text), -ENOMEM);
	assert_int_equal(json_index_read("{}", 2, &platforms), -ENOMEM);
	assert_int_equal(json_links_read_referrers("{}", 2, &links), -ENOMEM);
	assert_int_equal(json_links_read_attestations("{}", 2, &links), -ENOMEM);
	cJSON_InitHooks(NULL);
	assert_null(pages);
	assert_json("{}");
}

/* All who read answers and manifests. */
static void every_reader_refuses_what_has_something_behind_it(void **state)
{
	static const char *const lists[] = {NULL};
	static const struct json_pages_part part = {lists, "", false};
	static const char listing[] = "{\"repositories\":[]}", index[] = "{\"manifests\":[]}";
	struct json_platforms platforms;
	struct json_links links;
	struct repositories_page page;
	struct json_pages *pages = NULL;
	char text[64], *token = NULL;

	(void)state;
	assert_int_equal(json_read_repositories(listing, sizeof(listing) - 1, &page), 0);
	json_free(page.document);
	snprintf(text, sizeof(text), "%s}", listing);
	assert_int_equal(json_read_repositories(text, strlen(text), &page), -EBADMSG);
	assert_int_equal(json_pages_add(&pages, &part, text, strlen(text), &token), -EBADMSG);
	json_pages_free(pages);
	assert_int_equal(json_index_read(index, sizeof(index) - 1, &platforms), 0);
	json_index_free(platforms.document);
	snprintf(text, sizeof(text), "%s%s", index, index);
	assert_int_equal(json_index_read(text, strlen(text), &platforms), -EBADMSG);
	assert_int_equal(json_links_read_attestations(text, strlen(text), &links), -EBADMSG);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(blanks_may_stand_around_a_value),
	        cmocka_unit_test(nothing_else_may_stand_behind_it),
	        cmocka_unit_test(what_is_no_value_is_none),
	        cmocka_unit_test(every_reader_tells_too_little_memory_apart),
	        cmocka_unit_test(every_reader_refuses_what_has_something_behind_it),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
