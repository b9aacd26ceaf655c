/* Listings, page by page. */
#include "ecr/listing.h"
#include "ecr/registry.h"
#include "tests/unit/fake_api.h"
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <string.h>

#define DIGEST_A "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct registry registry = {.account = "012345678910"};
static struct api api;

/* What came of a listing so far. */
struct listed {
	unsigned pages;
	bool last;
	enum status status;
	char names[256]; /* "a b c" */
};

static struct listed listed;

static int set_up(void **state)
{
	(void)state;
	memset(&api, 0, sizeof(api));
	memset(&listed, 0, sizeof(listed));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fake_api_deinit(&api);
	return 0;
}

static void add_page(enum status status, size_t n, bool last)
{
	assert_false(listed.last); /* nothing follows the last page */
	assert_true(status == STATUS_OK || (n == 0 && last));
	listed.pages++;
	listed.status = status;
	listed.last = last;
}

static void add_name(const char *name)
{
	if (listed.names[0])
		strcat(listed.names, " ");
	strcat(listed.names, name);
}

static void repositories_came(void *arg, enum status status,
                              const struct repository_record *records, size_t n, bool last)
{
	assert_ptr_equal(arg, &listed);
	add_page(status, n, last);
	for (size_t i = 0; i < n; i++)
		add_name(records[i].name);
}

static void images_came(void *arg, enum status status, const struct image_record *records, size_t n,
                        bool last)
{
	assert_ptr_equal(arg, &listed);
	add_page(status, n, last);
	for (size_t i = 0; i < n; i++)
		add_name(records[i].tags[0]);
}

static void list_repositories(void)
{
	assert_int_equal(listing_repositories(&api, &registry, repositories_came, &listed), 0);
	assert_int_equal(listed.pages, 0);
}

static void assert_ended(enum status status, const char *names)
{
	assert_true(listed.last);
	assert_int_equal(listed.status, status);
	assert_string_equal(listed.names, names);
	assert_null(api.calls);
}

static void one_page_is_all(void **state)
{
	(void)state;
	list_repositories();
	assert_string_equal(api.calls->operation, "DescribeRepositories");
	assert_string_equal(api.calls->subject, "");
	fake_api_answer(&api, "{\"repositories\":[{\"repositoryName\":\"a\"}]}");
	assert_ended(STATUS_OK, "a");
}

static void images_are_listed_of_a_repository(void **state)
{
	(void)state;
	assert_int_equal(listing_images(&api, &registry, "team/app", images_came, &listed), 0);
	assert_string_equal(api.calls->operation, "DescribeImages");
	assert_string_equal(api.calls->subject, "team/app");
	assert_non_null(strstr(api.calls->body, "\"repositoryName\":\"team/app\""));
	fake_api_answer(&api, "{\"imageDetails\":[{\"imageDigest\":\"" DIGEST_A
	                      "\",\"imageTags\":[\"v1\"]}]}");
	assert_ended(STATUS_OK, "v1");
}

static void pages_follow_until_there_is_no_token(void **state)
{
	(void)state;
	list_repositories();
	assert_null(strstr(api.calls->body, "nextToken"));
	fake_api_answer(&api,
	                "{\"repositories\":[{\"repositoryName\":\"a\"}],\"nextToken\":\"t1\"}");
	assert_int_equal(listed.pages, 1);
	assert_false(listed.last);
	assert_non_null(strstr(api.calls->body, "\"nextToken\":\"t1\""));
	fake_api_answer(&api,
	                "{\"repositories\":[{\"repositoryName\":\"b\"}],\"nextToken\":\"t2\"}");
	assert_non_null(strstr(api.calls->body, "\"nextToken\":\"t2\""));
	fake_api_answer(&api, "{\"repositories\":[{\"repositoryName\":\"c\"}]}");
	assert_ended(STATUS_OK, "a b c");
	assert_int_equal(api.n_calls, 3);
}

static void an_empty_page_is_not_the_end(void **state)
{
	(void)state;
	list_repositories();
	fake_api_answer(&api, "{\"repositories\":[],\"nextToken\":\"t1\"}");
	assert_false(listed.last);
	fake_api_answer(&api, "{\"repositories\":[{\"repositoryName\":\"a\"}]}");
	assert_ended(STATUS_OK, "a");
}

/* Else it would go round for ever. */
static void a_token_that_repeats_ends_the_listing(void **state)
{
	(void)state;
	list_repositories();
	fake_api_answer(&api, "{\"repositories\":[],\"nextToken\":\"t1\"}");
	fake_api_answer(&api, "{\"repositories\":[],\"nextToken\":\"t1\"}");
	assert_ended(STATUS_PROTOCOL, "");
	assert_int_equal(api.complaints, 1);
}

static void a_page_that_fails_ends_the_listing(void **state)
{
	(void)state;
	list_repositories();
	fake_api_answer(&api,
	                "{\"repositories\":[{\"repositoryName\":\"a\"}],\"nextToken\":\"t1\"}");
	fake_api_fail_with(&api, STATUS_THROTTLED);
	assert_ended(STATUS_THROTTLED, "a");
}

static void an_answer_that_is_no_page_ends_the_listing(void **state)
{
	(void)state;
	list_repositories();
	fake_api_answer(&api, "{}");
	assert_ended(STATUS_PROTOCOL, "");
	assert_int_equal(api.complaints, 1);
}

static void a_first_page_that_cannot_be_asked_for_is_no_listing(void **state)
{
	(void)state;
	api.refusal = -ENOMEM;
	assert_int_equal(listing_repositories(&api, &registry, repositories_came, &listed),
	                 -ENOMEM);
	assert_int_equal(listed.pages, 0);
}

static void a_later_page_that_cannot_be_asked_for_ends_the_listing(void **state)
{
	(void)state;
	list_repositories();
	api.refusal = -ENOMEM;
	fake_api_answer(&api, "{\"repositories\":[],\"nextToken\":\"t1\"}");
	assert_ended(STATUS_NO_MEMORY, "");
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(one_page_is_all),
	        cmocka_unit_test_fixture(images_are_listed_of_a_repository),
	        cmocka_unit_test_fixture(pages_follow_until_there_is_no_token),
	        cmocka_unit_test_fixture(an_empty_page_is_not_the_end),
	        cmocka_unit_test_fixture(a_token_that_repeats_ends_the_listing),
	        cmocka_unit_test_fixture(a_page_that_fails_ends_the_listing),
	        cmocka_unit_test_fixture(an_answer_that_is_no_page_ends_the_listing),
	        cmocka_unit_test_fixture(a_first_page_that_cannot_be_asked_for_is_no_listing),
	        cmocka_unit_test_fixture(a_later_page_that_cannot_be_asked_for_ends_the_listing),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
