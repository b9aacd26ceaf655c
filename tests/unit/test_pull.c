/* Manifests by tag. */
#include "ecr/pull.h"
#include "base/cleanup.h"
#include "tests/unit/batch_fixture.h"

#include <stdio.h>
#include <string.h>

static void pulled(void *arg, enum status status, const struct digest *digest, struct bytes *bytes)
{
	struct reply *reply = arg;

	manifest_fetched(reply, status, bytes);
	assert_int_equal(status == STATUS_OK, digest != NULL);
	if (digest)
		digest_format(digest, reply->digest);
}

static void pull(const char *tag, struct reply *reply)
{
	assert_int_equal(pull_tag(f.batcher, &registry, "team/app", tag, pulled, reply), 0);
	assert_int_equal(reply->answers, 0);
}

static void answer(const char *tag, const char *digest, const char *text)
{
	CLEANUP(free_string) char *body = NULL;

	assert_true(asprintf(&body,
	                     "{\"images\":[{\"imageId\":{\"imageTag\":\"%s\",\"imageDigest\":"
	                     "\"%s\"},\"imageManifest\":\"%s\"}],\"failures\":[]}",
	                     tag, digest, text) > 0);
	fake_api_answer(&f.api, body);
}

static void assert_pulled(const struct reply *reply, const char *digest, const char *text)
{
	assert_reply(reply, STATUS_OK, text);
	assert_string_equal(reply->digest, digest);
}

static void a_tag_gives_digest_and_bytes(void **state)
{
	(void)state;
	pull("v1", &f.replies[0]);
	loop_run_once(f.loop);
	assert_string_equal(f.api.calls->operation, "BatchGetImage");
	assert_non_null(strstr(f.api.calls->body, "\"imageIds\":[{\"imageTag\":\"v1\"}],"
	                                          "\"acceptedMediaTypes\":["));
	answer("v1", ABC_DIGEST, "abc");
	assert_pulled(&f.replies[0], ABC_DIGEST, "abc");
}

static void tags_share_a_call(void **state)
{
	(void)state;
	pull("v1", &f.replies[0]);
	pull("v1", &f.replies[1]);
	pull("gone", &f.replies[2]);
	loop_run_once(f.loop);
	assert_int_equal(f.api.n_calls, 1);
	fake_api_answer(&f.api, "{\"images\":[{\"imageId\":{\"imageTag\":\"v1\",\"imageDigest\":"
	                        "\"" ABC_DIGEST "\"},\"imageManifest\":\"abc\"}],"
	                        "\"failures\":[{\"imageId\":{\"imageTag\":\"gone\"},"
	                        "\"failureCode\":\"ImageNotFound\"}]}");
	assert_pulled(&f.replies[0], ABC_DIGEST, "abc");
	assert_pulled(&f.replies[1], ABC_DIGEST, "abc");
	assert_reply(&f.replies[2], STATUS_ABSENT, "");
	assert_int_equal(f.api.complaints, 0);
}

/* ECR converts what is read by tag, and never what is read by digest. */
static void converted_bytes_are_asked_for_again_by_digest(void **state)
{
	(void)state;
	pull("v1", &f.replies[0]);
	loop_run_once(f.loop);
	answer("v1", ABC_DIGEST, "converted");
	assert_int_equal(f.replies[0].answers, 0);
	assert_int_equal(f.api.complaints, 0);
	loop_run_once(f.loop);
	assert_non_null(
	        strstr(f.api.calls->body, "\"imageIds\":[{\"imageDigest\":\"" ABC_DIGEST "\"}]"));
	answer("v1", ABC_DIGEST, "abc");
	assert_pulled(&f.replies[0], ABC_DIGEST, "abc");
}

static void bytes_that_are_wrong_twice_are_never_handed_out(void **state)
{
	(void)state;
	pull("v1", &f.replies[0]);
	loop_run_once(f.loop);
	answer("v1", ABC_DIGEST, "abd");
	loop_run_once(f.loop);
	answer("v1", ABC_DIGEST, "abd");
	assert_reply(&f.replies[0], STATUS_WRONG_BYTES, "");
	assert_int_equal(f.api.complaints, 1);
	assert_null(f.api.calls);
}

/* Bytes that hash to something are not what the tag names unless the server says so. */
static void bytes_without_a_digest_are_wrong(void **state)
{
	(void)state;
	pull("v1", &f.replies[0]);
	loop_run_once(f.loop);
	answer("v1", "sha512:00", "abc");
	assert_reply(&f.replies[0], STATUS_WRONG_BYTES, "");
	assert_int_equal(f.api.complaints, 1);
}

static void another_tags_manifest_is_no_answer(void **state)
{
	(void)state;
	pull("v1", &f.replies[0]);
	loop_run_once(f.loop);
	answer("v2", ABC_DIGEST, "abc");
	assert_reply(&f.replies[0], STATUS_PROTOCOL, "");
}

static void a_denied_pull_is_denied(void **state)
{
	(void)state;
	pull("v1", &f.replies[0]);
	loop_run_once(f.loop);
	fake_api_fail_with(&f.api, STATUS_DENIED);
	assert_reply(&f.replies[0], STATUS_DENIED, "");
	assert_int_equal(f.api.n_calls, 1);
}

static void the_end_answers_a_pull_at_either_call(void **state)
{
	(void)state;
	pull("v1", &f.replies[0]);
	loop_run_once(f.loop);
	answer("v1", OTHER_DIGEST, "abc");
	loop_run_once(f.loop);
	pull("v2", &f.replies[1]);
	end_batcher();
	assert_reply(&f.replies[0], STATUS_SERVER_ERROR, "");
	assert_reply(&f.replies[1], STATUS_SERVER_ERROR, "");
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(a_tag_gives_digest_and_bytes),
	        cmocka_unit_test_fixture(tags_share_a_call),
	        cmocka_unit_test_fixture(converted_bytes_are_asked_for_again_by_digest),
	        cmocka_unit_test_fixture(bytes_that_are_wrong_twice_are_never_handed_out),
	        cmocka_unit_test_fixture(bytes_without_a_digest_are_wrong),
	        cmocka_unit_test_fixture(another_tags_manifest_is_no_answer),
	        cmocka_unit_test_fixture(a_denied_pull_is_denied),
	        cmocka_unit_test_fixture(the_end_answers_a_pull_at_either_call),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
