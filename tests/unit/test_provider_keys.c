/* Keys in the files. */
#include "ecr/provider_keys.h"
#include "ecr/credentials.h"
#include "ecr/provider.h"
#include "tests/unit/provider_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int set_up(void **state)
{
	return provider_fixture_set_up(state);
}

static int tear_down(void **state)
{
	return provider_fixture_tear_down(state);
}

static void open_provider(const char *name,
                          struct provider *(*create)(const struct provider_parts *))
{
	static struct provider_parts parts; /* cppcheck believes that it is borrowed */

	open_profile(name);
	parts = profile_fixture_parts();
	provider = create(&parts);
	assert_non_null(provider);
}

static void fetch(const char *name)
{
	if (!provider)
		open_provider(name, provider_credentials_file_new);
	provider_result_deinit(&result);
	provider_result_fetch(f.loop, provider, &result);
}

/* Failed, with the one line that tells why. */
static void assert_failed(const char *why)
{
	assert_int_equal(result.answer, PROVIDER_FAILED);
	assert_int_equal(result.status, STATUS_NO_CREDENTIALS);
	assert_int_equal(captured_log_count(&f.captured, why), 1);
	assert_int_equal(captured_log_count(&f.captured, ""), 1);
}

static void static_keys_are_taken(void **state)
{
	(void)state;
	aws_home_write_credentials(&f.home, "[default]\n"
	                                    "aws_access_key_id = AKID\n"
	                                    "aws_secret_access_key = sec/ret+=\n"
	                                    "aws_session_token = token==\n"
	                                    "aws_account_id = 012345678910\n");
	fetch(NULL);
	assert_int_equal(result.answer, PROVIDER_FOUND);
	assert_string_equal(credentials_access_key_id(result.credentials), "AKID");
	assert_string_equal(credentials_secret(result.credentials), "sec/ret+=");
	assert_string_equal(credentials_session_token(result.credentials), "token==");
	assert_string_equal(credentials_account(result.credentials), "012345678910");
	assert_string_equal(credentials_provider(result.credentials), "shared-credentials-file");
}

static void the_token_may_have_its_name_of_old(void **state)
{
	(void)state;
	aws_home_write_credentials(&f.home, "[default]\naws_access_key_id = AKID\n"
	                                    "aws_secret_access_key = secret\n"
	                                    "aws_security_token = token\n");
	fetch(NULL);
	assert_string_equal(credentials_session_token(result.credentials), "token");
}

static void keys_that_change_are_read_again(void **state)
{
	(void)state;
	fetch(NULL);
	assert_int_equal(result.answer, PROVIDER_NOT_CONFIGURED);
	aws_home_write_credentials(&f.home,
	                           "[default]\naws_access_key_id = A\naws_secret_access_key = s\n");
	fetch(NULL);
	assert_int_equal(result.answer, PROVIDER_FOUND);
}

static void a_default_profile_that_is_nowhere_is_not_configured(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, "[profile other]\nregion = x\n");
	fetch(NULL);
	assert_int_equal(result.answer, PROVIDER_NOT_CONFIGURED);
	assert_int_equal(captured_log_count(&f.captured, ""), 0);
}

static void a_profile_without_any_source_is_not_configured(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, "[profile dev]\nregion = eu-west-1\n");
	fetch("dev");
	assert_int_equal(result.answer, PROVIDER_NOT_CONFIGURED);
}

static void a_key_id_without_its_secret_fails(void **state)
{
	(void)state;
	aws_home_write_credentials(&f.home, "[default]\naws_access_key_id = AKID\n");
	fetch(NULL);
	assert_failed(
	        "only one half of the key in the AWS credentials file; add aws_secret_access_key");
}

static void a_secret_without_its_key_id_fails(void **state)
{
	(void)state;
	aws_home_write_credentials(&f.home, "[default]\naws_secret_access_key = secret\n");
	fetch(NULL);
	assert_failed(
	        "only one half of the key in the AWS credentials file; add aws_access_key_id");
}

static void a_file_that_cannot_be_read_fails(void **state)
{
	(void)state;
	temp_dir_write(&f.home, ".aws/config/oops", "a directory");
	fetch(NULL);
	assert_failed("cannot read");
}

static void halves_in_two_files_are_no_key(void **state)
{
	(void)state;
	aws_home_write_credentials(&f.home, "[default]\naws_access_key_id = AKID\n");
	aws_home_write_config(&f.home, "[default]\naws_secret_access_key = secret\n");
	fetch(NULL);
	assert_failed("in the AWS credentials file; add aws_secret_access_key there");
}

static void the_config_file_has_its_own_keys_and_token(void **state)
{
	(void)state;
	aws_home_write_credentials(&f.home, "[default]\naws_access_key_id = OTHER\n"
	                                    "aws_session_token = other\n");
	aws_home_write_config(&f.home, "[default]\naws_access_key_id = AKID\n"
	                               "aws_secret_access_key = secret\n");
	open_provider(NULL, provider_config_file_new);
	fetch(NULL);
	assert_int_equal(result.answer, PROVIDER_FOUND);
	assert_string_equal(credentials_access_key_id(result.credentials), "AKID");
	assert_null(credentials_session_token(result.credentials));
	assert_string_equal(credentials_provider(result.credentials), "config-file");
}

static void keys_of_the_config_file_are_not_those_of_the_credentials_file(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, "[default]\naws_access_key_id = AKID\n"
	                               "aws_secret_access_key = secret\n");
	fetch(NULL);
	assert_int_equal(result.answer, PROVIDER_NOT_CONFIGURED);
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
	(void)state;
	open_provider(NULL, provider_credentials_file_new);
	provider->ops->fetch(provider, never_called, NULL);
	provider->ops->free(provider);
	provider = NULL;
	pump_disk(f.loop);
}

static void do_nothing(struct disk_job *job)
{
	(void)job;
}

static void a_full_disk_pool_is_a_disk_that_does_not_answer(void **state)
{
	static struct disk_job jobs[LOOP_MAX_DISK_JOBS];

	(void)state;
	open_provider(NULL, provider_credentials_file_new);
	for (unsigned i = 0; i < LOOP_MAX_DISK_JOBS; i++) {
		jobs[i] = (struct disk_job){.work = do_nothing, .done = do_nothing};
		assert_int_equal(loop_disk(f.loop, &jobs[i]), 0);
	}
	fetch(NULL);
	assert_int_equal(result.answer, PROVIDER_FAILED);
	assert_int_equal(result.status, STATUS_TIMED_OUT);
	pump_disk(f.loop);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(static_keys_are_taken),
	        cmocka_unit_test_fixture(the_token_may_have_its_name_of_old),
	        cmocka_unit_test_fixture(keys_that_change_are_read_again),
	        cmocka_unit_test_fixture(a_default_profile_that_is_nowhere_is_not_configured),
	        cmocka_unit_test_fixture(a_profile_without_any_source_is_not_configured),
	        cmocka_unit_test_fixture(a_key_id_without_its_secret_fails),
	        cmocka_unit_test_fixture(a_secret_without_its_key_id_fails),
	        cmocka_unit_test_fixture(a_file_that_cannot_be_read_fails),
	        cmocka_unit_test_fixture(halves_in_two_files_are_no_key),
	        cmocka_unit_test_fixture(the_config_file_has_its_own_keys_and_token),
	        cmocka_unit_test_fixture(
	                keys_of_the_config_file_are_not_those_of_the_credentials_file),
	        cmocka_unit_test_fixture(a_question_dies_with_the_provider),
	        cmocka_unit_test_fixture(a_full_disk_pool_is_a_disk_that_does_not_answer),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
