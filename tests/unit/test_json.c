/* JSON of the ECR API: what is read of a document whatever is in it, and errors. */
#include "ecr/json.h"
#include "base/cleanup.h"
#include "tests/unit/heap.h"
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void another_shape_is_malformed(void **state)
{
	static const char *const bad[] = {
	        "",
	        "{",
	        "null",
	        "[]",
	        "<html>",
	        "{}",
	        "{\"repositories\":{},\"imageDetails\":\"\",\"images\":null}",
	        "{\"Repositories\":[],\"ImageDetails\":[],\"Images\":[]}",
	};
	struct repositories_page repositories;
	struct images_page images;
	struct manifests_answer manifests;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		size_t size = strlen(bad[i]);

		assert_int_equal(json_read_repositories(bad[i], size, &repositories), -EBADMSG);
		assert_int_equal(json_read_images(bad[i], size, &images), -EBADMSG);
		assert_int_equal(json_read_manifests(bad[i], size, &manifests), -EBADMSG);
	}
	json_free(NULL);
}

static void deep_nesting_is_malformed(void **state)
{
	CLEANUP(free_string) char *body = malloc(100001);
	struct repositories_page page;

	(void)state;
	memset(body, '[', 100000);
	body[100000] = '\0';
	assert_int_equal(json_read_repositories(body, 100000, &page), -EBADMSG);
}

static void assert_error(const char *body, const char *code, const char *message)
{
	char found_code[JSON_CODE_SIZE], found_message[JSON_MESSAGE_SIZE];

	json_read_error(body, strlen(body), found_code, found_message);
	assert_string_equal(found_code, code);
	assert_string_equal(found_message, message);
}

static void an_error_has_code_and_message(void **state)
{
	(void)state;
	assert_error("{\"__type\":\"ServerException\",\"message\":\"it broke\"}", "ServerException",
	             "it broke");
	assert_error("{\"__type\":\"AccessDeniedException\",\"Message\":\"not you\"}",
	             "AccessDeniedException", "not you");
	assert_error("{\"code\":\"Other\"}", "Other", "");
}

static void prefix_and_suffix_of_a_code_are_cut(void **state)
{
	(void)state;
	assert_error("{\"__type\":\"com.amazonaws.ecr#ServerException\"}", "ServerException", "");
	assert_error("{\"__type\":\"ServerException:http://internal/#frag\"}", "ServerException",
	             "");
	assert_error("{\"__type\":\"a.b#c.d#ServerException:x\"}", "ServerException", "");
	assert_error("{\"__type\":\"\"}", "", "");
	assert_error("{\"__type\":\"#:\"}", "", "");
}

static void what_is_no_error_document_has_no_code(void **state)
{
	(void)state;
	assert_error("", "", "");
	assert_error("<html>503</html>", "", "");
	assert_error("[]", "", "");
	assert_error("{\"__type\":5,\"message\":{}}", "", "");
}

static void long_codes_and_messages_are_cut(void **state)
{
	CLEANUP(free_string) char *body = NULL;
	char text[2000], code[JSON_CODE_SIZE], message[JSON_MESSAGE_SIZE];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_true(asprintf(&body, "{\"__type\":\"%s\",\"message\":\"%s\"}", text, text) > 0);
	json_read_error(body, strlen(body), code, message);
	assert_int_equal(strlen(code), JSON_CODE_SIZE - 1);
	assert_int_equal(strlen(message), JSON_MESSAGE_SIZE - 1);
}

/* cJSON would end the string there: "nul" is the name of another tag. */
static void an_escaped_nul_does_not_cut_a_name_short(void **state)
{
	static const char body[] = "{\"repositories\":[{\"repositoryName\":\"nul\\u0000\"},"
	                           "{\"repositoryName\":\"text\\\\u0000\"}]}";
	struct repositories_page page;

	(void)state;
	assert_int_equal(json_read_repositories(body, sizeof(body) - 1, &page), 0);
	assert_string_equal(page.records[0].name, "nul\x01");
	assert_string_equal(page.records[1].name, "text\\u0000");
	json_free(page.document);
}

/* A page with `poison` as a member of its second record of three. */
static void assert_neighbours_are_read(const char *poison)
{
	CLEANUP(free_string) char *body = NULL;
	struct repositories_page page;

	assert_true(asprintf(&body,
	                     "{\"repositories\":[{\"repositoryName\":\"a\"},{\"x\":%s,"
	                     "\"repositoryName\":\"b\"},{\"repositoryName\":\"c\"}]}",
	                     poison) > 0);
	assert_int_equal(json_read_repositories(body, strlen(body), &page), 0);
	assert_int_equal(page.n, 3);
	assert_string_equal(page.records[0].name, "a");
	assert_string_equal(page.records[1].name, "b");
	assert_string_equal(page.records[2].name, "c");
	json_free(page.document);
}

static void one_poison_record_does_not_fail_its_neighbours(void **state)
{
	CLEANUP(free_string) char *nested = malloc(20001);
	char number[201];

	(void)state;
	memset(nested, '[', 10000);
	memset(nested + 10000, ']', 10000);
	nested[20000] = '\0';
	memset(number, '9', 200);
	number[200] = '\0';
	assert_neighbours_are_read(nested);
	assert_neighbours_are_read(number);
	assert_neighbours_are_read("\"\\ud800\"");
	assert_neighbours_are_read("\"\\udc00 \\u0000\"");
	assert_neighbours_are_read("1e999999");
	assert_neighbours_are_read("-1e-999999");
	assert_neighbours_are_read("\"\xff\xfe\xc3\"");
}

static void a_member_is_found_at_any_depth(void **state)
{
	static const char body[] = "{\"a\":[{\"b\":{\"Account\":\"1\"}},{\"Account\":\"2\"}]}";
	char text[8] = "";

	(void)state;
	assert_true(json_find_text(body, sizeof(body) - 1, "Account", text, sizeof(text)));
	assert_string_equal(text, "1");
	assert_false(json_find_text(body, sizeof(body) - 1, "c", text, sizeof(text)));
}

/* An array of many objects, each of which is an allocation: more than there is room for. */
static int read_with_little_memory(void)
{
	static const char head[] = "{\"repositories\":[0", item[] = ",{}", tail[] = "]}";
	struct rlimit little = {64 << 20, 64 << 20};
	struct repositories_page page;
	size_t size = 8 << 20;
	char *body = malloc(size), *end = body;

	if (!body)
		return 1;
	end = stpcpy(end, head);
	while ((size_t)(end - body) + sizeof(item) + sizeof(tail) < size)
		end = stpcpy(end, item);
	end = stpcpy(end, tail);
	if (setrlimit(RLIMIT_AS, &little) < 0)
		return 1;
	return json_read_repositories(body, (size_t)(end - body), &page) == -ENOMEM ? 0 : 2;
}

/* Else it would be asked for again, in halves, and EPROTO to the user. */
static void want_of_memory_is_not_malformed_json(void **state)
{
	pid_t child;
	int status;

	(void)state;
	heap_skip_unless_measurable();
	child = fork();
	if (child == 0)
		_exit(read_with_little_memory());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(an_escaped_nul_does_not_cut_a_name_short),
	        cmocka_unit_test(another_shape_is_malformed),
	        cmocka_unit_test(deep_nesting_is_malformed),
	        cmocka_unit_test(an_error_has_code_and_message),
	        cmocka_unit_test(prefix_and_suffix_of_a_code_are_cut),
	        cmocka_unit_test(what_is_no_error_document_has_no_code),
	        cmocka_unit_test(long_codes_and_messages_are_cut),
	        cmocka_unit_test(one_poison_record_does_not_fail_its_neighbours),
	        cmocka_unit_test(a_member_is_found_at_any_depth),
	        cmocka_unit_test(want_of_memory_is_not_malformed_json),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
