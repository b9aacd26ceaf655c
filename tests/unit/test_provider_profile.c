/* A profile that is not there. */
#include "ecr/provider_profile.h"
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

static void open_provider(const char *name)
{
	struct provider_parts parts;

	open_profile(name);
	parts = profile_fixture_parts();
	provider = provider_profile_new(&parts);
	assert_non_null(provider);
}

static void fetch(const char *name)
{
	if (!provider)
		open_provider(name);
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

static void a_named_profile_that_is_nowhere_fails(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, "[profile dev]\nregion = eu-west-1\n");
	fetch("prod");
	assert_failed("profile prod is in neither the AWS config nor the credentials file");
}

static void a_file_that_cannot_be_read_fails(void **state)
{
	(void)state;
	temp_dir_write(&f.home, ".aws/config/oops", "a directory");
	fetch(NULL);
	assert_failed("cannot read");
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
	open_provider(NULL);
	provider->ops->fetch(provider, never_called, NULL);
	provider->ops->free(provider);
	provider = NULL;
	pump_disk(f.loop);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(a_default_profile_that_is_nowhere_is_not_configured),
	        cmocka_unit_test_fixture(a_profile_without_any_source_is_not_configured),
	        cmocka_unit_test_fixture(a_named_profile_that_is_nowhere_fails),
	        cmocka_unit_test_fixture(a_file_that_cannot_be_read_fails),
	        cmocka_unit_test_fixture(a_question_dies_with_the_provider),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
