/* Questions for manifests, by digest; those by tag are in test_pull.c. */
#include "base/cleanup.h"
#include "tests/unit/batch_fixture.h"

#include <stdlib.h>
#include <string.h>

static void ask_manifest(const char *digest, struct reply *reply)
{
	assert_int_equal(batcher_ask(f.batcher, &batch_manifests, &registry, "team/app", digest,
	                             (union batch_fn){.manifest = manifest_fetched}, reply),
	                 0);
	assert_int_equal(reply->answers, 0);
}

static void answer_manifest(const char *digest, const char *text)
{
	CLEANUP(free_string) char *body = NULL;

	assert_true(asprintf(&body,
	                     "{\"images\":[{\"imageId\":{\"imageDigest\":\"%s\"},"
	                     "\"imageManifest\":\"%s\"}]}",
	                     digest, text) > 0);
	fake_api_answer(&f.api, body);
}

static void a_manifest_arrives_as_its_bytes(void **state)
{
	(void)state;
	ask_manifest(ABC_DIGEST, &f.replies[0]);
	loop_run_once(f.loop);
	assert_string_equal(f.api.calls->operation, "BatchGetImage");
	answer_manifest(ABC_DIGEST, "abc");
	assert_reply(&f.replies[0], STATUS_OK, "abc");
}

static void wrong_bytes_are_never_handed_out(void **state)
{
	(void)state;
	ask_manifest(ABC_DIGEST, &f.replies[0]);
	loop_run_once(f.loop);
	answer_manifest(ABC_DIGEST, "abd");
	assert_reply(&f.replies[0], STATUS_WRONG_BYTES, "");
	assert_int_equal(f.api.complaints, 1);
}

/* What the server calls it does not matter: the bytes tell. */
static void right_bytes_under_a_wrong_name_are_recognised(void **state)
{
	(void)state;
	ask_manifest(ABC_DIGEST, &f.replies[0]);
	ask_manifest(OTHER_DIGEST, &f.replies[1]);
	loop_run_once(f.loop);
	answer_manifest(OTHER_DIGEST, "abc");
	assert_reply(&f.replies[0], STATUS_OK, "abc");
	assert_reply(&f.replies[1], STATUS_WRONG_BYTES, "");
}

static void an_image_that_the_answer_does_not_mention_is_malformed(void **state)
{
	(void)state;
	ask_manifest(ABC_DIGEST, &f.replies[0]);
	ask_manifest(OTHER_DIGEST, &f.replies[1]);
	loop_run_once(f.loop);
	answer_manifest(ABC_DIGEST, "abc");
	assert_reply(&f.replies[0], STATUS_OK, "abc");
	assert_reply(&f.replies[1], STATUS_PROTOCOL, "");
	assert_int_equal(f.api.complaints, 1);
	assert_null(f.api.calls);
}

static void answer_failure(const char *digest, const char *code)
{
	CLEANUP(free_string) char *body = NULL;

	assert_true(asprintf(&body,
	                     "{\"images\":[],\"failures\":[{\"imageId\":{\"imageDigest\":\"%s\"},"
	                     "\"failureCode\":\"%s\",\"failureReason\":\"because\"}]}",
	                     digest, code) > 0);
	fake_api_answer(&f.api, body);
}

static void an_image_that_is_gone_is_absent_without_a_word(void **state)
{
	(void)state;
	ask_manifest(ABC_DIGEST, &f.replies[0]);
	loop_run_once(f.loop);
	answer_failure(ABC_DIGEST, "ImageNotFound");
	assert_reply(&f.replies[0], STATUS_ABSENT, "");
	assert_int_equal(f.api.complaints, 0);
}

static void another_failure_is_told_to_the_log(void **state)
{
	(void)state;
	ask_manifest(ABC_DIGEST, &f.replies[0]);
	loop_run_once(f.loop);
	answer_failure(ABC_DIGEST, "ImageInaccessible");
	assert_reply(&f.replies[0], STATUS_ARCHIVED, "");
	assert_string_equal(f.api.complaint, "BatchGetImage team/app@" ABC_DIGEST
	                                     ": failure ImageInaccessible (because)");
}

/* ECR may give one answer for an id that was asked for twice. */
static void two_questions_for_one_digest_are_both_answered(void **state)
{
	(void)state;
	ask_manifest(ABC_DIGEST, &f.replies[0]);
	ask_manifest(ABC_DIGEST, &f.replies[1]);
	loop_run_once(f.loop);
	answer_manifest(ABC_DIGEST, "abc");
	assert_reply(&f.replies[0], STATUS_OK, "abc");
	assert_reply(&f.replies[1], STATUS_OK, "abc");
	ask_manifest(ABC_DIGEST, &f.replies[2]);
	ask_manifest(ABC_DIGEST, &f.replies[3]);
	loop_run_once(f.loop);
	answer_failure(ABC_DIGEST, "ImageNotFound");
	assert_reply(&f.replies[2], STATUS_ABSENT, "");
	assert_reply(&f.replies[3], STATUS_ABSENT, "");
}

/* A manifest of `size` blanks, its digest, and an answer that has it beside "abc". */
static char *answer_with_blanks(size_t size, char digest_text[static DIGEST_TEXT_SIZE])
{
	CLEANUP(free_string) char *blanks = malloc(size + 1);
	struct digest digest;
	char *body = NULL;

	memset(blanks, ' ', size);
	blanks[size] = '\0';
	assert_int_equal(digest_compute(blanks, size, &digest), 0);
	digest_format(&digest, digest_text);
	assert_true(asprintf(&body,
	                     "{\"images\":[{\"imageId\":{\"imageDigest\":\"%s\"},"
	                     "\"imageManifest\":\"%s\"},{\"imageId\":{\"imageDigest\":"
	                     "\"" ABC_DIGEST "\"},\"imageManifest\":\"abc\"}]}",
	                     digest_text, blanks) > 0);
	return body;
}

static void ask_for_blanks(size_t size)
{
	char digest[DIGEST_TEXT_SIZE];
	CLEANUP(free_string) char *body = answer_with_blanks(size, digest);

	ask_manifest(digest, &f.replies[0]);
	ask_manifest(ABC_DIGEST, &f.replies[1]);
	loop_run_once(f.loop);
	fake_api_answer(&f.api, body);
	assert_reply(&f.replies[1], STATUS_OK, "abc");
}

static void a_manifest_of_4_mib_is_the_largest(void **state)
{
	(void)state;
	ask_for_blanks(4 * 1024 * 1024);
	assert_int_equal(f.replies[0].status, STATUS_OK);
	assert_int_equal(f.api.complaints, 0);
}

static void a_larger_manifest_is_malformed_and_its_neighbours_are_fine(void **state)
{
	(void)state;
	ask_for_blanks(4 * 1024 * 1024 + 1);
	assert_int_equal(f.replies[0].status, STATUS_PROTOCOL);
	assert_int_equal(f.api.complaints, 1);
	assert_null(f.api.calls);
}

static void one_manifest_that_is_no_text_does_not_fail_its_neighbours(void **state)
{
	(void)state;
	ask_manifest(OTHER_DIGEST, &f.replies[0]);
	ask_manifest(ABC_DIGEST, &f.replies[1]);
	loop_run_once(f.loop);
	fake_api_answer(&f.api, "{\"images\":[{\"imageId\":{\"imageDigest\":\"" OTHER_DIGEST
	                        "\"},\"imageManifest\":\"\\ud800\"},{\"imageId\":{},"
	                        "\"imageManifest\":\"abc\"}]}");
	assert_reply(&f.replies[0], STATUS_WRONG_BYTES, "");
	assert_reply(&f.replies[1], STATUS_OK, "abc");
	assert_int_equal(f.api.n_calls, 1);
}

/* {"a":1} with a newline before its brace, in JSON, and the digest of that payload. */
#define SIGNED_JSON                                                                                \
	"{\\\"a\\\":1,\\\"signatures\\\":[{\\\"protected\\\":"                                     \
	"\\\"eyJmb3JtYXRMZW5ndGgiOjYsImZvcm1hdFRhaWwiOiJDbjAifQ\\\"}]\\n}"

static void a_signed_manifest_is_known_by_its_payload(void **state)
{
	static const char text[] = "{\"a\":1,\"signatures\":[{\"protected\":"
	                           "\"eyJmb3JtYXRMZW5ndGgiOjYsImZvcm1hdFRhaWwiOiJDbjAifQ\"}]\n}";
	char digest_text[DIGEST_TEXT_SIZE];
	struct digest digest;

	(void)state;
	assert_int_equal(digest_compute("{\"a\":1\n}", 8, &digest), 0);
	digest_format(&digest, digest_text);
	ask_manifest(digest_text, &f.replies[0]);
	loop_run_once(f.loop);
	answer_manifest(digest_text, SIGNED_JSON);
	assert_reply(&f.replies[0], STATUS_OK, text);
	ask_manifest(OTHER_DIGEST, &f.replies[1]);
	loop_run_once(f.loop);
	answer_manifest(OTHER_DIGEST, SIGNED_JSON);
	assert_reply(&f.replies[1], STATUS_WRONG_BYTES, "");
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(a_manifest_arrives_as_its_bytes),
	        cmocka_unit_test_fixture(wrong_bytes_are_never_handed_out),
	        cmocka_unit_test_fixture(right_bytes_under_a_wrong_name_are_recognised),
	        cmocka_unit_test_fixture(an_image_that_the_answer_does_not_mention_is_malformed),
	        cmocka_unit_test_fixture(an_image_that_is_gone_is_absent_without_a_word),
	        cmocka_unit_test_fixture(another_failure_is_told_to_the_log),
	        cmocka_unit_test_fixture(two_questions_for_one_digest_are_both_answered),
	        cmocka_unit_test_fixture(a_manifest_of_4_mib_is_the_largest),
	        cmocka_unit_test_fixture(
	                a_larger_manifest_is_malformed_and_its_neighbours_are_fine),
	        cmocka_unit_test_fixture(one_manifest_that_is_no_text_does_not_fail_its_neighbours),
	        cmocka_unit_test_fixture(a_signed_manifest_is_known_by_its_payload),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
