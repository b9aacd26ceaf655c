/* The request bodies of the ECR API. */
#include "ecr/body.h"
#include "tests/unit/unit_test.h"

#include <stdlib.h>

#define DIGEST_A "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void assert_body(char *body, const char *expected)
{
	assert_non_null(body);
	assert_string_equal(body, expected);
	free(body);
}

static void a_page_is_as_large_as_ecr_allows(void **state)
{
	(void)state;
	assert_body(body_list_repositories(NULL), "{\"maxResults\":1000}");
}

static void the_page_token_is_passed_on(void **state)
{
	(void)state;
	assert_body(body_list_repositories("to\"k\\e\nn"),
	            "{\"maxResults\":1000,\"nextToken\":\"to\\\"k\\\\e\\u000an\"}");
	assert_body(body_list_images("team/app", IMAGES_TAGGED, true, "token"),
	            "{\"repositoryName\":\"team/app\",\"filter\":{\"tagStatus\":\"TAGGED\","
	            "\"imageStatus\":\"ANY\"},\"maxResults\":1000,\"nextToken\":\"token\"}");
}

static void untagged_images_are_listed_on_demand(void **state)
{
	(void)state;
	assert_body(body_list_images("team/app", IMAGES_ALL, true, NULL),
	            "{\"repositoryName\":\"team/app\",\"filter\":{\"tagStatus\":\"ANY\","
	            "\"imageStatus\":\"ANY\"},\"maxResults\":1000}");
}

static void an_old_server_is_not_asked_for_archived_images(void **state)
{
	(void)state;
	assert_body(body_list_images("team/app", IMAGES_TAGGED, false, NULL),
	            "{\"repositoryName\":\"team/app\",\"filter\":{\"tagStatus\":\"TAGGED\"},"
	            "\"maxResults\":1000}");
}

/* ECR refuses maxResults and nextToken together with names or ids. */
static void questions_by_name_have_no_page(void **state)
{
	static const char *const names[] = {"one", "two"};

	(void)state;
	assert_body(body_find_repositories(names, 2), "{\"repositoryNames\":[\"one\",\"two\"]}");
}

static void tags_and_digests_may_be_asked_for_together(void **state)
{
	static const char *const ids[] = {"one", DIGEST_A};

	(void)state;
	assert_body(body_find_images("team/app", ids, 2),
	            "{\"repositoryName\":\"team/app\",\"imageIds\":"
	            "[{\"imageTag\":\"one\"},{\"imageDigest\":\"" DIGEST_A "\"}]}");
}

/* Without the right type ECR would convert what is read. */
static void manifests_are_asked_for_in_every_type(void **state)
{
	static const char *const ids[] = {DIGEST_A};

	(void)state;
	assert_body(body_fetch_manifests("team/app", ids, 1),
	            "{\"repositoryName\":\"team/app\",\"imageIds\":[{\"imageDigest\":\"" DIGEST_A
	            "\"}],\"acceptedMediaTypes\":["
	            "\"application/vnd.oci.image.index.v1+json\","
	            "\"application/vnd.oci.image.manifest.v1+json\","
	            "\"application/vnd.docker.distribution.manifest.v2+json\","
	            "\"application/vnd.docker.distribution.manifest.list.v2+json\","
	            "\"application/vnd.docker.distribution.manifest.v1+prettyjws\","
	            "\"application/vnd.docker.distribution.manifest.v1+json\"]}");
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_page_is_as_large_as_ecr_allows),
	        cmocka_unit_test(the_page_token_is_passed_on),
	        cmocka_unit_test(untagged_images_are_listed_on_demand),
	        cmocka_unit_test(an_old_server_is_not_asked_for_archived_images),
	        cmocka_unit_test(questions_by_name_have_no_page),
	        cmocka_unit_test(tags_and_digests_may_be_asked_for_together),
	        cmocka_unit_test(manifests_are_asked_for_in_every_type),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
