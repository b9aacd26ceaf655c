/* Documents as the API is asked for them: all pages in one. */
#include "base/bytes.h"
#include "ecr/documents.h"
#include "ecr/registry.h"
#include "tests/unit/fake_api.h"
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct result {
	bool done;
	enum status status;
	char text[512];
};

static const struct registry registry = {.account = "012345678910"};
static struct api api;
static struct result result;

static int set_up(void **state)
{
	(void)state;
	memset(&api, 0, sizeof(api));
	result = (struct result){.done = false};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fake_api_deinit(&api);
	return 0;
}

static void fetched(void *arg, enum status status, struct bytes *bytes)
{
	assert_false(result.done);
	assert_ptr_equal(arg, &result);
	assert_int_equal(bytes != NULL, status == STATUS_OK);
	result.done = true;
	result.status = status;
	if (bytes)
		snprintf(result.text, sizeof(result.text), "%.*s", (int)bytes->size, bytes->data);
}

static void ask(enum document_kind kind, const char *operation)
{
	struct document_id id = {.kind = kind, .digest = {{0xab}}};

	result = (struct result){.done = false};
	assert_int_equal(documents_ask(&api, &registry, "team/app", &id, fetched, &result), 0);
	assert_false(result.done);
	assert_string_equal(api.calls->operation, operation);
	assert_string_equal(api.calls->subject, "team/app");
}

static void assert_ended(enum status status)
{
	assert_true(result.done);
	assert_int_equal(result.status, status);
}

static void all_pages_of_referrers_are_one_document(void **state)
{
	(void)state;
	ask(DOCUMENT_REFERRERS, "ListImageReferrers");
	assert_non_null(strstr(api.calls->body, "\"repositoryName\":\"team/app\""));
	assert_non_null(strstr(api.calls->body, "\"subjectId\":{\"imageDigest\":\"sha256:ab"));
	assert_non_null(strstr(api.calls->body, "\"maxResults\":50"));
	assert_null(strstr(api.calls->body, "nextToken"));
	fake_api_answer(&api, "{\"referrers\":[1],\"nextToken\":\"more\"}");
	assert_false(result.done);
	assert_non_null(strstr(api.calls->body, "\"nextToken\":\"more\""));
	fake_api_answer(&api, "{\"referrers\":[2]}");
	assert_ended(STATUS_OK);
	assert_string_equal(result.text, "{\n\t\"referrers\":\t[1, 2]\n}\n");
}

static void a_scan_is_asked_for_by_digest(void **state)
{
	(void)state;
	ask(DOCUMENT_SCAN, "DescribeImageScanFindings");
	assert_non_null(strstr(api.calls->body, "\"imageId\":{\"imageDigest\":\"sha256:ab"));
	assert_non_null(strstr(api.calls->body, "\"maxResults\":1000"));
	fake_api_answer(&api, "{\"imageScanFindings\":{\"findings\":[1]},\"nextToken\":\"t\"}");
	fake_api_answer(&api, "{\"imageScanFindings\":{\"findings\":[2]}}");
	assert_ended(STATUS_OK);
	assert_non_null(strstr(result.text, "[1, 2]"));
}

static void a_repository_is_shown_as_its_record(void **state)
{
	(void)state;
	ask(DOCUMENT_REPOSITORY, "DescribeRepositories");
	assert_string_equal(api.calls->body, "{\"repositoryNames\":[\"team/app\"]}");
	fake_api_answer(&api, "{\"repositories\":[{\"createdAt\":1767323045}]}");
	assert_ended(STATUS_OK);
	assert_string_equal(result.text, "{\n\t\"createdAt\":\t\"2026-01-02T03:04:05+00:00\"\n}\n");
	ask(DOCUMENT_REPOSITORY, "DescribeRepositories");
	fake_api_answer(&api, "{\"repositories\":[]}");
	assert_ended(STATUS_PROTOCOL);
}

static void policies_are_shown_as_what_they_say(void **state)
{
	(void)state;
	ask(DOCUMENT_POLICY, "GetRepositoryPolicy");
	assert_string_equal(api.calls->body, "{\"repositoryName\":\"team/app\"}");
	fake_api_answer(&api, "{\"registryId\":\"1\",\"policyText\":\"{\\\"a\\\":1}\"}");
	assert_ended(STATUS_OK);
	assert_string_equal(result.text, "{\n\t\"a\":\t1\n}\n");
	ask(DOCUMENT_LIFECYCLE, "GetLifecyclePolicy");
	fake_api_answer(&api, "{\"lifecyclePolicyText\":\"{\\\"rules\\\":[]}\"}");
	assert_ended(STATUS_OK);
	assert_string_equal(result.text, "{\n\t\"rules\":\t[]\n}\n");
}

static void a_failure_of_any_page_is_that_of_the_document(void **state)
{
	(void)state;
	ask(DOCUMENT_SCAN, "DescribeImageScanFindings");
	fake_api_fail_with(&api, STATUS_ABSENT);
	assert_ended(STATUS_ABSENT);
	ask(DOCUMENT_REFERRERS, "ListImageReferrers");
	fake_api_answer(&api, "{\"referrers\":[1],\"nextToken\":\"t\"}");
	fake_api_fail_with(&api, STATUS_THROTTLED);
	assert_ended(STATUS_THROTTLED);
	ask(DOCUMENT_REFERRERS, "ListImageReferrers");
	fake_api_answer(&api, "no json");
	assert_ended(STATUS_PROTOCOL);
	assert_int_equal(api.complaints, 1);
}

static void pages_without_end_are_left(void **state)
{
	char body[64];

	(void)state;
	ask(DOCUMENT_REFERRERS, "ListImageReferrers");
	fake_api_answer(&api, "{\"nextToken\":\"same\"}");
	fake_api_answer(&api, "{\"nextToken\":\"same\"}");
	assert_ended(STATUS_PROTOCOL);
	ask(DOCUMENT_REFERRERS, "ListImageReferrers");
	for (unsigned i = 0; !result.done; i++) {
		assert_true(i < 1000);
		snprintf(body, sizeof(body), "{\"nextToken\":\"%u\"}", i);
		fake_api_answer(&api, body);
	}
	assert_ended(STATUS_PROTOCOL);
	assert_int_equal(api.complaints, 2);
}

static void one_that_cannot_be_asked_for_is_not(void **state)
{
	struct document_id id = {.kind = DOCUMENT_SCAN};

	(void)state;
	api.refusal = -ENOMEM;
	assert_int_equal(documents_ask(&api, &registry, "team/app", &id, fetched, &result),
	                 -ENOMEM);
	assert_false(result.done);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(all_pages_of_referrers_are_one_document),
	        cmocka_unit_test_fixture(a_scan_is_asked_for_by_digest),
	        cmocka_unit_test_fixture(a_repository_is_shown_as_its_record),
	        cmocka_unit_test_fixture(policies_are_shown_as_what_they_say),
	        cmocka_unit_test_fixture(a_failure_of_any_page_is_that_of_the_document),
	        cmocka_unit_test_fixture(pages_without_end_are_left),
	        cmocka_unit_test_fixture(one_that_cannot_be_asked_for_is_not),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
