/* Questions to IMDS, and the token that they share. */
#include "ecr/imds.h"
#include "tests/unit/metadata_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH "latest/meta-data/placement/region"

struct asker {
	bool done;
	enum imds_answer answer;
	enum status status;
	char text[512];
};

static struct asker asker;

static int set_up(void **state)
{
	memset(&asker, 0, sizeof(asker));
	return metadata_fixture_set_up(state);
}

static void told(void *arg, enum imds_answer answer, enum status status, const char *text,
                 size_t size)
{
	struct asker *who = arg;

	assert_false(who->done);
	assert_int_equal(answer == IMDS_FAILED, status != STATUS_OK);
	assert_int_equal(strlen(text), size);
	who->done = true;
	who->answer = answer;
	who->status = status;
	snprintf(who->text, sizeof(who->text), "%s", text);
}

static void start(struct asker *who)
{
	memset(who, 0, sizeof(*who));
	assert_int_equal(imds_get(m.imds, PATH, told, who), 0);
	assert_false(who->done);
}

static void ask(void)
{
	if (!m.imds)
		open_imds();
	start(&asker);
	pump_until(f.loop, &asker.done);
}

static void assert_found(const char *text)
{
	assert_int_equal(asker.answer, IMDS_FOUND);
	assert_string_equal(asker.text, text);
}

static void assert_told(enum imds_answer answer, enum status status, const char *why)
{
	assert_int_equal(asker.answer, answer);
	assert_int_equal(asker.status, status);
	assert_non_null(strstr(asker.text, why));
}

static void the_token_comes_first(void **state)
{
	(void)state;
	answer_token("t-1==", "21600");
	http_server_answer(m.server, 200, "", "eu-west-1");
	ask();
	assert_found("eu-west-1");
	assert_true(sent(0, "PUT /latest/api/token HTTP/1.1\r\n"));
	assert_true(sent(0, "\r\nx-aws-ec2-metadata-token-ttl-seconds: 21600\r\n"));
	assert_true(sent(1, "GET /" PATH " HTTP/1.1\r\n"));
	assert_true(sent(1, "\r\nx-aws-ec2-metadata-token: t-1==\r\n"));
}

static void it_is_used_until_shortly_before_its_end(void **state)
{
	(void)state;
	answer_token("t-1", "60");
	for (int i = 0; i < 2; i++)
		http_server_answer(m.server, 200, "", "a");
	ask();
	fake_clock_advance(&f.clock, 54 * NS_PER_S);
	ask();
	assert_int_equal(http_server_requests(m.server), 3);
	fake_clock_advance(&f.clock, 1 * NS_PER_S);
	answer_token("t-2", "60");
	http_server_answer(m.server, 200, "", "b");
	ask();
	assert_found("b");
	assert_true(sent(4, "\r\nx-aws-ec2-metadata-token: t-2\r\n"));
}

/* IMDS's answer says how long; it may say nothing, or nonsense. */
static void without_a_time_it_is_good_for_six_hours(void **state)
{
	static const char *const times[] = {NULL, "soon", "-5", "99999999999999999999"};

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		unsigned before = http_server_requests(m.server);

		answer_token("t", times[i]);
		http_server_answer(m.server, 200, "", "a");
		http_server_answer(m.server, 200, "", "b");
		ask();
		fake_clock_advance(&f.clock, 21594 * NS_PER_S);
		ask();
		assert_found("b");
		assert_int_equal(http_server_requests(m.server), before + 3);
		fake_clock_advance(&f.clock, 1 * NS_PER_S);
	}
}

static void a_token_that_is_about_to_end_is_used_once(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		answer_token("t", "3");
		http_server_answer(m.server, 200, "", "a");
		ask();
		assert_found("a");
	}
	assert_int_equal(http_server_requests(m.server), 4);
}

static void all_questions_share_it(void **state)
{
	struct asker askers[3];

	(void)state;
	open_imds();
	answer_token("t", NULL);
	for (int i = 0; i < 3; i++)
		http_server_answer(m.server, 200, "", "a");
	for (int i = 0; i < 3; i++)
		start(&askers[i]);
	for (int i = 0; i < 3; i++)
		pump_until(f.loop, &askers[i].done);
	assert_int_equal(http_server_requests(m.server), 4);
}

static void a_token_that_is_refused_is_replaced(void **state)
{
	(void)state;
	answer_token("t-1", NULL);
	http_server_answer(m.server, 401, "", "");
	answer_token("t-2", NULL);
	http_server_answer(m.server, 200, "", "a");
	ask();
	assert_found("a");
	assert_true(sent(3, "\r\nx-aws-ec2-metadata-token: t-2\r\n"));
}

static void one_that_is_refused_again_fails(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		answer_token("t", NULL);
		http_server_answer(m.server, 401, "", "");
	}
	ask();
	assert_told(IMDS_FAILED, STATUS_SERVER_ERROR, "it answered HTTP 401");
	assert_int_equal(http_server_requests(m.server), 4);
}

static void a_path_may_be_missing(void **state)
{
	(void)state;
	answer_token("t", NULL);
	http_server_answer(m.server, 404, "", "");
	ask();
	assert_told(IMDS_NOT_FOUND, STATUS_OK, "there is no " PATH);
}

static void an_error_is_told(void **state)
{
	(void)state;
	answer_token("t", NULL);
	http_server_answer(m.server, 500, "", "");
	ask();
	assert_told(IMDS_FAILED, STATUS_SERVER_ERROR, "it answered HTTP 500");
	http_server_answer_and_close(m.server, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\neu-");
	ask();
	assert_told(IMDS_FAILED, STATUS_PROTOCOL, http_server_url(m.server));
}

/* There may be none with version 2, or it is switched off for the instance. Version 1 is not
 * tried. */
static void without_tokens_there_is_no_imds(void **state)
{
	static const int codes[] = {403, 404, 405};

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		char why[32];

		snprintf(why, sizeof(why), "no token, HTTP %d", codes[i]);
		http_server_answer(m.server, codes[i], "", "");
		ask();
		assert_told(IMDS_ABSENT, STATUS_OK, why);
		fake_clock_advance(&f.clock, IMDS_ABSENT_NS);
	}
	assert_int_equal(http_server_requests(m.server), 3);
}

static void an_error_about_the_token_is_told(void **state)
{
	(void)state;
	http_server_answer(m.server, 400, "", "");
	ask();
	assert_told(IMDS_FAILED, STATUS_SERVER_ERROR, "no token, HTTP 400");
	http_server_answer(m.server, 200, "", "");
	ask();
	assert_told(IMDS_FAILED, STATUS_PROTOCOL, "what it gives for a token is none");
	answer_token("t\r\nX: y", NULL);
	ask();
	assert_told(IMDS_FAILED, STATUS_PROTOCOL, "what it gives for a token is none");
}

static void that_nobody_answers_is_remembered_for_a_while(void **state)
{
	(void)state;
	setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1", 1);
	ask();
	assert_told(IMDS_ABSENT, STATUS_OK, "http://127.0.0.1:1/: nobody answers");
	assert_int_equal(captured_log_count(&f.captured, "no instance metadata at"), 1);
	fake_clock_advance(&f.clock, IMDS_ABSENT_NS - 1);
	ask();
	assert_told(IMDS_ABSENT, STATUS_OK, "http://127.0.0.1:1/: nobody answers");
	assert_int_equal(captured_log_count(&f.captured, "no instance metadata at"), 1);
	fake_clock_advance(&f.clock, LOG_REPEAT_S * NS_PER_S);
	ask();
	assert_int_equal(captured_log_count(&f.captured, "no instance metadata at"), 2);
}

/* Time is real here: the limit is a second. */
static void a_service_that_hangs_is_absent(void **state)
{
	(void)state;
	ask();
	assert_told(IMDS_ABSENT, STATUS_OK, "nobody answers");
	assert_int_equal(http_server_requests(m.server), 1);
}

static void one_that_hangs_with_an_answer_fails(void **state)
{
	(void)state;
	answer_token("t", NULL);
	ask();
	assert_told(IMDS_FAILED, STATUS_TIMED_OUT, http_server_url(m.server));
	assert_int_equal(http_server_requests(m.server), 2);
}

static void there_may_be_more_attempts(void **state)
{
	(void)state;
	setenv("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "3", 1);
	http_server_answer(m.server, 500, "", "");
	http_server_reset(m.server);
	answer_token("t", NULL);
	http_server_answer(m.server, 503, "", "");
	http_server_answer(m.server, 200, "", "a");
	ask();
	assert_found("a");
	assert_int_equal(http_server_requests(m.server), 5);
}

static void where_it_is_disabled_nobody_is_asked(void **state)
{
	(void)state;
	setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
	ask();
	assert_told(IMDS_ABSENT, STATUS_OK, "AWS_EC2_METADATA_DISABLED is set");
	assert_int_equal(http_server_requests(m.server), 0);
}

static void settings_that_are_wrong_fail(void **state)
{
	(void)state;
	setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "nowhere", 1);
	ask();
	assert_told(IMDS_FAILED, STATUS_MISCONFIGURED, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
}

/* What is known of one service is not of another. */
static void the_profile_may_name_another_one_meanwhile(void **state)
{
	char config[512];

	(void)state;
	unsetenv("AWS_EC2_METADATA_SERVICE_ENDPOINT");
	aws_home_write_config(&f.home,
	                      "[default]\nec2_metadata_service_endpoint = http://127.0.0.1:1\n");
	ask();
	assert_int_equal(asker.answer, IMDS_ABSENT);
	snprintf(config, sizeof(config), "[default]\nec2_metadata_service_endpoint = %s\n",
	         http_server_url(m.server));
	aws_home_write_config(&f.home, config);
	answer_token("t", NULL);
	http_server_answer(m.server, 200, "", "a");
	ask();
	assert_found("a");
}

static void files_that_cannot_be_read_are_no_hindrance(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, "[default]\n");
	setenv("AWS_SHARED_CREDENTIALS_FILE", f.home.path, 1);
	profile_free(f.profile);
	open_profile(NULL);
	answer_token("t", NULL);
	http_server_answer(m.server, 200, "", "a");
	ask();
	assert_found("a");
}

static void no_proxy_is_asked(void **state)
{
	(void)state;
	unsetenv("no_proxy");
	setenv("http_proxy", "http://127.0.0.1:1/", 1);
	answer_token("t", NULL);
	http_server_answer(m.server, 200, "", "a");
	ask();
	unsetenv("http_proxy");
	assert_found("a");
}

static void who_is_gone_is_not_told(void **state)
{
	struct asker other;

	(void)state;
	open_imds();
	answer_token("t", NULL);
	http_server_answer(m.server, 200, "", "a");
	http_server_answer(m.server, 200, "", "a");
	start(&other);
	start(&asker);
	imds_forget(m.imds, &other);
	pump_until(f.loop, &asker.done);
	assert_false(other.done);
}

static void nobody_is_told_after_the_end(void **state)
{
	(void)state;
	open_imds();
	start(&asker);
	imds_free(m.imds);
	m.imds = NULL;
	pump_disk(f.loop);
	assert_false(asker.done);
	setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
	open_imds();
	start(&asker);
	imds_free(m.imds);
	m.imds = NULL;
	loop_run_once(f.loop);
	assert_false(asker.done);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(the_token_comes_first),
	        cmocka_unit_test_fixture(it_is_used_until_shortly_before_its_end),
	        cmocka_unit_test_fixture(without_a_time_it_is_good_for_six_hours),
	        cmocka_unit_test_fixture(a_token_that_is_about_to_end_is_used_once),
	        cmocka_unit_test_fixture(all_questions_share_it),
	        cmocka_unit_test_fixture(a_token_that_is_refused_is_replaced),
	        cmocka_unit_test_fixture(one_that_is_refused_again_fails),
	        cmocka_unit_test_fixture(a_path_may_be_missing),
	        cmocka_unit_test_fixture(an_error_is_told),
	        cmocka_unit_test_fixture(without_tokens_there_is_no_imds),
	        cmocka_unit_test_fixture(an_error_about_the_token_is_told),
	        cmocka_unit_test_fixture(that_nobody_answers_is_remembered_for_a_while),
	        cmocka_unit_test_fixture(a_service_that_hangs_is_absent),
	        cmocka_unit_test_fixture(one_that_hangs_with_an_answer_fails),
	        cmocka_unit_test_fixture(there_may_be_more_attempts),
	        cmocka_unit_test_fixture(where_it_is_disabled_nobody_is_asked),
	        cmocka_unit_test_fixture(settings_that_are_wrong_fail),
	        cmocka_unit_test_fixture(the_profile_may_name_another_one_meanwhile),
	        cmocka_unit_test_fixture(files_that_cannot_be_read_are_no_hindrance),
	        cmocka_unit_test_fixture(no_proxy_is_asked),
	        cmocka_unit_test_fixture(who_is_gone_is_not_told),
	        cmocka_unit_test_fixture(nobody_is_told_after_the_end),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
