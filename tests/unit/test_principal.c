/* Who asks AWS: what is read before the first call, kept, and forgotten; one for each account. */
#include "ecr/principal.h"
#include "base/cleanup.h"
#include "ecr/corrected_clock.h"
#include "ecr/credentials.h"
#include "ecr/principals.h"
#include "ecr/region.h"
#include "net/http.h"
#include "tests/unit/aws_home.h"
#include "tests/unit/captured_log.h"
#include "tests/unit/fake_clock.h"
#include "tests/unit/pump.h"
#include "tests/unit/unit_test.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct registry own = {0};
static const struct registry audited = {.account = "111111111111"};
static const struct registry other = {.account = "222222222222"};
static const struct account_profile audit[] = {{"111111111111", "audit"}};

static struct {
	struct fake_clock clock;
	struct corrected_clock aws_clock;
	struct captured_log captured;
	struct temp_dir home;
	struct loop *loop;
	struct http *http;
	struct aws_settings settings;
	struct principals principals;
	bool done;
	enum status status;
	struct endpoint endpoint;
	char key_id[64], region[64];
} f;

static int set_up(void **state)
{
	struct http_config config = {
	        .user_agent = "a test",
	        .max_connections = 4,
	        .connect_timeout_ns = 20 * NS_PER_S,
	        .read_timeout_ns = 20 * NS_PER_S,
	};

	(void)state;
	memset(&f, 0, sizeof(f));
	fake_clock_init(&f.clock);
	corrected_clock_init(&f.aws_clock, &f.clock.clock);
	captured_log_init(&f.captured, &f.clock.clock);
	aws_home_init(&f.home);
	assert_int_equal(loop_new(&f.loop), 0);
	return http_new(f.loop, &config, &f.http);
}

static int tear_down(void **state)
{
	(void)state;
	http_free(f.http);
	principals_deinit(&f.principals);
	loop_run_once(f.loop);
	loop_free(f.loop);
	temp_dir_deinit(&f.home);
	captured_log_deinit(&f.captured);
	return 0;
}

static void start(void)
{
	struct principal_parts parts = {
	        .loop = f.loop,
	        .clock = &f.clock.clock,
	        .aws_clock = &f.aws_clock,
	        .log = f.captured.log,
	        .http = f.http,
	        .settings = &f.settings,
	};

	aws_settings_complete(&f.settings);
	assert_int_equal(principal_new(&parts, &f.principals.own), 0);
}

static void finish(enum status status)
{
	assert_false(f.done);
	f.done = true;
	f.status = status;
}

static void prepared(void *arg, enum status status)
{
	(void)arg;
	finish(status);
}

static void prepare(struct principal *principal)
{
	f.done = false;
	assert_int_equal(principal_prepare(principal, prepared, NULL), 0);
	assert_false(f.done);
	pump_until(f.loop, &f.done);
}

static void credentials_found(void *arg, enum status status, struct credentials *credentials)
{
	(void)arg;
	if (credentials)
		strcpy(f.key_id, credentials_access_key_id(credentials));
	finish(status);
}

static void find_credentials(const struct registry *registry)
{
	f.done = false;
	assert_int_equal(principal_credentials(principals_of(&f.principals, registry),
	                                       credentials_found, NULL),
	                 0);
	pump_until(f.loop, &f.done);
}

static void region_found(void *arg, enum status status, const char *name)
{
	(void)arg;
	if (name)
		strcpy(f.region, name);
	finish(status);
}

static void find_region(struct principal *principal)
{
	f.done = false;
	assert_int_equal(region_get(principal->region, region_found, NULL), 0);
	pump_until(f.loop, &f.done);
	assert_int_equal(f.status, STATUS_OK);
}

static void assert_host(const struct principal *principal, enum aws_service service,
                        const char *host)
{
	assert_int_equal(
	        endpoint_choice_get(&principal->endpoints, service, &own, "eu-west-1", &f.endpoint),
	        ENDPOINT_FOUND);
	assert_string_equal(f.endpoint.host, host);
}

static void the_profile_is_read_once(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, "[default]\nendpoint_url = http://first\n");
	start();
	assert_false(principal_is_ready(f.principals.own));
	prepare(f.principals.own);
	assert_int_equal(f.status, STATUS_OK);
	assert_true(principal_is_ready(f.principals.own));
	assert_host(f.principals.own, AWS_ECR, "first");
	assert_host(f.principals.own, AWS_STS, "first");
	aws_home_write_config(&f.home, "[default]\nendpoint_url = http://second\n");
	prepare(f.principals.own);
	assert_host(f.principals.own, AWS_ECR, "first");
}

static void what_is_forgotten_is_read_again(void **state)
{
	(void)state;
	aws_home_write_config(&f.home,
	                      "[default]\nendpoint_url = http://first\nregion = eu-west-1\n");
	start();
	prepare(f.principals.own);
	find_region(f.principals.own);
	assert_string_equal(f.region, "eu-west-1");
	assert_string_equal(principal_region_origin(f.principals.own), "region of the profile");
	aws_home_write_config(&f.home,
	                      "[default]\nendpoint_url = http://second\nregion = eu-west-2\n");
	principals_forget(&f.principals);
	assert_false(principal_is_ready(f.principals.own));
	prepare(f.principals.own);
	assert_host(f.principals.own, AWS_ECR, "second");
	find_region(f.principals.own);
	assert_string_equal(f.region, "eu-west-2");
}

/* What is being read just then is answered, but was perhaps written before. */
static void what_is_forgotten_while_it_is_read_is_read_again(void **state)
{
	(void)state;
	start();
	assert_int_equal(principal_prepare(f.principals.own, prepared, NULL), 0);
	principals_forget(&f.principals);
	pump_until(f.loop, &f.done);
	assert_int_equal(f.status, STATUS_OK);
	assert_false(principal_is_ready(f.principals.own));
	prepare(f.principals.own);
	assert_true(principal_is_ready(f.principals.own));
}

/* Keys and region of the environment are enough: nobody needs the file. */
static void a_profile_that_cannot_be_read_is_done_without_for_a_second(void **state)
{
	CLEANUP(free_string) char *path = temp_dir_path(&f.home, ".aws/config");

	(void)state;
	aws_home_write_credentials(&f.home, "");
	assert_int_equal(mkdir(path, 0700), 0);
	setenv("AWS_ACCESS_KEY_ID", "AKIDENV", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "s", 1);
	start();
	find_credentials(&own);
	assert_int_equal(f.status, STATUS_OK);
	assert_string_equal(f.key_id, "AKIDENV");
	assert_host(f.principals.own, AWS_ECR, "api.ecr.eu-west-1.amazonaws.com");
	assert_int_equal(captured_log_count(&f.captured, "cannot read"), 1);
	assert_true(principal_is_ready(f.principals.own));
	assert_int_equal(rmdir(path), 0);
	aws_home_write_config(&f.home, "[default]\nendpoint_url = http://readable\n");
	fake_clock_advance(&f.clock, PRINCIPAL_RETRY_NS);
	assert_false(principal_is_ready(f.principals.own));
	prepare(f.principals.own);
	assert_host(f.principals.own, AWS_ECR, "readable");
}

/* Another endpoint than the one that was chosen would be asked, perhaps one that is not FIPS. */
static void a_profile_that_cannot_be_read_any_more_counts_on(void **state)
{
	CLEANUP(free_string) char *path = temp_dir_path(&f.home, ".aws/config");

	(void)state;
	aws_home_write_config(&f.home, "[default]\nendpoint_url = http://mine\n");
	start();
	prepare(f.principals.own);
	assert_host(f.principals.own, AWS_ECR, "mine");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	principals_forget(&f.principals);
	prepare(f.principals.own);
	assert_int_equal(f.status, STATUS_OK);
	assert_host(f.principals.own, AWS_ECR, "mine");
	assert_int_equal(rmdir(path), 0);
	fake_clock_advance(&f.clock, PRINCIPAL_RETRY_NS);
	prepare(f.principals.own);
	assert_host(f.principals.own, AWS_ECR, "api.ecr.eu-west-1.amazonaws.com");
}

static void each_account_is_read_with_its_own_profile(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, "[profile audit]\nendpoint_url = http://audit\n"
	                               "region = eu-west-3\n");
	aws_home_write_credentials(&f.home, "[default]\naws_access_key_id = AKIDOWN\n"
	                                    "aws_secret_access_key = s\n"
	                                    "[audit]\naws_access_key_id = AKIDAUDIT\n"
	                                    "aws_secret_access_key = s\n");
	f.settings.account_profiles = audit;
	f.settings.n_account_profiles = 1;
	start();
	find_credentials(&own);
	assert_string_equal(f.key_id, "AKIDOWN");
	find_credentials(&other);
	assert_string_equal(f.key_id, "AKIDOWN");
	assert_null(f.principals.others); /* nobody needed it */
	find_credentials(&audited);
	assert_string_equal(f.key_id, "AKIDAUDIT");
	assert_ptr_equal(principals_of(&f.principals, &audited), f.principals.others);
	assert_host(f.principals.others, AWS_ECR, "audit");
	assert_host(f.principals.own, AWS_ECR, "api.ecr.eu-west-1.amazonaws.com");
	find_region(f.principals.others);
	assert_string_equal(f.region, "eu-west-3");
}

/* As `aws --profile` does. */
static void keys_of_the_environment_are_not_for_a_profile_that_was_named(void **state)
{
	(void)state;
	setenv("AWS_ACCESS_KEY_ID", "AKIDENV", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "s", 1);
	aws_home_write_credentials(&f.home, "[audit]\naws_access_key_id = AKIDAUDIT\n"
	                                    "aws_secret_access_key = s\n");
	f.settings.account_profiles = audit;
	f.settings.n_account_profiles = 1;
	start();
	find_credentials(&own);
	assert_string_equal(f.key_id, "AKIDENV");
	find_credentials(&audited);
	assert_string_equal(f.key_id, "AKIDAUDIT");
}

static void a_profile_that_is_missing_fails_its_own_account_only(void **state)
{
	(void)state;
	setenv("AWS_ACCESS_KEY_ID", "AKIDENV", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "s", 1);
	f.settings.account_profiles = audit;
	f.settings.n_account_profiles = 1;
	start();
	find_credentials(&audited);
	assert_int_equal(f.status, STATUS_NO_CREDENTIALS);
	assert_int_equal(captured_log_count(&f.captured, "profile audit is in neither"), 1);
	find_credentials(&own);
	assert_int_equal(f.status, STATUS_OK);
}

static void without_its_certificates_nothing_can_be_asked(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, "[default]\nca_bundle = ~/missing.pem\n");
	start();
	prepare(f.principals.own);
	assert_int_equal(f.status, STATUS_MISCONFIGURED);
	assert_int_equal(
	        captured_log_count(&f.captured,
	                           "missing.pem, which ca_bundle of the profile names: No such"),
	        1);
	find_credentials(&own);
	assert_int_equal(f.status, STATUS_MISCONFIGURED);
	temp_dir_write(&f.home, "missing.pem", "-----BEGIN CERTIFICATE-----\n");
	fake_clock_advance(&f.clock, PRINCIPAL_RETRY_NS);
	prepare(f.principals.own);
	assert_int_equal(f.status, STATUS_OK);
}

static void certificates_are_not_read_where_nobody_looks_at_them(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, "[default]\nca_bundle = ~/missing.pem\n");
	f.settings.no_verify_ssl = true;
	start();
	prepare(f.principals.own);
	assert_int_equal(f.status, STATUS_OK);
}

/* The settings win over the profile. */
static void the_bundle_of_the_settings_is_taken(void **state)
{
	CLEANUP(free_string) char *path = temp_dir_path(&f.home, "mine.pem");

	(void)state;
	aws_home_write_config(&f.home, "[default]\nca_bundle = ~/missing.pem\n");
	temp_dir_write(&f.home, "mine.pem", "-----BEGIN CERTIFICATE-----\n");
	setenv("AWS_CA_BUNDLE", path, 1);
	start();
	prepare(f.principals.own);
	assert_int_equal(f.status, STATUS_OK);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(the_profile_is_read_once),
	        cmocka_unit_test_fixture(what_is_forgotten_is_read_again),
	        cmocka_unit_test_fixture(what_is_forgotten_while_it_is_read_is_read_again),
	        cmocka_unit_test_fixture(
	                a_profile_that_cannot_be_read_is_done_without_for_a_second),
	        cmocka_unit_test_fixture(a_profile_that_cannot_be_read_any_more_counts_on),
	        cmocka_unit_test_fixture(each_account_is_read_with_its_own_profile),
	        cmocka_unit_test_fixture(
	                keys_of_the_environment_are_not_for_a_profile_that_was_named),
	        cmocka_unit_test_fixture(a_profile_that_is_missing_fails_its_own_account_only),
	        cmocka_unit_test_fixture(without_its_certificates_nothing_can_be_asked),
	        cmocka_unit_test_fixture(certificates_are_not_read_where_nobody_looks_at_them),
	        cmocka_unit_test_fixture(the_bundle_of_the_settings_is_taken),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
