/* The account of a registry, with an API and a credential provider in the hands of the test. */
#include "ecr/account.h"
#include "ecr/chain.h"
#include "ecr/credentials.h"
#include "ecr/principal.h"
#include "net/loop.h"
#include "tests/unit/captured_log.h"
#include "tests/unit/fake_api.h"
#include "tests/unit/fake_clock.h"
#include "tests/unit/fake_provider.h"
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ACCOUNT "012345678910"

static const char json_answer[] =
        "{\"GetCallerIdentityResponse\":{\"GetCallerIdentityResult\":{\"Account\":\"" ACCOUNT
        "\"}}}";

struct reply {
	unsigned answers;
	enum status status;
	char account[32];
};

struct fixture {
	struct fake_clock clock;
	struct captured_log captured;
	struct loop *loop;
	struct fake_provider provider;
	struct chain *chain;
	struct api api;
	struct aws_settings settings;
	struct principal principal;
	struct credentials *credentials;
	struct account *account;
	struct reply replies[3];
};

static struct fixture f;
static const struct registry own = {0};
static const struct registry abroad = {.account = "111111111111", .region = "eu-west-1"};

static int set_up(void **state)
{
	struct provider *providers[] = {&f.provider.provider};
	struct principal_parts parts = {.clock = &f.clock.clock, .settings = &f.settings};

	(void)state;
	memset(&f, 0, sizeof(f));
	fake_clock_init(&f.clock);
	captured_log_init(&f.captured, &f.clock.clock);
	fake_provider_init(&f.provider);
	f.credentials = credentials_new("AKID", "s", NULL, NULL, 0, "fake");
	assert_int_equal(loop_new(&f.loop), 0);
	assert_int_equal(chain_new(f.loop, &f.clock.clock, f.captured.log, providers, 1, &f.chain),
	                 0);
	parts.loop = f.loop;
	principal_init(&f.principal, &parts);
	f.principal.chain = f.chain;
	f.principal.is_prepared = true;
	return account_new(f.loop, &f.api, &f.principal, &f.account);
}

static int tear_down(void **state)
{
	(void)state;
	fake_api_deinit(&f.api);
	account_free(f.account);
	chain_free(f.chain);
	loop_run_once(f.loop);
	loop_free(f.loop);
	credentials_unref(f.credentials);
	captured_log_deinit(&f.captured);
	return 0;
}

static void found(void *arg, enum status status, const char *account)
{
	struct reply *reply = arg;

	reply->answers++;
	reply->status = status;
	assert_int_equal(status == STATUS_OK, account != NULL);
	snprintf(reply->account, sizeof(reply->account), "%s", account ? account : "");
}

static void ask(const struct registry *registry, struct reply *reply)
{
	assert_int_equal(account_find(f.account, registry, found, reply), 0);
	assert_int_equal(reply->answers, 0);
}

/* Asks for the caller's own account, with these credentials at hand. */
static void ask_own_with(struct credentials *credentials, struct reply *reply)
{
	ask(&own, reply);
	loop_run_once(f.loop);
	if (f.provider.asked)
		fake_provider_give(&f.provider, credentials);
	loop_run_once(f.loop);
}

/* As STS would, to a call that was signed with the credentials of the test. */
static void answer_sts(const char *body)
{
	struct api_answer answer = {
	        .status = STATUS_OK,
	        .body = body,
	        .body_size = strlen(body),
	        .request_id = "id-1",
	        .credentials = f.credentials,
	};

	assert_string_equal(f.api.calls->operation, "GetCallerIdentity");
	fake_api_fail(&f.api, &answer);
}

static void assert_reply(const struct reply *reply, enum status status, const char *account)
{
	assert_int_equal(reply->answers, 1);
	assert_int_equal(reply->status, status);
	assert_string_equal(reply->account, account);
}

static void a_registry_with_an_account_is_not_asked_about(void **state)
{
	(void)state;
	ask(&abroad, &f.replies[0]);
	loop_run_once(f.loop);
	assert_reply(&f.replies[0], STATUS_OK, "111111111111");
	assert_int_equal(f.provider.fetches, 0);
}

static void credentials_may_tell_the_account(void **state)
{
	(void)state;
	ask_own_with(credentials_new("AKID", "s", NULL, ACCOUNT, 0, "fake"), &f.replies[0]);
	assert_reply(&f.replies[0], STATUS_OK, ACCOUNT);
	assert_int_equal(f.api.n_calls, 0);
}

static void an_earlier_answer_may_have_told_the_account(void **state)
{
	(void)state;
	identity_learn(&f.principal.identity, f.credentials, ACCOUNT);
	ask_own_with(credentials_ref(f.credentials), &f.replies[0]);
	assert_reply(&f.replies[0], STATUS_OK, ACCOUNT);
	assert_int_equal(f.api.n_calls, 0);
}

static void sts_is_asked_once_by_all_and_remembered(void **state)
{
	(void)state;
	ask(&own, &f.replies[1]);
	ask_own_with(credentials_ref(f.credentials), &f.replies[0]);
	assert_string_equal(f.api.calls->body, "Action=GetCallerIdentity&Version=2011-06-15");
	assert_int_equal(f.api.calls->service, API_STS);
	ask(&own, &f.replies[2]);
	loop_run_once(f.loop);
	answer_sts(json_answer);
	for (int i = 0; i < 3; i++)
		assert_reply(&f.replies[i], STATUS_OK, ACCOUNT);
	memset(f.replies, 0, sizeof(f.replies));
	ask_own_with(NULL, &f.replies[0]);
	assert_reply(&f.replies[0], STATUS_OK, ACCOUNT);
	assert_int_equal(f.api.n_calls, 1);
}

static void sts_may_answer_in_xml(void **state)
{
	(void)state;
	ask_own_with(credentials_ref(f.credentials), &f.replies[0]);
	answer_sts("<GetCallerIdentityResponse><GetCallerIdentityResult><Account>" ACCOUNT
	           "</Account></GetCallerIdentityResult></GetCallerIdentityResponse>");
	assert_reply(&f.replies[0], STATUS_OK, ACCOUNT);
}

static void a_failure_of_sts_is_not_remembered(void **state)
{
	(void)state;
	ask_own_with(credentials_ref(f.credentials), &f.replies[0]);
	fake_api_fail_with(&f.api, STATUS_TIMED_OUT);
	assert_reply(&f.replies[0], STATUS_TIMED_OUT, "");
	ask_own_with(NULL, &f.replies[1]);
	answer_sts(json_answer);
	assert_reply(&f.replies[1], STATUS_OK, ACCOUNT);
}

static void an_answer_without_an_account_is_malformed(void **state)
{
	static const char *const bodies[] = {"{}", "<a/>", "{\"Account\":\"0123456789101\"}",
	                                     "{\"Account\":\"01234567891x\"}"};

	(void)state;
	for (unsigned i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		memset(f.replies, 0, sizeof(f.replies));
		ask_own_with(i ? NULL : credentials_ref(f.credentials), &f.replies[0]);
		answer_sts(bodies[i]);
		assert_reply(&f.replies[0], STATUS_PROTOCOL, "");
		assert_int_equal(f.api.complaints, i + 1);
	}
}

static void without_credentials_there_is_no_account(void **state)
{
	(void)state;
	ask(&own, &f.replies[0]);
	loop_run_once(f.loop);
	fake_provider_pass(&f.provider);
	loop_run_once(f.loop);
	assert_reply(&f.replies[0], STATUS_NO_CREDENTIALS, "");
}

static void ask_at_the_end(void *arg, enum status status, const char *account)
{
	found(arg, status, account);
	assert_int_equal(account_find(f.account, &own, found, &f.replies[2]), -ECANCELED);
	assert_int_equal(account_find(f.account, &abroad, found, &f.replies[2]), -ECANCELED);
}

static void the_end_answers_all_and_refuses_new_questions(void **state)
{
	(void)state;
	assert_int_equal(account_find(f.account, &own, ask_at_the_end, &f.replies[0]), 0);
	loop_run_once(f.loop); /* at the provider */
	assert_int_equal(account_find(f.account, &abroad, ask_at_the_end, &f.replies[1]), 0);
	account_free(f.account);
	f.account = NULL;
	assert_reply(&f.replies[0], STATUS_SERVER_ERROR, "");
	assert_reply(&f.replies[1], STATUS_SERVER_ERROR, "");
	assert_int_equal(f.replies[2].answers, 0);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(a_registry_with_an_account_is_not_asked_about),
	        cmocka_unit_test_fixture(credentials_may_tell_the_account),
	        cmocka_unit_test_fixture(an_earlier_answer_may_have_told_the_account),
	        cmocka_unit_test_fixture(sts_is_asked_once_by_all_and_remembered),
	        cmocka_unit_test_fixture(sts_may_answer_in_xml),
	        cmocka_unit_test_fixture(a_failure_of_sts_is_not_remembered),
	        cmocka_unit_test_fixture(an_answer_without_an_account_is_malformed),
	        cmocka_unit_test_fixture(without_credentials_there_is_no_account),
	        cmocka_unit_test_fixture(the_end_answers_all_and_refuses_new_questions),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
