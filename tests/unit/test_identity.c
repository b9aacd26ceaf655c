/* Whose the credentials are. */
#include "ecr/identity.h"
#include "ecr/credentials.h"
#include "tests/unit/unit_test.h"

#include <string.h>

#define ACCOUNT "012345678910"

static struct identity identity;
static struct credentials *first, *second;

static int set_up(void **state)
{
	(void)state;
	memset(&identity, 0, sizeof(identity));
	first = credentials_new("AKID1", "s", NULL, NULL, 0, "test");
	second = credentials_new("AKID2", "s", NULL, NULL, 0, "test");
	assert_non_null(second);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	credentials_unref(first);
	credentials_unref(second);
	return 0;
}

static void learn_from(const char *body)
{
	identity_learn_from_answer(&identity, first, body, strlen(body));
}

static void at_first_nothing_is_known(void **state)
{
	(void)state;
	assert_null(identity_account(&identity, first));
}

static void what_was_learnt_holds_for_that_key_alone(void **state)
{
	(void)state;
	identity_learn(&identity, first, ACCOUNT);
	assert_string_equal(identity_account(&identity, first), ACCOUNT);
	assert_null(identity_account(&identity, second));
	identity_learn(&identity, second, "111111111111");
	assert_null(identity_account(&identity, first));
}

static void what_credentials_tell_themselves_wins(void **state)
{
	struct credentials *telling =
	        credentials_new("AKID1", "s", NULL, "222222222222", 0, "test");

	(void)state;
	identity_learn(&identity, first, ACCOUNT);
	assert_string_equal(identity_account(&identity, telling), "222222222222");
	credentials_unref(telling);
}

/* AWS_ACCOUNT_ID may be set to anything. */
static void only_twelve_digits_are_an_account(void **state)
{
	struct credentials *telling = credentials_new("AKID1", "s", NULL, "me", 0, "test");

	(void)state;
	assert_null(identity_account(&identity, telling));
	identity_learn(&identity, first, "01234567891");
	identity_learn(&identity, first, "0123456789101");
	identity_learn(&identity, first, "");
	identity_learn(&identity, first, "01234567891x");
	assert_null(identity_account(&identity, first));
	credentials_unref(telling);
}

static void an_answer_tells_the_account(void **state)
{
	(void)state;
	learn_from("{\"repositories\":[{\"registryId\": \"" ACCOUNT "\",\"x\":1}]}");
	assert_string_equal(identity_account(&identity, first), ACCOUNT);
}

static void what_is_no_account_in_an_answer_is_not_learnt(void **state)
{
	static const char *const bodies[] = {
	        "",
	        "{}",
	        "{\"registryId\":",
	        "{\"registryId\":null}",
	        "{\"registryId\":12345678910}",
	        "{\"registryId\":\"0123456789101\"}",
	        "{\"registryId\":\"0123",
	        /* inside a string, such as a manifest */
	        "{\"imageManifest\":\"{\\\"registryId\\\":\\\"" ACCOUNT "\\\"}\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		learn_from(bodies[i]);
		assert_null(identity_account(&identity, first));
	}
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(at_first_nothing_is_known),
	        cmocka_unit_test_fixture(what_was_learnt_holds_for_that_key_alone),
	        cmocka_unit_test_fixture(what_credentials_tell_themselves_wins),
	        cmocka_unit_test_fixture(only_twelve_digits_are_an_account),
	        cmocka_unit_test_fixture(an_answer_tells_the_account),
	        cmocka_unit_test_fixture(what_is_no_account_in_an_answer_is_not_learnt),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
