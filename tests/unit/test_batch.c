/* Questions by id, and the calls they become. */
#include "ecr/batch.h"
#include "base/cleanup.h"
#include "tests/unit/batch_fixture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void repository_found(void *arg, enum status status, const struct repository_record *record)
{
	note(arg, status, record ? record->name : NULL, record ? strlen(record->name) : 0);
}

static void ask_repository(const char *name, struct reply *reply)
{
	assert_int_equal(batcher_ask(f.batcher, &batch_repositories, &registry, "", name,
	                             (union batch_fn){.repository = repository_found}, reply),
	                 0);
	assert_int_equal(reply->answers, 0);
}

/* Asks for tags t0, t1, … of team/app. */
static void ask_images(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		char tag[16];

		snprintf(tag, sizeof(tag), "t%u", i);
		ask_image("team/app", tag, &f.replies[i]);
	}
	loop_run_once(f.loop);
}

/* Answers the oldest call, which fails as a whole when `bad` is among its tags. */
static void answer_without(const char *bad, const struct api_answer *failure)
{
	if (strstr(f.api.calls->body, bad))
		fake_api_fail(&f.api, failure);
	else
		answer_all_tags();
}

static void questions_of_one_turn_share_a_call(void **state)
{
	(void)state;
	ask_images(10);
	assert_int_equal(f.api.n_calls, 1);
	assert_string_equal(f.api.calls->operation, "DescribeImages");
	assert_string_equal(f.api.calls->subject, "team/app");
	assert_int_equal(ids_of(f.api.calls->body), 10);
	answer_all_tags();
	for (unsigned i = 0; i < 10; i++) {
		char tag[16];

		snprintf(tag, sizeof(tag), "t%u", i);
		assert_reply(&f.replies[i], STATUS_OK, tag);
	}
}

static void nothing_is_sent_inside_the_question(void **state)
{
	(void)state;
	ask_image("team/app", "t", &f.replies[0]);
	assert_int_equal(f.api.n_calls, 0);
	loop_run_once(f.loop);
	assert_int_equal(f.api.n_calls, 1);
}

static void a_call_has_at_most_a_hundred_ids(void **state)
{
	(void)state;
	ask_images(250);
	assert_int_equal(f.api.n_calls, 3);
	assert_int_equal(ids_of(f.api.calls->body), 100);
	answer_all_tags();
	assert_int_equal(ids_of(f.api.calls->body), 100);
	answer_all_tags();
	assert_int_equal(ids_of(f.api.calls->body), 50);
	answer_all_tags();
	for (unsigned i = 0; i < 250; i++)
		assert_int_equal(f.replies[i].status, STATUS_OK);
}

static void calls_in_flight_are_bounded_and_questions_gather(void **state)
{
	(void)state;
	for (unsigned i = 0; i < MAX_CALLS; i++) {
		ask_image("team/app", "early", &f.replies[i]);
		loop_run_once(f.loop);
	}
	assert_int_equal(f.api.n_calls, MAX_CALLS);
	for (unsigned i = 10; i < 20; i++) {
		ask_image("team/app", "late", &f.replies[i]);
		loop_run_once(f.loop);
	}
	assert_int_equal(f.api.n_calls, MAX_CALLS);
	answer_all_tags();
	loop_run_once(f.loop);
	assert_int_equal(f.api.n_calls, MAX_CALLS + 1);
	assert_int_equal(f.api.most_open, MAX_CALLS);
	answer_all_tags();
	answer_all_tags();
	assert_int_equal(ids_of(f.api.calls->body), 10);
}

/* As many calls as one repository may have, none of which is answered. */
static void hang(const char *repository)
{
	for (unsigned i = 0; i < MAX_CALLS; i++) {
		ask_image(repository, "hangs", &f.replies[200 + i]);
		loop_run_once(f.loop);
	}
}

static void calls_that_hang_do_not_hold_up_another_repository(void **state)
{
	(void)state;
	hang("slow");
	ask_image("slow", "late", &f.replies[0]);
	ask_image("team/app", "t", &f.replies[1]);
	loop_run_once(f.loop);
	assert_int_equal(f.api.n_calls, MAX_CALLS + 1);
	assert_string_equal(last_call()->subject, "team/app");
	ask_image("team/app", "late", &f.replies[2]);
	loop_run_once(f.loop);
	assert_int_equal(f.api.n_calls, MAX_CALLS + 1); /* it has one: its questions gather */
}

/* The registry that lists its names slowly, and one of the same repositories elsewhere. */
static void calls_that_hang_do_not_hold_up_another_registry(void **state)
{
	static const struct registry other = {.account = "111111111111"};

	(void)state;
	hang("team/app");
	assert_int_equal(batcher_ask(f.batcher, &batch_images, &other, "team/app", "t",
	                             (union batch_fn){.image = image_found}, &f.replies[0]),
	                 0);
	ask_repository("team/app", &f.replies[1]);
	loop_run_once(f.loop);
	assert_int_equal(f.api.n_calls, MAX_CALLS + 2);
}

static void all_calls_in_flight_are_bounded_and_go_out_in_order(void **state)
{
	static const char *const others[] = {"a", "b", "c", "d", "e"};

	(void)state;
	hang("slow");
	ask_image("slow", "late", &f.replies[0]);
	for (unsigned i = 0; i < 5; i++)
		ask_image(others[i], "t", &f.replies[1 + i]);
	loop_run_once(f.loop);
	assert_int_equal(f.api.n_calls, 2 * MAX_CALLS);
	assert_string_equal(last_call()->subject, "c");
	answer_all_tags(); /* one of the slow ones */
	loop_run_once(f.loop);
	assert_string_equal(last_call()->subject, "d");
	answer_all_tags();
	loop_run_once(f.loop);
	assert_string_equal(last_call()->subject, "e");
	assert_int_equal(f.api.most_open, 2 * MAX_CALLS);
	answer_all_tags(); /* the last slow one: its repository has none in flight now */
	loop_run_once(f.loop);
	assert_string_equal(last_call()->subject, "slow");
	assert_int_equal(f.api.most_open, 2 * MAX_CALLS);
}

/* Where every id of a hundred is missing, each call becomes two. */
static void halves_of_a_failed_call_are_bounded_too(void **state)
{
	const struct api_answer absent = {.status = STATUS_ABSENT, .body = "", .request_id = ""};

	(void)state;
	ask_images(100);
	while (f.api.calls) {
		fake_api_fail(&f.api, &absent);
		loop_run_once(f.loop);
	}
	for (unsigned i = 0; i < 100; i++)
		assert_reply(&f.replies[i], STATUS_ABSENT, "");
	assert_int_equal(f.api.n_calls, 199);
	assert_int_equal(f.api.most_open, MAX_CALLS);
}

static void a_half_that_waits_goes_before_later_questions(void **state)
{
	const struct api_answer absent = {.status = STATUS_ABSENT, .body = "", .request_id = ""};

	(void)state;
	ask_images(2);
	hang("slow");
	ask_image("team/app", "late", &f.replies[2]);
	loop_run_once(f.loop);
	fake_api_fail(&f.api, &absent); /* one half goes out, the other one waits */
	assert_string_equal(last_call()->subject, "team/app");
	answer_all_tags();
	loop_run_once(f.loop);
	assert_non_null(strstr(last_call()->body, "\"t1\""));
	while (f.api.calls) {
		answer_all_tags();
		loop_run_once(f.loop);
	}
	assert_reply(&f.replies[0], STATUS_OK, "t0");
	assert_reply(&f.replies[1], STATUS_OK, "t1");
	assert_reply(&f.replies[2], STATUS_OK, "late");
}

/* A repository with many questions must not keep another one waiting. */
static void repositories_take_turns(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 250; i++)
		ask_image("big", "t", &f.replies[i]);
	ask_image("small", "t", &f.replies[299]);
	loop_run_once(f.loop);
	assert_string_equal(f.api.calls->subject, "big");
	assert_string_equal(f.api.calls->next->subject, "small");
	assert_string_equal(f.api.calls->next->next->subject, "big");
}

static void kinds_and_registries_have_calls_of_their_own(void **state)
{
	static const struct registry other = {.account = "111111111111"};

	(void)state;
	ask_image("team/app", "t", &f.replies[0]);
	ask_repository("team/app", &f.replies[1]);
	assert_int_equal(batcher_ask(f.batcher, &batch_images, &other, "team/app", "t",
	                             (union batch_fn){.image = image_found}, &f.replies[2]),
	                 0);
	loop_run_once(f.loop);
	assert_int_equal(f.api.n_calls, 3);
}

static void repositories_are_asked_for_by_name(void **state)
{
	(void)state;
	ask_repository("team/app", &f.replies[0]);
	ask_repository("gone", &f.replies[1]);
	loop_run_once(f.loop);
	assert_string_equal(f.api.calls->operation, "DescribeRepositories");
	assert_non_null(strstr(f.api.calls->body, "\"repositoryNames\":[\"team/app\",\"gone\"]"));
	fake_api_answer(&f.api, "{\"repositories\":[{\"repositoryName\":\"team/app\"}]}");
	assert_reply(&f.replies[0], STATUS_OK, "team/app");
	assert_reply(&f.replies[1], STATUS_ABSENT, "");
}

/* The log names what was asked for, where that is one thing. */
static void a_single_repository_is_the_subject_of_its_call(void **state)
{
	(void)state;
	ask_repository("team/app", &f.replies[0]);
	loop_run_once(f.loop);
	assert_string_equal(f.api.calls->subject, "team/app");
}

static void one_missing_id_does_not_hide_the_others(void **state)
{
	const struct api_answer absent = {.status = STATUS_ABSENT, .body = "", .request_id = ""};

	(void)state;
	ask_images(100);
	while (f.api.calls)
		answer_without("\"t42\"", &absent);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(f.replies[i].status, i == 42 ? STATUS_ABSENT : STATUS_OK);
	assert_in_range(f.api.n_calls, 2, 15); /* two for each halving of 100, and the first one */
}

static void an_id_that_ecr_would_not_look_for_is_absent(void **state)
{
	const struct api_answer invalid = {.status = STATUS_SERVER_ERROR,
	                                   .invalid_parameter = true,
	                                   .body = "",
	                                   .request_id = ""};

	(void)state;
	ask_images(4);
	while (f.api.calls)
		answer_without("\"t1\"", &invalid);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(f.replies[i].status, i == 1 ? STATUS_ABSENT : STATUS_OK);
}

/* Nothing in it can be there: halving would ask 199 times for the same. */
static void a_missing_repository_is_asked_for_once(void **state)
{
	const struct api_answer absent = {
	        .status = STATUS_ABSENT, .repository_absent = true, .body = "", .request_id = ""};

	(void)state;
	ask_images(100);
	fake_api_fail(&f.api, &absent);
	assert_int_equal(f.api.n_calls, 1);
	for (unsigned i = 0; i < 100; i++)
		assert_reply(&f.replies[i], STATUS_ABSENT, "");
}

static void one_missing_repository_of_several_does_not_hide_the_others(void **state)
{
	const struct api_answer absent = {
	        .status = STATUS_ABSENT, .repository_absent = true, .body = "", .request_id = ""};

	(void)state;
	ask_repository("here", &f.replies[0]);
	ask_repository("gone", &f.replies[1]);
	loop_run_once(f.loop);
	fake_api_fail(&f.api, &absent);
	assert_int_equal(f.api.n_calls, 3);
	fake_api_answer(&f.api, "{\"repositories\":[{\"repositoryName\":\"here\"}]}");
	fake_api_fail(&f.api, &absent);
	assert_reply(&f.replies[0], STATUS_OK, "here");
	assert_reply(&f.replies[1], STATUS_ABSENT, "");
}

static void a_failure_that_no_id_can_be_blamed_for_is_not_asked_again(void **state)
{
	static const enum status statuses[] = {STATUS_DENIED, STATUS_THROTTLED, STATUS_TIMED_OUT,
	                                       STATUS_SERVER_ERROR, STATUS_NO_CREDENTIALS};

	(void)state;
	for (unsigned i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		memset(f.replies, 0, sizeof(f.replies));
		ask_images(10);
		fake_api_fail_with(&f.api, statuses[i]);
		assert_null(f.api.calls);
		for (unsigned j = 0; j < 10; j++)
			assert_reply(&f.replies[j], statuses[i], "");
	}
}

static void one_oversized_answer_does_not_fail_its_neighbours(void **state)
{
	const struct api_answer oversized = {
	        .status = STATUS_PROTOCOL, .oversized = true, .body = "", .request_id = ""};

	(void)state;
	ask_images(8);
	while (f.api.calls)
		answer_without("\"t5\"", &oversized);
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(f.replies[i].status, i == 5 ? STATUS_PROTOCOL : STATUS_OK);
}

static void one_unreadable_answer_does_not_fail_its_neighbours(void **state)
{
	const struct api_answer garbage = {
	        .status = STATUS_OK, .body = "{garbage", .body_size = 8, .request_id = "id-9"};

	(void)state;
	ask_images(8);
	while (f.api.calls)
		answer_without("\"t5\"", &garbage);
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(f.replies[i].status, i == 5 ? STATUS_PROTOCOL : STATUS_OK);
	assert_int_equal(f.api.complaints, 1);
	assert_string_equal(f.api.complaint, "DescribeImages team/app@t5: "
	                                     "the answer is not the JSON that was asked for");
}

static void ask_again(void *arg, enum status status, const struct image_record *record)
{
	image_found(arg, status, record);
	ask_image("team/app", "again", &f.replies[1]);
}

static void an_answer_may_ask_again(void **state)
{
	(void)state;
	assert_int_equal(try_image("team/app", "first", ask_again, &f.replies[0]), 0);
	loop_run_once(f.loop);
	answer_all_tags();
	assert_reply(&f.replies[0], STATUS_OK, "first");
	loop_run_once(f.loop);
	answer_all_tags();
	assert_reply(&f.replies[1], STATUS_OK, "again");
}

static void a_call_that_cannot_be_made_is_answered(void **state)
{
	(void)state;
	f.api.refusal = -ENOMEM;
	ask_images(3);
	for (unsigned i = 0; i < 3; i++)
		assert_reply(&f.replies[i], STATUS_NO_MEMORY, "");
	f.api.refusal = 0;
	ask_image("team/app", "t", &f.replies[10]);
	loop_run_once(f.loop);
	answer_all_tags(); /* the refused call is not counted as one in flight */
	assert_reply(&f.replies[10], STATUS_OK, "t");
}

static void the_end_answers_what_is_in_flight_and_what_waits(void **state)
{
	(void)state;
	ask_images(2);
	ask_image("team/app", "late", &f.replies[2]);
	end_batcher();
	for (unsigned i = 0; i < 3; i++)
		assert_reply(&f.replies[i], STATUS_SERVER_ERROR, "");
}

static void what_was_to_be_sent_is_not_sent_after_the_end(void **state)
{
	(void)state;
	ask_image("team/app", "t", &f.replies[0]);
	end_batcher();
	loop_run_once(f.loop);
	assert_int_equal(f.api.n_calls, 0);
}

static void ask_at_the_end(void *arg, enum status status, const struct image_record *record)
{
	image_found(arg, status, record);
	assert_int_equal(try_image("team/app", "again", image_found, &f.replies[1]), -ECANCELED);
	assert_int_equal(try_image("other", "again", image_found, &f.replies[1]), -ECANCELED);
}

/* Else the question would be forgotten, and whoever asked would wait for ever. */
static void a_question_that_comes_during_the_end_is_refused(void **state)
{
	(void)state;
	assert_int_equal(try_image("team/app", "first", ask_at_the_end, &f.replies[0]), 0);
	end_batcher();
	assert_reply(&f.replies[0], STATUS_SERVER_ERROR, "");
	assert_int_equal(f.replies[1].answers, 0);
}

static void tags_and_digests_share_a_call(void **state)
{
	(void)state;
	ask_image("team/app", "t1", &f.replies[0]);
	ask_image("team/app", OTHER_DIGEST, &f.replies[1]);
	ask_image("team/app", ABC_DIGEST, &f.replies[2]);
	loop_run_once(f.loop);
	assert_int_equal(f.api.n_calls, 1);
	assert_non_null(
	        strstr(f.api.calls->body, "{\"imageTag\":\"t1\"},{\"imageDigest\":\"sha256:"));
	fake_api_answer(&f.api, "{\"imageDetails\":[{\"imageDigest\":\"" OTHER_DIGEST
	                        "\",\"imageTags\":[\"t2\"]},{\"imageDigest\":\"" OTHER_DIGEST
	                        "\",\"imageTags\":[\"t0\",\"t1\",\"t1\"]}]}");
	assert_reply(&f.replies[0], STATUS_OK, "t0");
	assert_reply(&f.replies[1], STATUS_OK, "t2");
	assert_reply(&f.replies[2], STATUS_ABSENT, "");
}

/* IAM decides by repository, but one call gets one answer. */
static void one_denied_repository_does_not_hide_the_others(void **state)
{
	(void)state;
	ask_repository("mine", &f.replies[0]);
	ask_repository("theirs", &f.replies[1]);
	loop_run_once(f.loop);
	fake_api_fail_with(&f.api, STATUS_DENIED);
	fake_api_answer(&f.api, "{\"repositories\":[{\"repositoryName\":\"mine\"}]}");
	fake_api_fail_with(&f.api, STATUS_DENIED);
	assert_reply(&f.replies[0], STATUS_OK, "mine");
	assert_reply(&f.replies[1], STATUS_DENIED, "");
	assert_int_equal(f.api.n_calls, 3);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(questions_of_one_turn_share_a_call),
	        cmocka_unit_test_fixture(nothing_is_sent_inside_the_question),
	        cmocka_unit_test_fixture(a_call_has_at_most_a_hundred_ids),
	        cmocka_unit_test_fixture(calls_in_flight_are_bounded_and_questions_gather),
	        cmocka_unit_test_fixture(calls_that_hang_do_not_hold_up_another_repository),
	        cmocka_unit_test_fixture(calls_that_hang_do_not_hold_up_another_registry),
	        cmocka_unit_test_fixture(all_calls_in_flight_are_bounded_and_go_out_in_order),
	        cmocka_unit_test_fixture(halves_of_a_failed_call_are_bounded_too),
	        cmocka_unit_test_fixture(a_half_that_waits_goes_before_later_questions),
	        cmocka_unit_test_fixture(repositories_take_turns),
	        cmocka_unit_test_fixture(kinds_and_registries_have_calls_of_their_own),
	        cmocka_unit_test_fixture(repositories_are_asked_for_by_name),
	        cmocka_unit_test_fixture(a_single_repository_is_the_subject_of_its_call),
	        cmocka_unit_test_fixture(one_missing_id_does_not_hide_the_others),
	        cmocka_unit_test_fixture(an_id_that_ecr_would_not_look_for_is_absent),
	        cmocka_unit_test_fixture(a_missing_repository_is_asked_for_once),
	        cmocka_unit_test_fixture(
	                one_missing_repository_of_several_does_not_hide_the_others),
	        cmocka_unit_test_fixture(a_failure_that_no_id_can_be_blamed_for_is_not_asked_again),
	        cmocka_unit_test_fixture(one_oversized_answer_does_not_fail_its_neighbours),
	        cmocka_unit_test_fixture(one_unreadable_answer_does_not_fail_its_neighbours),
	        cmocka_unit_test_fixture(an_answer_may_ask_again),
	        cmocka_unit_test_fixture(a_call_that_cannot_be_made_is_answered),
	        cmocka_unit_test_fixture(the_end_answers_what_is_in_flight_and_what_waits),
	        cmocka_unit_test_fixture(what_was_to_be_sent_is_not_sent_after_the_end),
	        cmocka_unit_test_fixture(a_question_that_comes_during_the_end_is_refused),
	        cmocka_unit_test_fixture(tags_and_digests_share_a_call),
	        cmocka_unit_test_fixture(one_denied_repository_does_not_hide_the_others),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
