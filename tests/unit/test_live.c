/* What .ecrfs tells of credentials, whoever provides them: a mount that is built and not started,
 * with credentials that are made here. */
#include "base/bytes.h"
#include "base/log.h"
#include "ecr/chain.h"
#include "ecr/client.h"
#include "fs/live.h"
#include "fs/mount.h"
#include "tests/unit/unit_test.h"

#include <stdlib.h>
#include <string.h>

static struct {
	struct options options;
	struct log *log;
	struct mount mount;
	struct chain_report report;
	char *text;
} f;

bool __wrap_client_credentials(struct client *client, size_t i, struct chain_report *ret_report);

bool __wrap_client_credentials(struct client *client, size_t i, struct chain_report *ret_report)
{
	(void)client;
	*ret_report = f.report;
	return i == 0;
}

static int set_up(void **state)
{
	char *argv[] = {"ecrfs", "-o", "region=us-east-1", "123456789012", "/mnt/ecr", NULL};

	(void)state;
	memset(&f, 0, sizeof(f));
	assert_int_equal(options_parse(5, argv, &f.options), OPTIONS_MOUNT);
	assert_int_equal(log_new(clock_system(), LEVEL_ERROR, &f.log), 0);
	assert_int_equal(mount_init(&f.mount, &f.options, f.log), 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(f.text);
	mount_deinit(&f.mount);
	options_deinit(&f.options);
	log_free(f.log);
	return 0;
}

static const char *text_of(const char *name)
{
	struct bytes *bytes;
	unsigned number;

	assert_true(live_find(name, &number));
	bytes = live_make(&f.mount, number);
	assert_non_null(bytes);
	f.text = strndup(bytes->data, bytes->size);
	bytes_unref(bytes);
	return f.text;
}

static void the_end_of_a_session_is_shown(void **state)
{
	uint64_t now_ns = clock_realtime_ns(clock_system());

	(void)state;
	f.report = (struct chain_report){.provider = "sso", .expires_ns = now_ns + 7530 * NS_PER_S};
	assert_non_null(strstr(text_of("status"), "\ncredentials    from sso, expire 20"));
	assert_non_null(strstr(f.text, "Z (in 2 h 5 min)\n"));
}

static void credentials_that_expired_and_are_not_renewed(void **state)
{
	uint64_t now_ns = clock_realtime_ns(clock_system());

	(void)state;
	f.report = (struct chain_report){.provider = "sso",
	                                 .expires_ns = now_ns - 90000 * NS_PER_S,
	                                 .failure = STATUS_CREDENTIALS_EXPIRED,
	                                 .failed_ns = now_ns - 61 * NS_PER_S};
	assert_non_null(strstr(text_of("status"), ", expired 20"));
	assert_non_null(strstr(f.text, "Z (1 d 1 h ago)\n"));
	assert_non_null(strstr(f.text, "last error: credentials expired, 20"));
	assert_non_null(strstr(f.text, "Z (1 min 1 s ago)\n"));
}

static void the_end_of_a_session_is_a_metric(void **state)
{
	(void)state;
	f.report = (struct chain_report){.provider = "sso", .expires_ns = 1767323045 * NS_PER_S};
	assert_non_null(
	        strstr(text_of("metrics"),
	               "\necrfs_credentials_expiry_time_seconds{provider=\"sso\"} 1767323045\n"));
}

static void credentials_of_one_account_name_it(void **state)
{
	(void)state;
	f.report = (struct chain_report){
	        .provider = "sso", .expires_ns = 1767323045 * NS_PER_S, .account = "123456789012"};
	assert_non_null(strstr(text_of("metrics"),
	                       "_expiry_time_seconds{provider=\"sso\",account=\"123456789012\"} "
	                       "1767323045\n"));
	free(f.text);
	assert_non_null(strstr(text_of("status"), "\ncredentials    for 123456789012: from sso, "));
}

static void credentials_that_never_expire_are_no_metric(void **state)
{
	(void)state;
	f.report = (struct chain_report){.provider = "env"};
	assert_null(strstr(text_of("metrics"), "\necrfs_credentials_expiry_time_seconds{"));
}

static void an_unknown_name_is_no_file(void **state)
{
	unsigned number = 77;

	(void)state;
	assert_false(live_find("statu", &number));
	assert_int_equal(number, 77);
	assert_null(live_name(0));
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(the_end_of_a_session_is_shown, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(credentials_that_expired_and_are_not_renewed,
	                                        set_up, tear_down),
	        cmocka_unit_test_setup_teardown(the_end_of_a_session_is_a_metric, set_up,
	                                        tear_down),
	        cmocka_unit_test_setup_teardown(credentials_of_one_account_name_it, set_up,
	                                        tear_down),
	        cmocka_unit_test_setup_teardown(credentials_that_never_expire_are_no_metric, set_up,
	                                        tear_down),
	        cmocka_unit_test(an_unknown_name_is_no_file),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
