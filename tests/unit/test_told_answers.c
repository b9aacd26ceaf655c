/* What ECR told by name: how answers add up, and what is none. */
#include "tests/unit/told_fixture.h"

#include <stdio.h>
#include <string.h>

static void ignore_repository(void *arg, enum status status, const struct repository_record *record)
{
	(void)arg, (void)status, (void)record;
}

static void ignore_pull(void *arg, enum status status, const struct digest *digest,
                        struct bytes *bytes)
{
	(void)arg, (void)status, (void)digest, (void)bytes;
}

static void ask_for_repository(enum status status)
{
	assert_int_equal(
	        told_find_repository(&told, &registry, "team/app", ignore_repository, NULL), 0);
	fake_source_caller(&inner, STATUS_OK, &alice);
	fake_source_repository(&inner, "team/app", status);
	settle(&alice);
}

static void answers_by_name_add_up(void **state)
{
	(void)state;
	ask("v1", STATUS_OK, 3);
	ask("v2", STATUS_OK, 4);
	settle(&alice);
	ask("v3", STATUS_OK, 5);
	ask_for_repository(STATUS_OK);
	ask("v1", STATUS_OK, 7);
	settle(&alice);
	live_again();
	assert_recalled("team/app", &alice,
	                "[image v1=7][repository team/app][image v3=5][image v2=4]");
}

static void answers_that_come_while_others_are_written_are_not_lost(void **state)
{
	struct memory memory;

	(void)state;
	for (int i = 1; i <= 40; i++) {
		char tag[16];

		snprintf(tag, sizeof(tag), "v%d", i);
		ask(tag, STATUS_OK, i);
		fake_source_caller(&inner, STATUS_OK, &alice);
		loop_run_once(loop); /* the disk is at it */
	}
	settle(&alice);
	memory = recall(&registry, "team/app", &alice);
	for (int i = 1; i <= 40; i++) {
		char text[48];

		snprintf(text, sizeof(text), "[image v%d=%d]", i, i);
		assert_non_null(strstr(memory.text, text));
	}
}

static void an_absence_is_kept_where_something_says_otherwise(void **state)
{
	(void)state;
	ask("never", STATUS_ABSENT, 0);
	settle(&alice);
	assert_recalled("team/app", &alice, "");
	list("v1=3", &alice);
	ask("v1", STATUS_ABSENT, 0);
	ask("v2", STATUS_DENIED, 0);
	settle(&alice);
	assert_recalled("team/app", &alice, "[v1=3][image v2 denied][image v1 absent]");
	ask("v1", STATUS_OK, 5);
	settle(&alice);
	assert_recalled("team/app", &alice, "[v1=3][image v1=5][image v2 denied]");
}

static void other_failures_are_no_answers(void **state)
{
	(void)state;
	ask("v1", STATUS_OK, 3);
	settle(&alice);
	ask("v1", STATUS_TIMED_OUT, 0);
	settle(&alice);
	assert_recalled("team/app", &alice, "[image v1=3]");
}

static void a_repository_that_is_gone_takes_all_along(void **state)
{
	(void)state;
	list("v1=3", &alice);
	ask("v2", STATUS_OK, 4);
	settle(&alice);
	ask_for_repository(STATUS_ABSENT);
	assert_recalled("team/app", &alice, "");
}

static void a_tag_that_was_pulled_is_an_answer(void **state)
{
	(void)state;
	assert_int_equal(told_pull_tag(&told, &registry, "team/app", "v1", ignore_pull, NULL), 0);
	fake_source_caller(&inner, STATUS_OK, &alice);
	fake_source_pulled(&inner, "v1", STATUS_OK, 3, "{}");
	settle(&alice);
	assert_recalled("team/app", &alice, "[image v1=3]");
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(answers_by_name_add_up),
	        cmocka_unit_test_fixture(answers_that_come_while_others_are_written_are_not_lost),
	        cmocka_unit_test_fixture(an_absence_is_kept_where_something_says_otherwise),
	        cmocka_unit_test_fixture(other_failures_are_no_answers),
	        cmocka_unit_test_fixture(a_repository_that_is_gone_takes_all_along),
	        cmocka_unit_test_fixture(a_tag_that_was_pulled_is_an_answer),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
