/* Who asks, with the mount's files, and a credential provider in the hands of the test. */
#include "ecr/callers.h"
#include "ecr/chain.h"
#include "ecr/credentials.h"
#include "ecr/identity.h"
#include "ecr/principal.h"
#include "ecr/principals.h"
#include "ecr/region.h"
#include "tests/unit/fake_provider.h"
#include "tests/unit/metadata_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reply {
	unsigned answers;
	enum status status;
	char place[600], source[64], key_id[64], account[32]; /* "-": NULL */
};

static struct fake_provider provider;
static struct chain *chain;
static struct region *region;
static struct aws_settings settings;
static struct principal principal;
static struct principals principals;
static struct callers *callers;
static struct reply reply;

static const struct registry own = {0};
static const struct registry abroad = {.account = "111111111111", .region = "cn-north-1"};

static void begin(const char *known_region, const char *url)
{
	struct provider *providers[] = {&provider.provider};
	struct principal_parts parts = {
	        .loop = f.loop,
	        .clock = &f.clock.clock,
	        .log = f.captured.log,
	        .settings = &settings,
	};

	setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
	open_imds();
	fake_provider_init(&provider);
	settings = (struct aws_settings){.endpoint_url = url};
	principal_init(&principal, &parts);
	principals = (struct principals){.own = &principal};
	memset(&reply, 0, sizeof(reply));
	assert_int_equal(chain_new(f.loop, &f.clock.clock, f.captured.log, providers, 1, &chain),
	                 0);
	assert_int_equal(
	        region_new(f.loop, f.captured.log, f.profile, m.imds, known_region, &region), 0);
	principal.chain = chain;
	principal.region = region;
	principal.profile = f.profile;
	principal.is_prepared = true;
	assert_int_equal(endpoint_choice_init(&principal.endpoints, &settings, NULL), 0);
	assert_int_equal(callers_new(&principals, &callers), 0);
}

static int end(void **state)
{
	callers_free(callers);
	loop_unpost(f.loop, &principal.answer);
	endpoint_choice_deinit(&principal.endpoints);
	http_free(m.http);
	m.http = NULL;
	region_free(region);
	chain_free(chain);
	callers = NULL;
	region = NULL;
	chain = NULL;
	return metadata_fixture_tear_down(state);
}

static int set_up(void **state)
{
	return metadata_fixture_set_up(state);
}

static void copy(char *to, size_t size, const char *text)
{
	snprintf(to, size, "%s", text ? text : "-");
}

static void found(void *arg, enum status status, const struct caller *caller)
{
	struct reply *answer = arg;

	answer->answers++;
	answer->status = status;
	assert_int_equal(status == STATUS_OK, caller != NULL);
	if (!caller)
		return;
	copy(answer->place, sizeof(answer->place), caller->place);
	copy(answer->source, sizeof(answer->source), caller->source);
	copy(answer->key_id, sizeof(answer->key_id), caller->key_id);
	copy(answer->account, sizeof(answer->account), caller->account);
}

static void ask(const struct registry *registry)
{
	assert_int_equal(callers_find(callers, registry, found, &reply), 0);
	assert_int_equal(reply.answers, 0);
	pump_disk(f.loop);
}

static void a_caller_has_key_profile_and_place(void **state)
{
	(void)state;
	begin("eu-west-1", NULL);
	ask(&own);
	fake_provider_find(&provider, "AKID", 0);
	assert_int_equal(reply.answers, 1);
	assert_string_equal(reply.place, "aws eu-west-1");
	assert_string_equal(reply.source, "profile default");
	assert_string_equal(reply.key_id, "AKID");
	assert_string_equal(reply.account, "-");
}

static void the_registrys_own_region_is_the_place(void **state)
{
	(void)state;
	begin("eu-west-1", NULL);
	ask(&abroad);
	fake_provider_find(&provider, "AKID", 0);
	assert_string_equal(reply.place, "aws-cn cn-north-1");
}

static void an_address_given_by_hand_is_a_place(void **state)
{
	(void)state;
	begin("eu-west-1", "http://127.0.0.1:4566");
	ask(&own);
	fake_provider_find(&provider, "AKID", 0);
	assert_string_equal(reply.place, "http://127.0.0.1:4566 eu-west-1");
}

static void the_region_may_stand_in_the_profile(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, "[default]\nregion = us-west-2\n");
	begin(NULL, NULL);
	ask(&own);
	fake_provider_find(&provider, "AKID", 0);
	assert_string_equal(reply.place, "aws us-west-2");
}

static void without_a_region_nobody_is_asked(void **state)
{
	(void)state;
	begin(NULL, NULL);
	ask(&own);
	assert_int_equal(reply.answers, 1);
	assert_int_equal(reply.status, STATUS_MISCONFIGURED);
	assert_int_equal(provider.fetches, 0);
}

static void keys_of_the_environment_belong_to_no_profile(void **state)
{
	struct credentials *credentials =
	        credentials_new("AKID", "s", NULL, "012345678910", 0, "env");

	(void)state;
	begin("eu-west-1", NULL);
	ask(&own);
	fake_provider_give(&provider, credentials);
	assert_string_equal(reply.source, "env");
	assert_string_equal(reply.account, "012345678910");
}

static void an_account_that_was_learnt_is_told(void **state)
{
	struct credentials *credentials = credentials_new("AKID", "s", NULL, NULL, 0, "fake");

	(void)state;
	begin("eu-west-1", NULL);
	identity_learn(&principal.identity, credentials, "111122223333");
	credentials_unref(credentials);
	ask(&own);
	fake_provider_find(&provider, "AKID", 0);
	assert_string_equal(reply.account, "111122223333");
}

static void without_credentials_for_now_there_is_a_caller_all_the_same(void **state)
{
	static const enum status transient[] = {STATUS_CREDENTIALS_EXPIRED, STATUS_TIMED_OUT};

	for (size_t i = 0; i < 2; i++) {
		begin("eu-west-1", NULL);
		ask(&own);
		fake_provider_fail(&provider, transient[i]);
		assert_int_equal(reply.answers, 1);
		assert_int_equal(reply.status, STATUS_OK);
		assert_string_equal(reply.source, "profile default");
		assert_string_equal(reply.key_id, "-");
		assert_string_equal(reply.account, "-");
		end(state);
		set_up(state);
	}
}

static void without_any_credentials_there_is_none(void **state)
{
	(void)state;
	begin("eu-west-1", NULL);
	ask(&own);
	fake_provider_pass(&provider);
	assert_int_equal(reply.answers, 1);
	assert_int_equal(reply.status, STATUS_NO_CREDENTIALS);
}

static void whoever_waits_at_the_end_is_answered(void **state)
{
	(void)state;
	begin("eu-west-1", NULL);
	ask(&own);
	ask(&abroad);
	callers_free(callers);
	callers = NULL;
	assert_int_equal(reply.answers, 2);
	assert_int_equal(reply.status, STATUS_SERVER_ERROR);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(a_caller_has_key_profile_and_place, set_up, end),
	        cmocka_unit_test_setup_teardown(the_registrys_own_region_is_the_place, set_up, end),
	        cmocka_unit_test_setup_teardown(an_address_given_by_hand_is_a_place, set_up, end),
	        cmocka_unit_test_setup_teardown(the_region_may_stand_in_the_profile, set_up, end),
	        cmocka_unit_test_setup_teardown(without_a_region_nobody_is_asked, set_up, end),
	        cmocka_unit_test_setup_teardown(keys_of_the_environment_belong_to_no_profile,
	                                        set_up, end),
	        cmocka_unit_test_setup_teardown(an_account_that_was_learnt_is_told, set_up, end),
	        cmocka_unit_test_setup_teardown(
	                without_credentials_for_now_there_is_a_caller_all_the_same, set_up, end),
	        cmocka_unit_test_setup_teardown(without_any_credentials_there_is_none, set_up, end),
	        cmocka_unit_test_setup_teardown(whoever_waits_at_the_end_is_answered, set_up, end),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
