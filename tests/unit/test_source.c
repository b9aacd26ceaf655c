/* What the ecr layer makes of a server that behaves as ECR does: the local one. */
#include "ecr/source.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "ecr/client.h"
#include "ecr/mutability.h"
#include "ecr/registry.h"
#include "ecr/settings.h"
#include "net/loop.h"
#include "tests/unit/aws_home.h"
#include "tests/unit/captured_log.h"
#include "tests/unit/ecr_server.h"
#include "tests/unit/pump.h"
#include "tests/unit/unit_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the last question was answered. */
struct outcome {
	bool done;
	enum status status;
	size_t n_images, n_untagged, n_archived;
	bool with_times;
	char account[16];
	struct digest digest;
	struct bytes *bytes;
	bool is_fixed; /* its tags "v1" and "latest" */
	bool latest_is_fixed;
};

struct fixture {
	struct ecr_server server;
	struct captured_log captured;
	struct temp_dir home;
	struct loop *loop;
	struct aws_settings settings;
	struct client *client;
	struct source *source;
	struct outcome outcome;
};

static struct fixture f;
static const struct registry own = {0};
static const struct registry named = {.account = ECR_SERVER_ACCOUNT};

static int tear_down(void **state)
{
	(void)state;
	bytes_unref(f.outcome.bytes);
	client_free(f.client);
	loop_run_once(f.loop);
	loop_free(f.loop);
	temp_dir_deinit(&f.home);
	captured_log_deinit(&f.captured);
	ecr_server_deinit(&f.server);
	return 0;
}

/* A client of a server with these settings. */
static void start(const char *config)
{
	memset(&f, 0, sizeof(f));
	setenv("no_proxy", "*", 1);
	captured_log_init(&f.captured, clock_system());
	aws_home_init(&f.home);
	ecr_server_init(&f.server, config);
	setenv("AWS_ENDPOINT_URL", f.server.url, 1);
	setenv("AWS_REGION", "us-east-1", 1);
	setenv("AWS_ACCESS_KEY_ID", ECR_SERVER_KEY, 1);
	setenv("AWS_SECRET_ACCESS_KEY", ECR_SERVER_SECRET, 1);
	f.settings = (struct aws_settings){
	        .connect_timeout_ns = 20 * NS_PER_S,
	        .read_timeout_ns = 20 * NS_PER_S,
	        .max_connections = 4,
	        .max_attempts = 1,
	};
	aws_settings_complete(&f.settings);
	assert_int_equal(loop_new(&f.loop), 0);
	assert_int_equal(client_new(f.loop, clock_system(), f.captured.log, &f.settings, &f.client),
	                 0);
	f.source = client_source(f.client);
}

static unsigned lines(const char *text)
{
	return captured_log_count(&f.captured, text);
}

/* Waits for the answer to a question that was asked. */
static enum status wait_for(int r)
{
	assert_int_equal(r, 0);
	pump_until(f.loop, &f.outcome.done);
	return f.outcome.status;
}

static void begin(void)
{
	bytes_unref(f.outcome.bytes);
	memset(&f.outcome, 0, sizeof(f.outcome));
}

static void finish(enum status status)
{
	f.outcome.status = status;
	f.outcome.done = true;
}

static void images_came(void *arg, enum status status, const struct image_record *records, size_t n,
                        bool last)
{
	(void)arg;
	for (size_t i = 0; i < n; i++) {
		f.outcome.n_images++;
		f.outcome.n_untagged += records[i].n_tags == 0;
		f.outcome.n_archived += records[i].state == IMAGE_ARCHIVED;
		f.outcome.with_times |= records[i].pushed_ns > 0;
		f.outcome.digest = records[i].digest;
	}
	if (last)
		finish(status);
}

static enum status list(const char *repository, enum image_scope scope)
{
	begin();
	return wait_for(
	        f.source->ops->list_images(f.source, &named, repository, scope, images_came, NULL));
}

static void image_came(void *arg, enum status status, const struct image_record *record)
{
	(void)arg;
	if (record) {
		f.outcome.digest = record->digest;
		f.outcome.n_archived = record->state == IMAGE_ARCHIVED;
	}
	finish(status);
}

static enum status find(const char *repository, const char *tag, const struct digest *digest)
{
	struct image_reference reference = {.tag = tag};

	if (digest)
		reference.digest = *digest;
	begin();
	return wait_for(f.source->ops->find_image(f.source, &named, repository, &reference,
	                                          image_came, NULL));
}

static void manifest_came(void *arg, enum status status, struct bytes *bytes)
{
	(void)arg;
	f.outcome.bytes = bytes ? bytes_ref(bytes) : NULL;
	finish(status);
}

static enum status fetch(const char *repository, const struct digest *digest)
{
	begin();
	return wait_for(f.source->ops->fetch_manifest(f.source, &named, repository, digest,
	                                              manifest_came, NULL));
}

static void pulled_came(void *arg, enum status status, const struct digest *digest,
                        struct bytes *bytes)
{
	if (digest)
		f.outcome.digest = *digest;
	manifest_came(arg, status, bytes);
}

static enum status pull(const char *repository, const char *tag)
{
	begin();
	return wait_for(
	        f.source->ops->pull_tag(f.source, &named, repository, tag, pulled_came, NULL));
}

static void repository_came(void *arg, enum status status, const struct repository_record *record)
{
	(void)arg;
	f.outcome.is_fixed = record && mutability_tag_is_fixed(record, "v1");
	f.outcome.latest_is_fixed = record && mutability_tag_is_fixed(record, "latest-1");
	finish(status);
}

static enum status find_repository(const char *name)
{
	begin();
	return wait_for(
	        f.source->ops->find_repository(f.source, &named, name, repository_came, NULL));
}

static void account_came(void *arg, enum status status, const char *account)
{
	(void)arg;
	snprintf(f.outcome.account, sizeof(f.outcome.account), "%s", account ? account : "");
	finish(status);
}

static void assert_bytes_match(const struct digest *digest)
{
	struct digest found;

	assert_non_null(f.outcome.bytes);
	assert_int_equal(digest_compute(f.outcome.bytes->data, f.outcome.bytes->size, &found), 0);
	assert_true(digest_equal(&found, digest));
}

static void tagged_images_are_a_part_of_all(void **state)
{
	size_t tagged;

	(void)state;
	start("{}");
	assert_int_equal(list("team/app", IMAGES_TAGGED), STATUS_OK);
	assert_true(f.outcome.with_times);
	assert_int_equal(f.outcome.n_untagged, 0);
	tagged = f.outcome.n_images;
	assert_true(tagged > 0);
	assert_int_equal(list("team/app", IMAGES_ALL), STATUS_OK);
	assert_int_equal(f.outcome.n_untagged, 1);
	assert_int_equal(f.outcome.n_images, tagged + 1);
}

static void an_archived_image_is_known_but_its_manifest_is_not(void **state)
{
	struct digest digest;

	(void)state;
	start("{}");
	assert_int_equal(list("cold/storage", IMAGES_TAGGED), STATUS_OK);
	assert_int_equal(f.outcome.n_archived, 1);
	assert_int_equal(find("cold/storage", "frozen", NULL), STATUS_OK);
	assert_int_equal(f.outcome.n_archived, 1);
	digest = f.outcome.digest;
	assert_int_equal(find("cold/storage", NULL, &digest), STATUS_OK);
	assert_int_equal(fetch("cold/storage", &digest), STATUS_ARCHIVED);
	assert_int_equal(pull("cold/storage", "frozen"), STATUS_ARCHIVED);
}

static void a_server_of_2022_is_listed(void **state)
{
	(void)state;
	start("{\"model_version\": \"2022\"}");
	assert_int_equal(list("team/app", IMAGES_TAGGED), STATUS_OK);
	assert_true(f.outcome.n_images > 0);
	assert_int_equal(lines("does not know archived images"), 1);
	assert_int_equal(lines("SerializationException"), 1);
	assert_int_equal(list("team", IMAGES_ALL), STATUS_OK);
	assert_int_equal(lines("SerializationException"), 1);
}

static void without_descriptions_images_are_listed(void **state)
{
	(void)state;
	start("{\"deny\": [{\"action\": \"DescribeImages\", \"repository\": \"team/app\"}]}");
	assert_int_equal(list("team/app", IMAGES_ALL), STATUS_OK);
	assert_false(f.outcome.with_times);
	assert_int_equal(f.outcome.n_untagged, 1);
	assert_int_equal(list("cold/storage", IMAGES_TAGGED), STATUS_OK);
	assert_true(f.outcome.with_times);
	assert_int_equal(lines("may be listed but not described"), 1);
}

static void an_archived_image_is_listed_without_descriptions(void **state)
{
	(void)state;
	start("{\"deny\": [{\"action\": \"DescribeImages\"}]}");
	assert_int_equal(list("cold/storage", IMAGES_TAGGED), STATUS_OK);
	assert_int_equal(f.outcome.n_images, 2); /* one of them is active */
}

static void a_caller_who_may_only_pull_pulls(void **state)
{
	struct digest digest;

	(void)state;
	start("{\"policy\": \"PullOnly\"}");
	assert_int_equal(list("team/app", IMAGES_TAGGED), STATUS_DENIED);
	assert_int_equal(find("team/app", "v1", NULL), STATUS_DENIED);
	assert_int_equal(find_repository("team/app"), STATUS_DENIED);
	assert_int_equal(pull("team/app", "v1"), STATUS_OK);
	digest = f.outcome.digest;
	assert_bytes_match(&digest);
	assert_int_equal(pull("team/app", "gone"), STATUS_ABSENT);
	assert_int_equal(pull("gone", "v1"), STATUS_ABSENT);
}

static void a_converted_manifest_is_read_by_digest(void **state)
{
	struct digest digest;

	(void)state;
	start("{\"faults\": [{\"action\": \"convert\", \"times\": 1}]}");
	assert_int_equal(pull("team/app", "v1"), STATUS_OK);
	digest = f.outcome.digest;
	assert_bytes_match(&digest);
	assert_int_equal(find("team/app", "v1", NULL), STATUS_OK);
	assert_true(digest_equal(&f.outcome.digest, &digest));
}

static void wrong_bytes_are_wrong_by_tag_and_by_digest(void **state)
{
	struct digest digest;

	(void)state;
	start("{\"faults\": [{\"action\": \"wrong_digest\"}]}");
	assert_int_equal(pull("team/app", "v1"), STATUS_WRONG_BYTES);
	assert_int_equal(find("team/app", "v1", NULL), STATUS_OK);
	digest = f.outcome.digest;
	assert_int_equal(fetch("team/app", &digest), STATUS_WRONG_BYTES);
}

static void repositories_tell_which_tags_are_fixed(void **state)
{
	(void)state;
	start("{}");
	assert_int_equal(find_repository("team"), STATUS_OK);
	assert_false(f.outcome.is_fixed);
	assert_int_equal(find_repository("release/immutable"), STATUS_OK);
	assert_true(f.outcome.is_fixed);
	assert_true(f.outcome.latest_is_fixed);
	assert_int_equal(find_repository("release/mostly-immutable"), STATUS_OK);
	assert_true(f.outcome.is_fixed);
	assert_false(f.outcome.latest_is_fixed);
}

static void sts_tells_whose_the_credentials_are(void **state)
{
	(void)state;
	start("{}");
	begin();
	assert_int_equal(wait_for(f.source->ops->find_account(f.source, &own, account_came, NULL)),
	                 STATUS_OK);
	assert_string_equal(f.outcome.account, ECR_SERVER_ACCOUNT);
	assert_int_equal(lines("GetCallerIdentity"), 1);
}

static void an_answer_of_ecr_tells_whose_the_credentials_are(void **state)
{
	(void)state;
	start("{}");
	begin();
	wait_for(f.source->ops->find_repository(f.source, &own, "team", repository_came, NULL));
	begin();
	wait_for(f.source->ops->find_account(f.source, &own, account_came, NULL));
	assert_string_equal(f.outcome.account, ECR_SERVER_ACCOUNT);
	assert_int_equal(lines("GetCallerIdentity"), 0);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_teardown(tagged_images_are_a_part_of_all, tear_down),
	        cmocka_unit_test_teardown(an_archived_image_is_known_but_its_manifest_is_not,
	                                  tear_down),
	        cmocka_unit_test_teardown(a_server_of_2022_is_listed, tear_down),
	        cmocka_unit_test_teardown(without_descriptions_images_are_listed, tear_down),
	        cmocka_unit_test_teardown(an_archived_image_is_listed_without_descriptions,
	                                  tear_down),
	        cmocka_unit_test_teardown(a_caller_who_may_only_pull_pulls, tear_down),
	        cmocka_unit_test_teardown(a_converted_manifest_is_read_by_digest, tear_down),
	        cmocka_unit_test_teardown(wrong_bytes_are_wrong_by_tag_and_by_digest, tear_down),
	        cmocka_unit_test_teardown(repositories_tell_which_tags_are_fixed, tear_down),
	        cmocka_unit_test_teardown(sts_tells_whose_the_credentials_are, tear_down),
	        cmocka_unit_test_teardown(an_answer_of_ecr_tells_whose_the_credentials_are,
	                                  tear_down),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
