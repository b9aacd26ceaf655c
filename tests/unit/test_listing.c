/* Listings, page by page. */
#include "ecr/listing.h"
#include "ecr/refusals.h"
#include "ecr/registry.h"
#include "tests/unit/captured_log.h"
#include "tests/unit/fake_api.h"
#include "tests/unit/fake_clock.h"
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define DIGEST_A "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct registry registry = {.account = "012345678910"};
static struct api api;
static struct fake_clock clock_by_hand;
static struct captured_log captured;
static struct refusals *refusals;

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
	fake_clock_init(&clock_by_hand);
	captured_log_init(&captured, &clock_by_hand.clock);
	return refusals_new(&clock_by_hand.clock, captured.log, &refusals);
}

static int tear_down(void **state)
{
	(void)state;
	fake_api_deinit(&api);
	refusals_free(refusals);
	captured_log_deinit(&captured);
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
		add_name(records[i].n_tags ? records[i].tags[0] : "-");
}

static void list_repositories(void)
{
	assert_int_equal(listing_repositories(&api, &registry, repositories_came, &listed), 0);
	assert_int_equal(listed.pages, 0);
}

static void list_images(enum image_scope scope)
{
	memset(&listed, 0, sizeof(listed));
	assert_int_equal(
	        listing_images(&api, refusals, &registry, "team/app", scope, images_came, &listed),
	        0);
	assert_int_equal(listed.pages, 0);
}

static void assert_asks(const char *operation, const char *text)
{
	assert_string_equal(api.calls->operation, operation);
	assert_non_null(strstr(api.calls->body, text));
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
	list_images(IMAGES_TAGGED);
	assert_asks("DescribeImages", "{\"tagStatus\":\"TAGGED\",\"imageStatus\":\"ANY\"}");
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

static void untagged_images_are_listed_on_demand(void **state)
{
	(void)state;
	list_images(IMAGES_ALL);
	assert_asks("DescribeImages", "{\"tagStatus\":\"ANY\",\"imageStatus\":\"ANY\"}");
	fake_api_answer(&api, "{\"imageDetails\":[{\"imageDigest\":\"" DIGEST_A "\"}]}");
	assert_ended(STATUS_OK, "-");
}

static const struct api_answer refused = {
        .status = STATUS_SERVER_ERROR, .filter_refused = true, .body = "", .request_id = ""};

static void a_server_that_knows_no_image_status_is_listed_without(void **state)
{
	(void)state;
	list_images(IMAGES_TAGGED);
	fake_api_fail(&api, &refused);
	assert_asks("DescribeImages", "\"filter\":{\"tagStatus\":\"TAGGED\"},");
	fake_api_answer(&api, "{\"imageDetails\":[]}");
	assert_ended(STATUS_OK, "");
	list_images(IMAGES_TAGGED);
	assert_asks("DescribeImages", "\"filter\":{\"tagStatus\":\"TAGGED\"},");
}

/* It was not the filter: the next listing asks for all again. */
static void a_refusal_that_another_filter_does_not_cure_is_not_remembered(void **state)
{
	(void)state;
	list_images(IMAGES_TAGGED);
	fake_api_fail(&api, &refused);
	fake_api_fail(&api, &refused);
	assert_ended(STATUS_SERVER_ERROR, "");
	list_images(IMAGES_TAGGED);
	assert_asks("DescribeImages", "imageStatus");
}

static void where_images_may_not_be_described_they_are_listed(void **state)
{
	(void)state;
	list_images(IMAGES_ALL);
	fake_api_fail_with(&api, STATUS_DENIED);
	assert_asks("ListImages", "{\"tagStatus\":\"ANY\",\"imageStatus\":\"ANY\"}");
	fake_api_answer(&api, "{\"imageIds\":[{\"imageDigest\":\"" DIGEST_A
	                      "\",\"imageTag\":\"v1\"},{\"imageDigest\":\"" DIGEST_A
	                      "\",\"imageTag\":\"v2\"}],\"nextToken\":\"t\"}");
	assert_asks("ListImages", "\"nextToken\":\"t\"");
	fake_api_answer(&api, "{\"imageIds\":[{\"imageDigest\":\"" DIGEST_A "\"}]}");
	assert_ended(STATUS_OK, "v1 v2 -");
}

static void denied_descriptions_are_remembered_for_a_minute(void **state)
{
	(void)state;
	list_images(IMAGES_TAGGED);
	fake_api_fail_with(&api, STATUS_DENIED);
	fake_api_answer(&api, "{\"imageIds\":[]}");
	fake_clock_advance(&clock_by_hand, REFUSALS_DESCRIBE_NS / 2);
	list_images(IMAGES_TAGGED);
	assert_asks("ListImages", "TAGGED");
	fake_api_answer(&api, "{\"imageIds\":[]}");
	fake_clock_advance(&clock_by_hand, REFUSALS_DESCRIBE_NS / 2);
	list_images(IMAGES_TAGGED); /* the listing in between did not prolong it */
	assert_asks("DescribeImages", "TAGGED");
	assert_int_equal(captured_log_count(&captured, "DescribeImages is denied"), 1);
}

static void where_both_are_denied_the_listing_is(void **state)
{
	(void)state;
	list_images(IMAGES_TAGGED);
	fake_api_fail_with(&api, STATUS_DENIED);
	fake_api_fail_with(&api, STATUS_DENIED);
	assert_ended(STATUS_DENIED, "");
	list_images(IMAGES_TAGGED);
	assert_asks("DescribeImages", "TAGGED");
}

static void an_old_server_that_denies_is_listed_both_ways_round(void **state)
{
	(void)state;
	list_images(IMAGES_TAGGED);
	fake_api_fail_with(&api, STATUS_DENIED);
	fake_api_fail(&api, &refused);
	assert_asks("ListImages", "{\"tagStatus\":\"TAGGED\"}");
	fake_api_answer(&api, "{\"imageIds\":[]}");
	assert_ended(STATUS_OK, "");
}

/* What has been handed out already would come twice. */
static void permissions_that_end_between_two_pages_end_the_listing(void **state)
{
	(void)state;
	list_images(IMAGES_TAGGED);
	fake_api_answer(&api, "{\"imageDetails\":[],\"nextToken\":\"t\"}");
	fake_api_fail_with(&api, STATUS_DENIED);
	assert_ended(STATUS_DENIED, "");
}

static void a_longer_circle_of_tokens_ends_the_listing(void **state)
{
	char page[64];

	(void)state;
	list_repositories();
	for (int i = 0; i < 60 && !listed.last; i++) {
		snprintf(page, sizeof(page), "{\"repositories\":[],\"nextToken\":\"t%d\"}", i % 7);
		fake_api_answer(&api, page);
	}
	assert_ended(STATUS_PROTOCOL, "");
	assert_in_range(listed.pages, 8, 25);
}

static void empty_pages_without_end_end_the_listing(void **state)
{
	char page[64];

	(void)state;
	list_repositories();
	for (int i = 0; i < 5000 && !listed.last; i++) {
		snprintf(page, sizeof(page), "{\"repositories\":[],\"nextToken\":\"t%d\"}", i);
		fake_api_answer(&api, page);
	}
	assert_ended(STATUS_PROTOCOL, "");
	assert_in_range(listed.pages, 1000, 1003);
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

/* The memory is what is missing, not the right. */
static void another_way_that_there_is_no_memory_for_is_no_denial(void **state)
{
	(void)state;
	list_images(IMAGES_TAGGED);
	api.refusal = -ENOMEM;
	fake_api_fail_with(&api, STATUS_DENIED);
	api.refusal = 0;
	assert_ended(STATUS_NO_MEMORY, "");
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(one_page_is_all),
	        cmocka_unit_test_fixture(images_are_listed_of_a_repository),
	        cmocka_unit_test_fixture(untagged_images_are_listed_on_demand),
	        cmocka_unit_test_fixture(a_server_that_knows_no_image_status_is_listed_without),
	        cmocka_unit_test_fixture(
	                a_refusal_that_another_filter_does_not_cure_is_not_remembered),
	        cmocka_unit_test_fixture(where_images_may_not_be_described_they_are_listed),
	        cmocka_unit_test_fixture(denied_descriptions_are_remembered_for_a_minute),
	        cmocka_unit_test_fixture(where_both_are_denied_the_listing_is),
	        cmocka_unit_test_fixture(another_way_that_there_is_no_memory_for_is_no_denial),
	        cmocka_unit_test_fixture(an_old_server_that_denies_is_listed_both_ways_round),
	        cmocka_unit_test_fixture(permissions_that_end_between_two_pages_end_the_listing),
	        cmocka_unit_test_fixture(a_longer_circle_of_tokens_ends_the_listing),
	        cmocka_unit_test_fixture(empty_pages_without_end_end_the_listing),
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
