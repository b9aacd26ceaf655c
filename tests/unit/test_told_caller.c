/* Whose it is what ECR told. */
#include "tests/unit/told_fixture.h"

#include <string.h>

#define ACCOUNT "012345678910"

static const struct registry own = {.account = ""};

/* A caller without a key for now. */
static const struct caller nobody = {.place = "aws us-east-1", .source = "profile p"};

static void another_key_is_told_nothing(void **state)
{
	(void)state;
	list("v1=3", &alice);
	assert_recalled("team/app", &bob, "");
	assert_recalled("team/app", &alice, "[v1=3]");
}

static void another_place_is_told_nothing(void **state)
{
	struct caller moved = alice;

	(void)state;
	moved.place = "aws eu-west-1";
	list("v1=3", &alice);
	assert_recalled("team/app", &moved, "");
}

static void keys_of_one_account_share_what_they_were_told(void **state)
{
	struct caller first = alice, second = bob, third = bob;

	(void)state;
	first.account = second.account = ACCOUNT;
	third.account = "999999999999";
	list("v1=3", &first);
	assert_recalled("team/app", &second, "[v1=3]");
	assert_recalled("team/app", &third, "");
}

static void the_account_of_a_key_is_remembered(void **state)
{
	struct caller known = alice;
	struct memory memory;

	(void)state;
	known.account = ACCOUNT;
	list("v1=3", &known);
	live_again();
	assert_recalled("team/app", &alice,
	                "[v1=3]"); /* nobody has told the account in this life */
	memory = recall(&own, NULL, &alice);
	assert_string_equal(memory.text, "[account " ACCOUNT "]");
	assert_false(memory.is_stale);
	assert_recalled(NULL, &alice, ""); /* that registry names its account itself */
	assert_string_equal(recall(&own, NULL, &bob).text, "");
}

static void without_credentials_it_is_who_came_from_there_last(void **state)
{
	struct caller elsewhere = nobody;
	struct memory memory;

	(void)state;
	elsewhere.source = "profile q";
	list("v1=3", &alice);
	live_again();
	memory = recall(&registry, "team/app", &nobody);
	assert_string_equal(memory.text, "[v1=3]");
	assert_true(memory.is_stale);
	assert_recalled("team/app", &elsewhere, "");
	list("v9=9", &bob); /* who comes from there, too */
	assert_recalled("team/app", &nobody, "[v9=9]");
}

static void when_nobody_can_ask_nothing_is_remembered(void **state)
{
	struct memory memory = {.ends = 0};

	(void)state;
	list("v1=3", &alice);
	assert_int_equal(told_recall_repository(&told, &registry, "team/app", take, &memory), 0);
	fake_source_caller(&inner, STATUS_NO_CREDENTIALS, NULL);
	assert_int_equal(memory.ends, 1);
	assert_string_equal(memory.text, "");
}

static void what_was_told_to_keys_that_were_exchanged_is_not_kept(void **state)
{
	(void)state;
	assert_int_equal(
	        told_list_images(&told, &registry, "team/app", IMAGES_TAGGED, ignore_images, NULL),
	        0);
	fake_source_caller(&inner, STATUS_OK, &alice);
	fake_source_images(&inner, "team/app", "v1=3", true);
	settle(&bob);
	assert_recalled("team/app", &alice, "");
	assert_recalled("team/app", &bob, "");
	assert_int_equal(atomic_load(&told.n_skipped), 1);
}

static void what_nobody_is_known_to_have_asked_is_not_kept(void **state)
{
	(void)state;
	assert_int_equal(
	        told_list_images(&told, &registry, "team/app", IMAGES_TAGGED, ignore_images, NULL),
	        0);
	fake_source_caller(&inner, STATUS_OK, &nobody);
	fake_source_images(&inner, "team/app", "v1=3", true);
	settle(&nobody);
	assert_recalled("team/app", &nobody, "");
	assert_int_equal(atomic_load(&told.n_skipped), 1);
}

static void callers_that_do_not_fit_have_nothing(void **state)
{
	struct caller endless = alice;
	struct told_caller copy;
	char place[2000];

	(void)state;
	memset(place, 'a', sizeof(place) - 1);
	place[sizeof(place) - 1] = '\0';
	endless.place = place;
	assert_false(told_caller_copy(&endless, &copy));
	list("v1=3", &endless);
	assert_recalled("team/app", &endless, "");
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(another_key_is_told_nothing),
	        cmocka_unit_test_fixture(another_place_is_told_nothing),
	        cmocka_unit_test_fixture(keys_of_one_account_share_what_they_were_told),
	        cmocka_unit_test_fixture(the_account_of_a_key_is_remembered),
	        cmocka_unit_test_fixture(without_credentials_it_is_who_came_from_there_last),
	        cmocka_unit_test_fixture(when_nobody_can_ask_nothing_is_remembered),
	        cmocka_unit_test_fixture(what_was_told_to_keys_that_were_exchanged_is_not_kept),
	        cmocka_unit_test_fixture(what_nobody_is_known_to_have_asked_is_not_kept),
	        cmocka_unit_test_fixture(callers_that_do_not_fit_have_nothing),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
