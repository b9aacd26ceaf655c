/* The ecr layer as a whole, as the cache sees it, against a real server on 127.0.0.1. */
#include "ecr/client.h"
#include "base/bytes.h"
#include "ecr/registry.h"
#include "ecr/settings.h"
#include "ecr/source.h"
#include "net/loop.h"
#include "tests/unit/aws_home.h"
#include "tests/unit/captured_log.h"
#include "tests/unit/fake_clock.h"
#include "tests/unit/http_server.h"
#include "tests/unit/pump.h"
#include "tests/unit/unit_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The bytes "abc", and their digest. */
#define ABC_DIGEST "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

struct outcome {
	bool done;
	enum status status;
	size_t n;
	char text[64];
};

struct fixture {
	struct fake_clock clock;
	struct captured_log captured;
	struct temp_dir home;
	struct http_server *server;
	struct loop *loop;
	struct aws_settings settings;
	struct client *client;
	struct source *source;
	struct outcome outcome;
};

static struct fixture f;
static const struct registry own = {0};
static const struct image_reference v1 = {.tag = "v1"};

static int set_up(void **state)
{
	(void)state;
	memset(&f, 0, sizeof(f));
	setenv("no_proxy", "*", 1);
	fake_clock_init(&f.clock);
	captured_log_init(&f.captured, &f.clock.clock);
	aws_home_init(&f.home);
	aws_home_write_config(&f.home, "[default]\nregion = eu-west-1\n");
	aws_home_write_credentials(
	        &f.home, "[default]\naws_access_key_id = AKID\naws_secret_access_key = s\n");
	f.server = http_server_new();
	f.settings = (struct aws_settings){
	        .endpoint_url = http_server_url(f.server),
	        .service_urls[AWS_STS] = http_server_url(f.server),
	        .connect_timeout_ns = 20 * NS_PER_S,
	        .read_timeout_ns = 20 * NS_PER_S,
	        .max_connections = 4,
	        .max_attempts = 1,
	};
	assert_int_equal(loop_new(&f.loop), 0);
	assert_int_equal(client_new(f.loop, &f.clock.clock, f.captured.log, &f.settings, &f.client),
	                 0);
	f.source = client_source(f.client);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	loop_stop(f.loop);
	client_free(f.client);
	loop_run_once(f.loop);
	loop_free(f.loop);
	http_server_free(f.server);
	temp_dir_deinit(&f.home);
	captured_log_deinit(&f.captured);
	return 0;
}

static void note(enum status status, size_t n, const char *text)
{
	assert_false(f.outcome.done);
	f.outcome.done = true;
	f.outcome.status = status;
	f.outcome.n = n;
	strncpy(f.outcome.text, text ? text : "", sizeof(f.outcome.text) - 1);
}

static void repositories_came(void *arg, enum status status,
                              const struct repository_record *records, size_t n, bool last)
{
	(void)arg;
	assert_true(last);
	note(status, n, n ? records[0].name : NULL);
}

static void images_came(void *arg, enum status status, const struct image_record *records, size_t n,
                        bool last)
{
	(void)arg;
	assert_true(last);
	note(status, n, n ? records[0].tags[0] : NULL);
}

static void repository_found(void *arg, enum status status, const struct repository_record *record)
{
	(void)arg;
	note(status, 0, record ? record->name : NULL);
}

static void image_found(void *arg, enum status status, const struct image_record *record)
{
	(void)arg;
	note(status, 0, record ? record->tags[0] : NULL);
}

static void manifest_fetched(void *arg, enum status status, struct bytes *bytes)
{
	char text[16] = "";

	(void)arg;
	if (bytes)
		snprintf(text, sizeof(text), "%.*s", (int)bytes->size, bytes->data);
	note(status, bytes ? bytes->size : 0, text);
}

static void assert_outcome(int r, const char *body, size_t n, const char *text)
{
	assert_int_equal(r, 0);
	assert_false(f.outcome.done);
	http_server_answer(f.server, 200, "", body);
	pump_until(f.loop, &f.outcome.done);
	assert_int_equal(f.outcome.status, STATUS_OK);
	assert_int_equal(f.outcome.n, n);
	assert_string_equal(f.outcome.text, text);
}

static void repositories_are_listed(void **state)
{
	(void)state;
	assert_outcome(f.source->ops->list_repositories(f.source, &own, repositories_came, NULL),
	               "{\"repositories\":[{\"repositoryName\":\"team/app\"}]}", 1, "team/app");
}

static void a_repository_is_found_by_name(void **state)
{
	(void)state;
	assert_outcome(
	        f.source->ops->find_repository(f.source, &own, "team/app", repository_found, NULL),
	        "{\"repositories\":[{\"repositoryName\":\"team/app\"}]}", 0, "team/app");
}

static const char one_image[] =
        "{\"imageDetails\":[{\"imageDigest\":\"" ABC_DIGEST "\",\"imageTags\":[\"v1\"]}]}";

static void images_are_listed(void **state)
{
	(void)state;
	assert_outcome(f.source->ops->list_images(f.source, &own, "team/app", IMAGES_TAGGED,
	                                          images_came, NULL),
	               one_image, 1, "v1");
}

static void an_image_is_found_by_tag(void **state)
{
	(void)state;
	assert_outcome(
	        f.source->ops->find_image(f.source, &own, "team/app", &v1, image_found, NULL),
	        one_image, 0, "v1");
}

static void a_manifest_is_fetched_by_digest(void **state)
{
	struct digest digest;

	(void)state;
	assert_true(digest_parse(ABC_DIGEST, &digest));
	assert_outcome(f.source->ops->fetch_manifest(f.source, &own, "team/app", &digest,
	                                             manifest_fetched, NULL),
	               "{\"images\":[{\"imageId\":{},\"imageManifest\":\"abc\"}]}", 3, "abc");
}

static void an_image_is_found_by_digest(void **state)
{
	struct image_reference reference = {.tag = NULL};

	(void)state;
	assert_true(digest_parse(ABC_DIGEST, &reference.digest));
	assert_outcome(f.source->ops->find_image(f.source, &own, "team/app", &reference,
	                                         image_found, NULL),
	               one_image, 0, "v1");
}

static void manifest_pulled(void *arg, enum status status, const struct digest *digest,
                            struct bytes *bytes)
{
	char text[DIGEST_TEXT_SIZE] = "";

	(void)arg;
	if (digest)
		digest_format(digest, text);
	note(status, bytes ? bytes->size : 0, text[0] ? "abc" : "");
	assert_string_equal(text, ABC_DIGEST);
}

static void a_manifest_is_pulled_by_tag(void **state)
{
	(void)state;
	assert_outcome(
	        f.source->ops->pull_tag(f.source, &own, "team/app", "v1", manifest_pulled, NULL),
	        "{\"images\":[{\"imageId\":{\"imageTag\":\"v1\",\"imageDigest\":\"" ABC_DIGEST
	        "\"},\"imageManifest\":\"abc\"}]}",
	        3, "abc");
}

static void account_found(void *arg, enum status status, const char *account)
{
	(void)arg;
	note(status, 0, account);
}

static void the_callers_own_account_is_found(void **state)
{
	(void)state;
	assert_outcome(f.source->ops->find_account(f.source, &own, account_found, NULL),
	               "{\"Account\":\"012345678910\"}", 0, "012345678910");
}

struct asking {
	struct loop_task task;
	int r;
};

static void ask_on_loop(struct loop_task *task)
{
	((struct asking *)task)->r =
	        f.source->ops->find_image(f.source, &own, "team/app", &v1, image_found, NULL);
}

/* Wherever the question has come to: queued, at the files, at the server. */
static void the_end_answers_a_question_under_way(void **state)
{
	struct asking asking = {.task.run = ask_on_loop};

	(void)state;
	assert_int_equal(loop_start(f.loop), 0);
	loop_post(f.loop, &asking.task);
	loop_stop(f.loop);
	assert_int_equal(asking.r, 0);
	client_free(f.client);
	f.client = NULL;
	assert_true(f.outcome.done);
	assert_int_equal(f.outcome.status, STATUS_SERVER_ERROR);
}

static void the_end_answers_a_question_at_the_server(void **state)
{
	(void)state;
	assert_int_equal(
	        f.source->ops->find_image(f.source, &own, "team/app", &v1, image_found, NULL), 0);
	while (http_server_requests(f.server) < 1)
		loop_run_once(f.loop);
	client_free(f.client);
	f.client = NULL;
	assert_int_equal(f.outcome.status, STATUS_SERVER_ERROR);
}

static void nothing_is_sent_before_a_question(void **state)
{
	(void)state;
	loop_run_once(f.loop);
	assert_int_equal(http_server_connections(f.server), 0);
	client_free(NULL);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(repositories_are_listed),
	        cmocka_unit_test_fixture(a_repository_is_found_by_name),
	        cmocka_unit_test_fixture(images_are_listed),
	        cmocka_unit_test_fixture(an_image_is_found_by_tag),
	        cmocka_unit_test_fixture(an_image_is_found_by_digest),
	        cmocka_unit_test_fixture(a_manifest_is_fetched_by_digest),
	        cmocka_unit_test_fixture(a_manifest_is_pulled_by_tag),
	        cmocka_unit_test_fixture(the_callers_own_account_is_found),
	        cmocka_unit_test_fixture(the_end_answers_a_question_under_way),
	        cmocka_unit_test_fixture(the_end_answers_a_question_at_the_server),
	        cmocka_unit_test_fixture(nothing_is_sent_before_a_question),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
