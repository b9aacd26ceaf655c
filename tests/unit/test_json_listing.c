/* Pages of repositories and of images. */
#include "ecr/json.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define DIGEST_A "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

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

static void a_page_token_that_is_no_text_is_no_last_page(void **state)
{
	static const char body[] = "{\"repositories\":[],\"nextToken\":7}";
	struct repositories_page page;

	(void)state;
	assert_int_equal(json_read_repositories(body, sizeof(body) - 1, &page), -EBADMSG);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_page_token_that_is_no_text_is_no_last_page),
	        cmocka_unit_test(repositories_are_read),
	        cmocka_unit_test(only_a_token_means_that_there_is_more),
	        cmocka_unit_test(an_empty_token_ends_the_listing),
	        cmocka_unit_test(an_image_is_read_with_all_its_members),
	        cmocka_unit_test(what_an_image_does_not_tell_is_not_told),
	        cmocka_unit_test(an_image_without_a_digest_is_left_out),
	        cmocka_unit_test(the_ids_of_images_are_read),
	        cmocka_unit_test(what_a_repository_promises_of_its_tags_is_read),
	        cmocka_unit_test(a_promise_that_is_not_understood_is_none),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
