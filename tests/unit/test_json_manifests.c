/* Answers of BatchGetImage. */
#include "ecr/json.h"
#include "base/cleanup.h"
#include "tests/unit/unit_test.h"

#include <stdio.h>
#include <string.h>

#define DIGEST_A "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

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

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(manifests_and_failures_are_read),
	        cmocka_unit_test(an_answer_without_failures_is_fine),
	        cmocka_unit_test(the_published_sample_hashes_to_its_digest),
	        cmocka_unit_test(invalid_utf8_stays_what_it_is),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
