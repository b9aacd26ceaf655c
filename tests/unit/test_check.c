/* What --check says: results, exit codes, text and JSON; remedies; updatedb.conf. */
#include "fs/check_machine.h"
#include "fs/check_report.h"
#include "fs/check_words.h"
#include "tests/unit/temp_dir.h"
#include "tests/unit/unit_test.h"

#include <stdlib.h>
#include <string.h>

static struct check_report report;
static char *written;
static size_t size;
static FILE *out;

static void begin(bool as_json)
{
	out = open_memstream(&written, &size);
	assert_non_null(out);
	check_report_init(&report, out, as_json);
}

/* Answers the exit code; what was written is in `written`, until end(). */
static enum check_exit finish(void)
{
	enum check_exit exit_code = check_report_end(&report);

	fclose(out);
	check_report_deinit(&report);
	return exit_code;
}

static void assert_written(const char *text)
{
	print_message("%s\n", written);
	assert_non_null(strstr(written, text));
}

static int tear_down(void **state)
{
	(void)state;
	free(written);
	written = NULL;
	return 0;
}

static void without_failures_all_is_well(void **state)
{
	(void)state;
	begin(false);
	finding_ok(check_report_add(&report, "fuse", NULL), "it %s", "works");
	assert_int_equal(finish(), CHECK_EXIT_WELL);
	assert_string_equal(written, "ok       fuse: it works\nall is well\n");
}

static void a_warning_is_no_failure(void **state)
{
	struct finding *finding;

	(void)state;
	begin(false);
	finding = check_report_add(&report, "updatedb", NULL);
	finding_warn(finding, "it walks");
	finding_remedy(finding, "prune it");
	assert_int_equal(finish(), CHECK_EXIT_WELL);
	assert_string_equal(written, "warning  updatedb: it walks\n"
	                             "         do:  prune it\n"
	                             "0 failed, 1 warning\n");
}

static void the_first_failure_is_the_exit_code(void **state)
{
	(void)state;
	begin(false);
	finding_warn(check_report_add(&report, "a", NULL), "w");
	finding_fail(check_report_add(&report, "b", "R"), CHECK_EXIT_NETWORK, "n");
	finding_fail(check_report_add(&report, "c", NULL), CHECK_EXIT_CREDENTIALS, "k");
	assert_int_equal(finish(), CHECK_EXIT_NETWORK);
	assert_written("FAILED   b R: n\n");
	assert_written("2 failed, 1 warning\n");
}

static void text_is_shown_once_and_in_order(void **state)
{
	(void)state;
	begin(false);
	finding_ok(check_report_add(&report, "a", NULL), "1");
	check_report_show(&report);
	check_report_show(&report);
	assert_string_equal(written, "ok       a: 1\n");
	finding_ok(check_report_add(&report, "b", NULL), "2");
	assert_int_equal(finish(), CHECK_EXIT_WELL);
	assert_string_equal(written, "ok       a: 1\nok       b: 2\nall is well\n");
}

static void text_has_no_control_characters_of_others(void **state)
{
	(void)state;
	begin(false);
	finding_ok(check_report_add(&report, "a", NULL), "x\033[2J\ny");
	(void)finish();
	assert_written("ok       a: x?[2J?y\n");
}

static void json_has_all_of_a_finding(void **state)
{
	struct finding *finding;

	(void)state;
	begin(true);
	finding = check_report_add(&report, "ListImages", "default");
	finding_fail(finding, CHECK_EXIT_DENIED, "no");
	snprintf(finding->repository, sizeof(finding->repository), "team/app");
	snprintf(finding->detail, sizeof(finding->detail), "because");
	finding_remedy(finding, "allow");
	finding_fact(finding, "region", "eu-west-1");
	finding_fact(finding, "arn", "");
	finding_number(finding, "clock_offset_s", -12);
	check_report_show(&report);
	assert_int_equal(finish(), CHECK_EXIT_DENIED);
	assert_string_equal(
	        written,
	        "{\n  \"version\": \"" ECRFS_VERSION "\",\n  \"exit_code\": 4,\n  \"findings\": [\n"
	        "    {\"step\": \"ListImages\", \"result\": \"failed\", \"exit_code\": 4, "
	        "\"registry\": \"default\", \"repository\": \"team/app\", \"message\": \"no\", "
	        "\"why\": \"because\", \"remedy\": \"allow\", \"region\": \"eu-west-1\", "
	        "\"clock_offset_s\": -12}\n  ]\n}\n");
}

static void json_strings_are_escaped(void **state)
{
	(void)state;
	begin(true);
	finding_ok(check_report_add(&report, "a", NULL), "%s",
	           "\"\\\n\x7f \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80");
	(void)finish();
	assert_written("\"\\\"\\\\\\u000a\\u007f \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"");
}

/* Stray, cut, too long, half of a pair, beyond Unicode. */
static void json_has_no_bytes_that_are_not_utf_8(void **state)
{
	(void)state;
	begin(true);
	finding_ok(check_report_add(&report, "a", NULL), "%s",
	           "<\x80><\xc3><\xc0\xaf><\xe0\x80\xaf><\xed\xa0\x80><\xf4\x90\x80\x80>");
	(void)finish();
	for (const char *c = written; *c; c++)
		assert_true((unsigned char)*c < 0x80);
	assert_written("<\\ufffd><\\ufffd><\\ufffd\\ufffd><\\ufffd\\ufffd\\ufffd>");
}

static void a_report_that_cannot_be_written_is_a_failure(void **state)
{
	FILE *full = fopen("/dev/full", "w");

	(void)state;
	assert_non_null(full);
	check_report_init(&report, full, false);
	finding_ok(check_report_add(&report, "a", NULL), "1");
	assert_int_equal(check_report_end(&report), CHECK_EXIT_SYSTEM);
	check_report_deinit(&report);
	fclose(full);
}

static void each_status_has_an_exit_code_and_a_remedy(void **state)
{
	struct check_call call = {.operation = "DescribeImages",
	                          .account = "123456789012",
	                          .repository = "team/app",
	                          .region = "cn-north-1",
	                          .host = "host",
	                          .service = "ecr.api"};

	(void)state;
	for (enum status status = STATUS_ABSENT; status <= STATUS_MISCONFIGURED; status++) {
		struct finding finding = {0};

		check_words_fail(&finding, status, &call);
		print_message("%s: %s\n", status_text(status), finding.remedy);
		assert_true(finding.is_failure);
		assert_int_equal(finding.exit_code, check_words_exit(status));
		assert_int_not_equal(finding.exit_code, CHECK_EXIT_WELL);
		assert_true(finding.words[0] && finding.remedy[0]);
	}
}

static void a_denial_names_permission_and_resource(void **state)
{
	struct check_call call = {.operation = "DescribeImages",
	                          .account = "123456789012",
	                          .repository = "team/app",
	                          .region = "cn-north-1",
	                          .service = "ecr.api"};
	struct finding finding = {0};

	(void)state;
	check_words_fail(&finding, STATUS_DENIED, &call);
	assert_non_null(strstr(finding.remedy,
	                       "ecr:DescribeImages on "
	                       "arn:aws-cn:ecr:cn-north-1:123456789012:repository/team/app "));
	assert_null(strstr(finding.remedy, "another one"));
	call.is_foreign = true;
	check_words_fail(&finding, STATUS_DENIED, &call);
	assert_non_null(strstr(finding.remedy, "another one"));
	call.is_foreign = false;
	call.repository = call.account = "";
	check_words_fail(&finding, STATUS_DENIED, &call);
	assert_non_null(strstr(finding.remedy, "arn:aws-cn:ecr:cn-north-1:*:repository/* "));
}

static void a_private_network_is_told_its_endpoint(void **state)
{
	struct check_call call = {
	        .operation = "", .region = "eu-west-1", .host = "host", .service = "ecr.api"};
	struct finding finding = {0};

	(void)state;
	check_words_fail(&finding, STATUS_UNRESOLVED, &call);
	assert_non_null(strstr(finding.remedy, "com.amazonaws.eu-west-1.ecr.api"));
	assert_null(strstr(finding.remedy, "proxy"));
	call.has_proxy = true;
	check_words_fail(&finding, STATUS_TIMED_OUT, &call);
	assert_non_null(strstr(finding.remedy, "no_proxy"));
	call.origin = "AWS_ENDPOINT_URL";
	check_words_fail(&finding, STATUS_REFUSED, &call);
	assert_non_null(strstr(finding.remedy, "check AWS_ENDPOINT_URL: "));
}

static void a_fips_host_that_is_not_there_is_left_out(void **state)
{
	struct check_call call = {.operation = "",
	                          .region = "eu-west-1",
	                          .host = "api.ecr-fips.eu-west-1.amazonaws.com",
	                          .service = "ecr.api"};
	struct finding finding = {0};

	(void)state;
	check_words_fail(&finding, STATUS_UNRESOLVED, &call);
	assert_non_null(strstr(finding.remedy, "AWS_USE_FIPS_ENDPOINT"));
}

static void each_wrong_endpoint_has_a_remedy(void **state)
{
	struct check_call call = {.operation = "region", .fault = TRIAL_FAULT_ENDPOINT};
	static const char *const words[] = {
	        [ENDPOINT_BAD_REGION] = "the name of the region",
	        [ENDPOINT_BAD_URL] = "mend the URL",
	        [ENDPOINT_CONFLICT] = "leave out the endpoint URL",
	        [ENDPOINT_UNAVAILABLE] = "leave out FIPS or dual-stack",
	        [ENDPOINT_NO_SERVICES] = "[services NAME]",
	};

	(void)state;
	for (enum endpoint_answer answer = ENDPOINT_BAD_REGION; answer <= ENDPOINT_NO_SERVICES;
	     answer++) {
		struct finding finding = {0};

		call.endpoint_answer = answer;
		check_words_fail(&finding, STATUS_MISCONFIGURED, &call);
		assert_int_equal(finding.exit_code, CHECK_EXIT_SETTINGS);
		assert_non_null(strstr(finding.remedy, words[answer]));
	}
}

static void certificates_and_region_are_settings_too(void **state)
{
	struct check_call call = {.operation = "region", .fault = TRIAL_FAULT_CERTIFICATES};
	struct finding finding = {0};

	(void)state;
	check_words_fail(&finding, STATUS_MISCONFIGURED, &call);
	assert_non_null(strstr(finding.remedy, "AWS_CA_BUNDLE"));
	call.fault = TRIAL_FAULT_REGION;
	check_words_fail(&finding, STATUS_MISCONFIGURED, &call);
	assert_non_null(strstr(finding.remedy, "AWS_REGION"));
}

static void assert_credentials_remedy(const char *culprit, enum status status, const char *words)
{
	struct check_call call = {
	        .operation = "credentials", .culprit = culprit, .profile = "prod"};
	struct finding finding = {0};

	check_words_fail(&finding, status, &call);
	print_message("%s: %s\n", culprit ? culprit : "nobody", finding.remedy);
	assert_non_null(strstr(finding.remedy, words));
}

static void each_provider_has_remedies_of_its_own(void **state)
{
	(void)state;
	assert_credentials_remedy("sso", STATUS_CREDENTIALS_EXPIRED,
	                          "aws sso login --profile prod");
	assert_credentials_remedy("sso", STATUS_NO_CREDENTIALS, "aws sso login --profile prod");
	assert_credentials_remedy("sso", STATUS_UNRESOLVED, "sso_region");
	assert_credentials_remedy("login", STATUS_CREDENTIALS_EXPIRED, "aws login --profile prod");
	assert_credentials_remedy("assume-role", STATUS_DENIED, "allow sts:AssumeRole on");
	assert_credentials_remedy("assume-role", STATUS_NO_CREDENTIALS, "mend profile prod");
	assert_credentials_remedy("assume-role", STATUS_UNRESOLVED, "REGION.sts");
	assert_credentials_remedy("assume-role-with-web-identity", STATUS_DENIED,
	                          "sts:AssumeRoleWithWebIdentity");
	assert_credentials_remedy("assume-role-with-web-identity", STATUS_NO_CREDENTIALS,
	                          "AWS_WEB_IDENTITY_TOKEN_FILE");
	assert_credentials_remedy("custom-process", STATUS_NO_CREDENTIALS,
	                          "credential_process of profile prod");
	assert_credentials_remedy("custom-process", STATUS_TIMED_OUT, "run the program");
	assert_credentials_remedy("container-role", STATUS_REFUSED, "AUTHORIZATION_TOKEN_FILE");
	assert_credentials_remedy("iam-role", STATUS_TIMED_OUT, "hop limit");
	assert_credentials_remedy("iam-role", STATUS_NO_CREDENTIALS, "instance a role");
	assert_credentials_remedy("profile", STATUS_NO_CREDENTIALS, "aws configure --profile prod");
	assert_credentials_remedy("config-file", STATUS_NO_CREDENTIALS, "complete the key");
	assert_credentials_remedy("config-file", STATUS_TIMED_OUT, "file system");
	assert_credentials_remedy(NULL, STATUS_TIMED_OUT, "file system");
	assert_credentials_remedy(NULL, STATUS_NO_CREDENTIALS, "AWS_ACCESS_KEY_ID");
	assert_credentials_remedy("env", STATUS_NO_CREDENTIALS, "AWS_ACCESS_KEY_ID");
}

/* What is said with this file: "ok", "warning", or "" for nothing. */
static void assert_updatedb(const char *content, const char *mountpoint, const char *result)
{
	struct temp_dir dir;
	char *path;

	temp_dir_init(&dir);
	if (content)
		temp_dir_write(&dir, "updatedb.conf", content);
	path = temp_dir_path(&dir, "updatedb.conf");
	begin(false);
	check_updatedb(&report, path, mountpoint);
	assert_int_equal(finish(), CHECK_EXIT_WELL);
	print_message("%s: %s\n", content ? content : "-", written);
	if (result[0])
		assert_memory_equal(written, result, strlen(result));
	else
		assert_string_equal(written, "all is well\n");
	free(written);
	written = NULL;
	free(path);
	temp_dir_deinit(&dir);
}

static void updatedb_prunes_the_type_or_the_place(void **state)
{
	(void)state;
	assert_updatedb(NULL, NULL, "");
	assert_updatedb("PRUNEFS=\"NFS afs\"\n", "/mnt/ecr", "warning");
	assert_updatedb("PRUNEFS=\"NFS fuse.ecrfs afs\"\n", NULL, "ok");
	assert_updatedb(" PRUNEFS = \"fuse.ecrfs\"", NULL, "ok");
	assert_updatedb("PRUNEFS=\"FUSE.ECRFS\"\n", NULL, "ok");
	assert_updatedb("# PRUNEFS=\"fuse.ecrfs\"\n", NULL, "warning");
	assert_updatedb("PRUNEFS=\"fuse.ecrfsx fuse\"\n", NULL, "warning");
	assert_updatedb("PRUNENAMES=\"fuse.ecrfs\"\n", NULL, "warning");
	assert_updatedb("PRUNEPATHS=\"/tmp /mnt/ecr\"\n", "/mnt/ecr", "ok");
	assert_updatedb("PRUNEPATHS=\"/tmp /mnt/ecr\"\n", "/mnt/ec", "warning");
	assert_updatedb("", NULL, "warning");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_teardown(without_failures_all_is_well, tear_down),
	        cmocka_unit_test_teardown(a_warning_is_no_failure, tear_down),
	        cmocka_unit_test_teardown(the_first_failure_is_the_exit_code, tear_down),
	        cmocka_unit_test_teardown(text_is_shown_once_and_in_order, tear_down),
	        cmocka_unit_test_teardown(text_has_no_control_characters_of_others, tear_down),
	        cmocka_unit_test_teardown(json_has_all_of_a_finding, tear_down),
	        cmocka_unit_test_teardown(json_strings_are_escaped, tear_down),
	        cmocka_unit_test_teardown(json_has_no_bytes_that_are_not_utf_8, tear_down),
	        cmocka_unit_test(a_report_that_cannot_be_written_is_a_failure),
	        cmocka_unit_test(each_status_has_an_exit_code_and_a_remedy),
	        cmocka_unit_test(a_denial_names_permission_and_resource),
	        cmocka_unit_test(a_private_network_is_told_its_endpoint),
	        cmocka_unit_test(a_fips_host_that_is_not_there_is_left_out),
	        cmocka_unit_test(each_wrong_endpoint_has_a_remedy),
	        cmocka_unit_test(certificates_and_region_are_settings_too),
	        cmocka_unit_test(each_provider_has_remedies_of_its_own),
	        cmocka_unit_test_teardown(updatedb_prunes_the_type_or_the_place, tear_down),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
