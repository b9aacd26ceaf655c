/* The JSON of the ECR API. */
#include "ecr/json.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "tests/unit/heap.h"
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define HEX_A    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define DIGEST_A "sha256:" HEX_A

static void repositories_are_read(void **state)
{
	static const char body[] =
	        "{\"repositories\":[{\"repositoryName\":\"a\",\"createdAt\":1565128275.5,\"new\":{}"
	        "},"
	        "{\"createdAt\":1.0},{\"repositoryName\":null},{\"repositoryName\":7},"
	        "{\"repositoryName\":\"b/c\"}],\"nextToken\":\"more\"}";
	struct repositories_page page;

	(void)state;
	assert_int_equal(json_read_repositories(body, strlen(body), &page), 0);
	assert_int_equal(page.n, 2);
	assert_string_equal(page.records[0].name, "a");
	assert_int_equal(page.records[0].created_ns, 1565128275500000000);
	assert_string_equal(page.records[1].name, "b/c");
	assert_int_equal(page.records[1].created_ns, 0);
	assert_string_equal(page.next_token, "more");
	json_free(page.document);
}

static void read_page_token(const char *member, const char *expected)
{
	struct repositories_page page;
	char body[128];

	snprintf(body, sizeof(body), "{\"repositories\":[]%s}", member);
	assert_int_equal(json_read_repositories(body, strlen(body), &page), 0);
	assert_int_equal(page.n, 0);
	if (expected)
		assert_string_equal(page.next_token, expected);
	else
		assert_null(page.next_token);
	json_free(page.document);
}

static void only_a_token_means_that_there_is_more(void **state)
{
	(void)state;
	read_page_token("", NULL);
	read_page_token(",\"nextToken\":null", NULL);
	read_page_token(",\"nextToken\":\"x\"", "x");
}

/* botocore, too, takes it for the end; ECR would refuse it as a token. */
static void an_empty_token_ends_the_listing(void **state)
{
	(void)state;
	read_page_token(",\"nextToken\":\"\"", NULL);
}

static void an_image_is_read_with_all_its_members(void **state)
{
	static const char body[] =
	        "{\"imageDetails\":[{\"imageDigest\":\"" DIGEST_A
	        "\",\"imageTags\":[\"v1\",\"v2\"],"
	        "\"imageSizeInBytes\":5000000000,\"imagePushedAt\":1.565128275E9,"
	        "\"lastRecordedPullTime\":1565128276,"
	        "\"imageManifestMediaType\":\"type/a\",\"artifactMediaType\":\"type/b\","
	        "\"imageStatus\":\"ARCHIVED\"}]}";
	const struct image_record *image;
	struct images_page page;
	struct digest digest;

	(void)state;
	assert_int_equal(json_read_images(body, strlen(body), &page), 0);
	assert_int_equal(page.n, 1);
	image = &page.records[0];
	assert_true(digest_parse(DIGEST_A, &digest));
	assert_true(digest_equal(&image->digest, &digest));
	assert_int_equal(image->n_tags, 2);
	assert_string_equal(image->tags[0], "v1");
	assert_string_equal(image->tags[1], "v2");
	assert_int_equal(image->size_bytes, 5000000000);
	assert_int_equal(image->pushed_ns, 1565128275 * NS_PER_S);
	assert_int_equal(image->pulled_ns, 1565128276 * NS_PER_S);
	assert_string_equal(image->media_type, "type/a");
	assert_string_equal(image->artifact_type, "type/b");
	assert_int_equal(image->state, IMAGE_ARCHIVED);
	json_free(page.document);
}

static void what_an_image_does_not_tell_is_not_told(void **state)
{
	static const char body[] = "{\"imageDetails\":[{\"imageDigest\":\"" DIGEST_A
	                           "\",\"imageTags\":null,\"imageSizeInBytes\":-1,"
	                           "\"imagePushedAt\":\"soon\",\"lastRecordedPullTime\":1e300,"
	                           "\"imageStatus\":\"NEW\"}]}";
	const struct image_record *image;
	struct images_page page;

	(void)state;
	assert_int_equal(json_read_images(body, strlen(body), &page), 0);
	assert_int_equal(page.n, 1);
	image = &page.records[0];
	assert_int_equal(image->n_tags, 0);
	assert_int_equal(image->size_bytes, 0);
	assert_int_equal(image->pushed_ns, 0);
	assert_int_equal(image->pulled_ns, 0);
	assert_null(image->media_type);
	assert_null(image->artifact_type);
	assert_int_equal(image->state, IMAGE_OTHER);
	json_free(page.document);
}

static void an_image_without_a_digest_is_left_out(void **state)
{
	static const char body[] =
	        "{\"imageDetails\":[{\"imageTags\":[\"x\"]},"
	        "{\"imageDigest\":\"sha256:zz\",\"imageTags\":[\"y\"]},"
	        "{\"imageDigest\":\"" DIGEST_A "\",\"imageTags\":[7,\"z\",null]},"
	        "\"nonsense\",null]}";
	struct images_page page;

	(void)state;
	assert_int_equal(json_read_images(body, strlen(body), &page), 0);
	assert_int_equal(page.n, 1);
	assert_int_equal(page.records[0].n_tags, 1);
	assert_string_equal(page.records[0].tags[0], "z");
	json_free(page.document);
}

static void manifests_and_failures_are_read(void **state)
{
	static const char body[] =
	        "{\"images\":[{\"imageId\":{\"imageDigest\":\"" DIGEST_A "\"},"
	        "\"imageManifest\":\"{\\n\\\"a\\\":\\u00e9}\"},{\"imageId\":{}}],"
	        "\"failures\":[{\"imageId\":{\"imageDigest\":\"d\"},\"failureCode\":"
	        "\"ImageNotFound\","
	        "\"failureReason\":\"gone\"},{}]}";
	struct manifests_answer answer;

	(void)state;
	assert_int_equal(json_read_manifests(body, strlen(body), &answer), 0);
	assert_int_equal(answer.n_manifests, 1);
	assert_string_equal(answer.manifests[0].digest, DIGEST_A);
	assert_string_equal(answer.manifests[0].text, "{\n\"a\":\xc3\xa9}");
	assert_int_equal(answer.manifests[0].size, 9);
	assert_int_equal(answer.n_failures, 2);
	assert_string_equal(answer.failures[0].digest, "d");
	assert_string_equal(answer.failures[0].code, "ImageNotFound");
	assert_string_equal(answer.failures[0].reason, "gone");
	assert_null(answer.failures[1].digest);
	assert_null(answer.failures[1].code);
	json_free(answer.document);
}

static void an_answer_without_failures_is_fine(void **state)
{
	struct manifests_answer answer;

	(void)state;
	assert_int_equal(json_read_manifests("{\"images\":[]}", 13, &answer), 0);
	assert_int_equal(answer.n_manifests, 0);
	assert_int_equal(answer.n_failures, 0);
	json_free(answer.document);
}

/* Indented by three, as docker writes it: the bytes must be kept to the last blank. */
static void the_published_sample_hashes_to_its_digest(void **state)
{
	CLEANUP(close_stream) FILE *stream = fopen(DATA_DIR "/batch-get-image-response.json", "r");
	CLEANUP(free_string) char *body = NULL;
	struct manifests_answer answer;
	struct digest digest;
	char text[DIGEST_TEXT_SIZE];
	size_t capacity = 0;
	ssize_t size;

	(void)state;
	assert_non_null(stream);
	size = getdelim(&body, &capacity, '\0', stream);
	assert_true(size > 0);
	assert_int_equal(json_read_manifests(body, (size_t)size, &answer), 0);
	assert_int_equal(answer.n_manifests, 1);
	assert_int_equal(
	        digest_compute(answer.manifests[0].text, answer.manifests[0].size, &digest), 0);
	digest_format(&digest, text);
	assert_string_equal(text, answer.manifests[0].digest);
	json_free(answer.document);
}

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

static void the_ids_of_images_are_read(void **state)
{
	static const char body[] = "{\"imageIds\":[{\"imageDigest\":\"" DIGEST_A
	                           "\",\"imageTag\":\"v1\"},{\"imageTag\":\"lost\"},"
	                           "{\"imageDigest\":\"" DIGEST_A "\",\"imageTag\":null},null],"
	                           "\"nextToken\":\"t\"}";
	struct images_page page;

	(void)state;
	assert_int_equal(json_read_image_ids(body, sizeof(body) - 1, &page), 0);
	assert_int_equal(page.n, 2);
	assert_int_equal(page.records[0].n_tags, 1);
	assert_string_equal(page.records[0].tags[0], "v1");
	assert_int_equal(page.records[0].pushed_ns, 0);
	assert_null(page.records[0].media_type);
	assert_int_equal(page.records[1].n_tags, 0);
	assert_string_equal(page.next_token, "t");
	json_free(page.document);
}

/* Reads a repository with these members; answers its mutability and the filters, "a b". */
static enum tag_mutability read_mutability(const char *members, char filters[static 64])
{
	CLEANUP(free_string) char *body = NULL;
	struct repositories_page page;
	enum tag_mutability mutability;

	assert_true(asprintf(&body, "{\"repositories\":[{\"repositoryName\":\"r\"%s}]}", members) >
	            0);
	assert_int_equal(json_read_repositories(body, strlen(body), &page), 0);
	assert_int_equal(page.n, 1);
	mutability = page.records[0].mutability;
	filters[0] = '\0';
	for (size_t i = 0; i < page.records[0].n_filters; i++) {
		strcat(filters, i ? " " : "");
		strcat(filters, page.records[0].filters[i]);
	}
	json_free(page.document);
	return mutability;
}

#define EXCEPT(mutability, filters)                                                                \
	",\"imageTagMutability\":\"" mutability                                                    \
	"\",\"imageTagMutabilityExclusionFilters\":[" filters "]"
#define WILDCARD(filter) "{\"filterType\":\"WILDCARD\",\"filter\":\"" filter "\"}"

static void what_a_repository_promises_of_its_tags_is_read(void **state)
{
	char filters[64];

	(void)state;
	assert_int_equal(read_mutability("", filters), TAGS_MUTABLE);
	assert_int_equal(read_mutability(",\"imageTagMutability\":\"MUTABLE\"", filters),
	                 TAGS_MUTABLE);
	assert_int_equal(read_mutability(",\"imageTagMutability\":\"IMMUTABLE\"", filters),
	                 TAGS_IMMUTABLE);
	assert_int_equal(read_mutability(EXCEPT("IMMUTABLE_WITH_EXCLUSION",
	                                        WILDCARD("dev*") "," WILDCARD("latest")),
	                                 filters),
	                 TAGS_IMMUTABLE_EXCEPT);
	assert_string_equal(filters, "dev* latest");
	assert_int_equal(read_mutability(EXCEPT("MUTABLE_WITH_EXCLUSION", WILDCARD("v*")), filters),
	                 TAGS_MUTABLE_EXCEPT);
	assert_string_equal(filters, "v*");
}

static void a_promise_that_is_not_understood_is_none(void **state)
{
	static const char *const members[] = {
	        ",\"imageTagMutability\":\"SOMETIMES\"",
	        ",\"imageTagMutability\":7",
	        ",\"imageTagMutability\":\"IMMUTABLE_WITH_EXCLUSION\"",
	        EXCEPT("IMMUTABLE_WITH_EXCLUSION", ""),
	        EXCEPT("IMMUTABLE_WITH_EXCLUSION", "7,null"),
	        EXCEPT("IMMUTABLE_WITH_EXCLUSION",
	               WILDCARD("a") ",{\"filterType\":\"REGEX\",\"filter\":\".*\"}"),
	        EXCEPT("IMMUTABLE_WITH_EXCLUSION", "{\"filterType\":\"WILDCARD\"}"),
	        EXCEPT("MUTABLE_WITH_EXCLUSION",
	               WILDCARD("1") "," WILDCARD("2") "," WILDCARD("3") "," WILDCARD(
	                       "4") "," WILDCARD("5") "," WILDCARD("6")),
	};
	char filters[64];

	(void)state;
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		assert_int_equal(read_mutability(members[i], filters), TAGS_MUTABLE);
		assert_string_equal(filters, "");
	}
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

/* They pass through: whether such bytes may be shown is for those to say who show them. */
static void invalid_utf8_stays_what_it_is(void **state)
{
	static const char body[] = "{\"images\":[{\"imageManifest\":\"\xff\xc3\"}]}";
	struct manifests_answer answer;

	(void)state;
	assert_int_equal(json_read_manifests(body, sizeof(body) - 1, &answer), 0);
	assert_string_equal(answer.manifests[0].text, "\xff\xc3");
	json_free(answer.document);
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

static void a_page_token_that_is_no_text_is_no_last_page(void **state)
{
	static const char body[] = "{\"repositories\":[],\"nextToken\":7}";
	struct repositories_page page;

	(void)state;
	assert_int_equal(json_read_repositories(body, sizeof(body) - 1, &page), -EBADMSG);
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
	        cmocka_unit_test(a_page_token_that_is_no_text_is_no_last_page),
	        cmocka_unit_test(an_escaped_nul_does_not_cut_a_name_short),
	        cmocka_unit_test(repositories_are_read),
	        cmocka_unit_test(only_a_token_means_that_there_is_more),
	        cmocka_unit_test(an_empty_token_ends_the_listing),
	        cmocka_unit_test(an_image_is_read_with_all_its_members),
	        cmocka_unit_test(what_an_image_does_not_tell_is_not_told),
	        cmocka_unit_test(an_image_without_a_digest_is_left_out),
	        cmocka_unit_test(manifests_and_failures_are_read),
	        cmocka_unit_test(an_answer_without_failures_is_fine),
	        cmocka_unit_test(the_published_sample_hashes_to_its_digest),
	        cmocka_unit_test(another_shape_is_malformed),
	        cmocka_unit_test(deep_nesting_is_malformed),
	        cmocka_unit_test(an_error_has_code_and_message),
	        cmocka_unit_test(prefix_and_suffix_of_a_code_are_cut),
	        cmocka_unit_test(what_is_no_error_document_has_no_code),
	        cmocka_unit_test(long_codes_and_messages_are_cut),
	        cmocka_unit_test(the_ids_of_images_are_read),
	        cmocka_unit_test(what_a_repository_promises_of_its_tags_is_read),
	        cmocka_unit_test(a_promise_that_is_not_understood_is_none),
	        cmocka_unit_test(one_poison_record_does_not_fail_its_neighbours),
	        cmocka_unit_test(invalid_utf8_stays_what_it_is),
	        cmocka_unit_test(a_member_is_found_at_any_depth),
	        cmocka_unit_test(want_of_memory_is_not_malformed_json),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
