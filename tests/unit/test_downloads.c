/* Blobs: an address from the API, bytes from another server. */
#include "ecr/downloads.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "ecr/registry.h"
#include "ecr/settings.h"
#include "ecr/principal.h"
#include "ecr/principals.h"
#include "net/http.h"
#include "net/loop.h"
#include "tests/unit/captured_log.h"
#include "tests/unit/fake_api.h"
#include "tests/unit/fake_clock.h"
#include "tests/unit/http_server.h"
#include "tests/unit/pump.h"
#include "tests/unit/unit_test.h"

#include <stdio.h>
#include <string.h>

#define BLOB   "{\"os\":\"linux\"}"
#define SECRET "X-Amz-Signature=very-secret"

struct result {
	bool done;
	enum status status;
	char text[64];
};

static const struct registry registry = {.account = "012345678910"};
static struct aws_settings settings = {.max_attempts = 2};
static struct fake_clock clock_by_hand;
static struct captured_log captured;
static struct loop *loop;
static struct http *http;
static struct http_server *server;
static struct api api;
static struct principal principal;
static struct principals principals;
static struct downloads *downloads;

static int set_up(void **state)
{
	struct http_config config = {
	        .user_agent = "test",
	        .max_connections = 4,
	        .connect_timeout_ns = 5 * NS_PER_S,
	        .read_timeout_ns = 5 * NS_PER_S,
	};

	(void)state;
	fake_clock_init(&clock_by_hand);
	captured_log_init(&captured, &clock_by_hand.clock);
	assert_int_equal(loop_new(&loop), 0);
	assert_int_equal(http_new(loop, &config, &http), 0);
	server = http_server_new();
	principal = (struct principal){.http = http};
	principals = (struct principals){.own = &principal};
	api = (struct api){.parts = {
	                           .loop = loop,
	                           .log = captured.log,
	                           .principals = &principals,
	                           .settings = &settings,
	                   }};
	assert_int_equal(downloads_new(&api, 2, &downloads), 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fake_api_deinit(&api);
	downloads_free(downloads);
	http_free(http);
	http_server_free(server);
	loop_free(loop);
	assert_int_equal(captured_log_count(&captured, "secret"), 0);
	captured_log_deinit(&captured);
	return 0;
}

static void fetched(void *arg, enum status status, struct bytes *bytes)
{
	struct result *result = arg;

	assert_false(result->done);
	assert_int_equal(bytes != NULL, status == STATUS_OK);
	result->done = true;
	result->status = status;
	if (bytes)
		snprintf(result->text, sizeof(result->text), "%.*s", (int)bytes->size, bytes->data);
}

static struct digest digest_of_blob(void)
{
	struct digest digest;

	assert_int_equal(digest_compute(BLOB, strlen(BLOB), &digest), 0);
	return digest;
}

static void fetch(struct result *result, uint64_t size)
{
	struct digest digest = digest_of_blob();

	*result = (struct result){.done = false};
	assert_int_equal(
	        downloads_fetch(downloads, &registry, "team/app", &digest, size, fetched, result),
	        0);
	assert_false(result->done);
	loop_run_once(loop);
}

/* The API gives out an address at the server. */
static void give_url(void)
{
	char body[512];
	struct api_answer answer = {
	        .status = STATUS_OK, .body = body, .unencrypted = true, .request_id = ""};

	snprintf(body, sizeof(body), "{\"downloadUrl\":\"%sblob?" SECRET "\"}",
	         http_server_url(server));
	answer.body_size = strlen(body);
	assert_string_equal(api.calls->operation, "GetDownloadUrlForLayer");
	fake_api_fail(&api, &answer);
}

static void assert_fetched(struct result *result)
{
	pump_until(loop, &result->done);
	assert_int_equal(result->status, STATUS_OK);
	assert_string_equal(result->text, BLOB);
}

static void a_blob_is_fetched_from_where_the_api_says(void **state)
{
	CLEANUP(free_string) char *request = NULL;
	struct result result;

	(void)state;
	http_server_answer(server, 200, "", BLOB);
	fetch(&result, strlen(BLOB));
	assert_non_null(strstr(api.calls->body, "\"repositoryName\":\"team/app\""));
	assert_non_null(strstr(api.calls->body, "\"layerDigest\":\"sha256:"));
	give_url();
	assert_fetched(&result);
	request = http_server_request(server, 0);
	assert_non_null(strstr(request, "GET /blob?" SECRET " HTTP/1.1\r\n"));
	assert_null(strcasestr(request, "authorization"));
	assert_null(strcasestr(request, "x-amz-date"));
}

static void other_bytes_or_another_size_are_wrong(void **state)
{
	struct result result;

	(void)state;
	http_server_answer(server, 200, "", "{\"os\":\"Linux\"}");
	fetch(&result, strlen(BLOB));
	give_url();
	pump_until(loop, &result.done);
	assert_int_equal(result.status, STATUS_WRONG_BYTES);
	http_server_answer(server, 200, "", BLOB);
	fetch(&result, strlen(BLOB) + 1);
	give_url();
	pump_until(loop, &result.done);
	assert_int_equal(result.status, STATUS_WRONG_BYTES);
}

static void a_large_one_is_not_asked_for(void **state)
{
	struct result result;

	(void)state;
	fetch(&result, DOWNLOADS_MAX_BYTES + 1);
	assert_true(result.done);
	assert_int_equal(result.status, STATUS_PROTOCOL);
	assert_int_equal(api.n_calls, 0);
	assert_int_equal(captured_log_count(&captured, "8 MiB"), 1);
	fetch(&result, DOWNLOADS_MAX_BYTES);
	assert_int_equal(api.n_calls, 1);
}

static void an_address_that_has_expired_is_asked_for_anew_once(void **state)
{
	struct result result;

	(void)state;
	http_server_answer(server, 403, "", "<Error><Code>AccessDenied</Code></Error>");
	http_server_answer(server, 200, "", BLOB);
	fetch(&result, strlen(BLOB));
	give_url();
	while (!api.calls)
		loop_run_once(loop);
	give_url();
	assert_fetched(&result);
	http_server_answer(server, 403, "", "");
	http_server_answer(server, 403, "", "<Error><Code>AccessDenied</Code></Error>");
	fetch(&result, strlen(BLOB));
	give_url();
	while (!api.calls)
		loop_run_once(loop);
	give_url();
	pump_until(loop, &result.done);
	assert_int_equal(result.status, STATUS_DENIED);
	assert_int_equal(captured_log_count(&captured, "AccessDenied"), 1);
	assert_int_equal(captured_log_count(&captured, "team/app"), 1);
}

static void what_may_pass_is_tried_again_as_often_as_calls_are(void **state)
{
	struct result result;

	(void)state;
	http_server_answer(server, 503, "", "");
	http_server_answer(server, 503, "", "");
	fetch(&result, strlen(BLOB));
	give_url();
	while (!api.calls)
		loop_run_once(loop);
	give_url();
	pump_until(loop, &result.done);
	assert_int_equal(result.status, STATUS_THROTTLED);
	assert_int_equal(api.n_calls, 2);
}

static void only_so_many_are_under_way(void **state)
{
	static struct result results[4]; /* those that are open are answered at the end */

	(void)state;
	for (int i = 0; i < 4; i++)
		fetch(&results[i], strlen(BLOB));
	assert_int_equal(api.n_open, 2);
	http_server_answer(server, 200, "", BLOB);
	give_url();
	assert_int_equal(api.n_open, 1); /* its download still counts */
	assert_fetched(&results[0]);
	loop_run_once(loop);
	assert_int_equal(api.n_open, 2);
}

static void a_failure_of_the_call_is_that_of_the_blob(void **state)
{
	struct result result;

	(void)state;
	fetch(&result, strlen(BLOB));
	fake_api_fail_with(&api, STATUS_DENIED);
	assert_int_equal(result.status, STATUS_DENIED);
	fetch(&result, strlen(BLOB));
	fake_api_answer(&api, "no json");
	assert_int_equal(result.status, STATUS_PROTOCOL);
	fetch(&result, strlen(BLOB));
	fake_api_answer(&api, "{\"downloadUrl\":\"http://127.0.0.1/" SECRET "\"}"); /* over TLS */
	assert_int_equal(result.status, STATUS_PROTOCOL);
	assert_int_equal(api.complaints, 2);
	assert_null(strstr(api.complaint, "secret"));
}

static void at_the_end_all_are_answered(void **state)
{
	struct result results[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		fetch(&results[i], strlen(BLOB));
	give_url(); /* one is being downloaded */
	fake_api_deinit(&api);
	downloads_free(downloads);
	downloads = NULL;
	for (int i = 0; i < 4; i++) {
		assert_true(results[i].done);
		assert_int_equal(results[i].status, STATUS_SERVER_ERROR);
	}
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(a_blob_is_fetched_from_where_the_api_says),
	        cmocka_unit_test_fixture(other_bytes_or_another_size_are_wrong),
	        cmocka_unit_test_fixture(a_large_one_is_not_asked_for),
	        cmocka_unit_test_fixture(an_address_that_has_expired_is_asked_for_anew_once),
	        cmocka_unit_test_fixture(what_may_pass_is_tried_again_as_often_as_calls_are),
	        cmocka_unit_test_fixture(only_so_many_are_under_way),
	        cmocka_unit_test_fixture(a_failure_of_the_call_is_that_of_the_blob),
	        cmocka_unit_test_fixture(at_the_end_all_are_answered),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
