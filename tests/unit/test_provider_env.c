/* Credentials from the environment. */
#include "ecr/provider_env.h"
#include "ecr/credentials.h"
#include "net/loop.h"
#include "tests/unit/aws_home.h"
#include "tests/unit/captured_log.h"
#include "tests/unit/fake_clock.h"
#include "tests/unit/provider_result.h"
#include "tests/unit/unit_test.h"

#include <stdlib.h>
#include <string.h>

struct fixture {
	struct fake_clock clock;
	struct captured_log captured;
	struct temp_dir home;
	struct loop *loop;
	struct provider *provider;
	struct provider_result result;
};

static struct fixture f;

static int set_up(void **state)
{
	(void)state;
	memset(&f, 0, sizeof(f));
	fake_clock_init(&f.clock);
	captured_log_init(&f.captured, &f.clock.clock);
	aws_home_init(&f.home);
	return loop_new(&f.loop);
}

static int tear_down(void **state)
{
	(void)state;
	provider_result_deinit(&f.result);
	if (f.provider)
		f.provider->ops->free(f.provider);
	loop_free(f.loop);
	temp_dir_deinit(&f.home);
	captured_log_deinit(&f.captured);
	return 0;
}

static struct provider *new_provider(void)
{
	struct provider_parts parts = {.loop = f.loop, .log = f.captured.log};

	return provider_env_new(&parts);
}

static void fetch(void)
{
	f.provider = new_provider();
	assert_non_null(f.provider);
	provider_result_fetch(f.loop, f.provider, &f.result);
}

static void all_of_the_key_is_taken(void **state)
{
	(void)state;
	setenv("AWS_ACCESS_KEY_ID", "AKID", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
	setenv("AWS_SESSION_TOKEN", "token", 1);
	setenv("AWS_ACCOUNT_ID", "012345678910", 1);
	fetch();
	assert_int_equal(f.result.answer, PROVIDER_FOUND);
	assert_string_equal(credentials_access_key_id(f.result.credentials), "AKID");
	assert_string_equal(credentials_secret(f.result.credentials), "secret");
	assert_string_equal(credentials_session_token(f.result.credentials), "token");
	assert_string_equal(credentials_account(f.result.credentials), "012345678910");
	assert_string_equal(credentials_provider(f.result.credentials), "env");
	assert_int_equal(credentials_expires_ns(f.result.credentials), 0);
}

static void token_and_account_may_be_missing(void **state)
{
	(void)state;
	setenv("AWS_ACCESS_KEY_ID", "AKID", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
	setenv("AWS_SESSION_TOKEN", "", 1);
	fetch();
	assert_int_equal(f.result.answer, PROVIDER_FOUND);
	assert_null(credentials_session_token(f.result.credentials));
	assert_null(credentials_account(f.result.credentials));
}

static void a_token_may_have_its_name_of_old(void **state)
{
	(void)state;
	setenv("AWS_ACCESS_KEY_ID", "AKID", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
	setenv("AWS_SECURITY_TOKEN", "old", 1);
	fetch();
	assert_string_equal(credentials_session_token(f.result.credentials), "old");
}

static void the_name_of_old_does_not_hide_a_token(void **state)
{
	(void)state;
	setenv("AWS_ACCESS_KEY_ID", "AKID", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
	setenv("AWS_SECURITY_TOKEN", "old", 1);
	setenv("AWS_SESSION_TOKEN", "new", 1);
	fetch();
	assert_string_equal(credentials_session_token(f.result.credentials), "new");
}

static void without_keys_the_next_provider_is_asked(void **state)
{
	(void)state;
	setenv("AWS_ACCESS_KEY_ID", "", 1);
	fetch();
	assert_int_equal(f.result.answer, PROVIDER_NOT_CONFIGURED);
	assert_int_equal(captured_log_count(&f.captured, ""), 0);
}

static void a_key_id_without_its_secret_fails(void **state)
{
	(void)state;
	setenv("AWS_ACCESS_KEY_ID", "AKID", 1);
	fetch();
	assert_int_equal(f.result.answer, PROVIDER_FAILED);
	assert_int_equal(f.result.status, STATUS_NO_CREDENTIALS);
	assert_int_equal(captured_log_count(&f.captured, "set AWS_SECRET_ACCESS_KEY, too"), 1);
	assert_int_equal(captured_log_count(&f.captured, ""), 1);
}

static void a_secret_without_its_key_id_fails(void **state)
{
	(void)state;
	setenv("AWS_SECRET_ACCESS_KEY", "TOPSECRET", 1);
	fetch();
	assert_int_equal(f.result.answer, PROVIDER_FAILED);
	assert_int_equal(captured_log_count(&f.captured, "set AWS_ACCESS_KEY_ID, too"), 1);
	assert_int_equal(captured_log_count(&f.captured, "TOPSECRET"), 0);
}

static void the_expiration_is_honoured(void **state)
{
	(void)state;
	setenv("AWS_ACCESS_KEY_ID", "AKID", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
	setenv("AWS_CREDENTIAL_EXPIRATION", "2026-01-02T03:04:05+00:00", 1);
	fetch();
	assert_int_equal(f.result.answer, PROVIDER_FOUND);
	assert_int_equal(credentials_expires_ns(f.result.credentials), 1767323045 * NS_PER_S);
}

static void an_expiration_that_is_no_time_fails(void **state)
{
	(void)state;
	setenv("AWS_ACCESS_KEY_ID", "AKID", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
	setenv("AWS_CREDENTIAL_EXPIRATION", "soon", 1);
	fetch();
	assert_int_equal(f.result.answer, PROVIDER_FAILED);
	assert_int_equal(f.result.status, STATUS_NO_CREDENTIALS);
	assert_int_equal(captured_log_count(&f.captured, "AWS_CREDENTIAL_EXPIRATION is not a time"),
	                 1);
}

/* Other threads may change it, and the daemon's own may be cleaned. */
static void the_environment_is_read_only_once(void **state)
{
	(void)state;
	setenv("AWS_ACCESS_KEY_ID", "AKID", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
	f.provider = new_provider();
	unsetenv("AWS_ACCESS_KEY_ID");
	unsetenv("AWS_SECRET_ACCESS_KEY");
	provider_result_fetch(f.loop, f.provider, &f.result);
	assert_int_equal(f.result.answer, PROVIDER_FOUND);
}

static void never_called(void *arg, enum provider_answer answer, enum status status,
                         struct credentials *credentials)
{
	(void)arg;
	(void)answer;
	(void)status;
	(void)credentials;
	fail();
}

static void a_question_dies_with_the_provider(void **state)
{
	struct provider *provider = new_provider();

	(void)state;
	provider->ops->fetch(provider, never_called, NULL);
	provider->ops->free(provider);
	loop_run_once(f.loop);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(all_of_the_key_is_taken),
	        cmocka_unit_test_fixture(token_and_account_may_be_missing),
	        cmocka_unit_test_fixture(a_token_may_have_its_name_of_old),
	        cmocka_unit_test_fixture(the_name_of_old_does_not_hide_a_token),
	        cmocka_unit_test_fixture(without_keys_the_next_provider_is_asked),
	        cmocka_unit_test_fixture(a_key_id_without_its_secret_fails),
	        cmocka_unit_test_fixture(a_secret_without_its_key_id_fails),
	        cmocka_unit_test_fixture(the_expiration_is_honoured),
	        cmocka_unit_test_fixture(an_expiration_that_is_no_time_fails),
	        cmocka_unit_test_fixture(the_environment_is_read_only_once),
	        cmocka_unit_test_fixture(a_question_dies_with_the_provider),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
