/* The credential chain: who is asked, when again, and what all who wait are told. */
#include "ecr/chain.h"
#include "ecr/credentials.h"
#include "ecr/validity.h"
#include "net/loop.h"
#include "tests/unit/captured_log.h"
#include "tests/unit/fake_clock.h"
#include "tests/unit/fake_provider.h"
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <string.h>

#define MINUTE_NS (60 * NS_PER_S)
#define HOUR_NS   (60 * MINUTE_NS)

/* One who asks the chain, and what it was told. */
struct asker {
	unsigned answers;
	enum status status;
	char key_id[32];
	const struct credentials *credentials; /* only to be compared */
};

struct fixture {
	struct fake_clock clock;
	struct captured_log captured;
	struct loop *loop;
	struct fake_provider first, second;
	struct chain *chain;
	struct asker asker;
};

static struct fixture f;

static int set_up(void **state)
{
	struct provider *providers[] = {&f.first.provider, &f.second.provider};

	(void)state;
	memset(&f, 0, sizeof(f));
	fake_clock_init(&f.clock);
	captured_log_init(&f.captured, &f.clock.clock);
	fake_provider_init(&f.first);
	fake_provider_init(&f.second);
	assert_int_equal(loop_new(&f.loop), 0);
	assert_int_equal(chain_new(f.loop, &f.clock.clock, f.captured.log, providers, 2, &f.chain),
	                 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	chain_free(f.chain);
	loop_run_once(f.loop);
	loop_free(f.loop);
	captured_log_deinit(&f.captured);
	return 0;
}

static void told(void *arg, enum status status, struct credentials *credentials)
{
	struct asker *asker = arg;

	asker->answers++;
	asker->status = status;
	asker->credentials = credentials;
	assert_int_equal(status == STATUS_OK, credentials != NULL);
	if (credentials)
		strcpy(asker->key_id, credentials_access_key_id(credentials));
}

static void ask(struct asker *asker)
{
	*asker = (struct asker){0};
	assert_int_equal(chain_get(f.chain, told, asker), 0);
	assert_int_equal(asker->answers, 0);
	loop_run_once(f.loop);
}

static void assert_told(const struct asker *asker, const char *key_id)
{
	assert_int_equal(asker->answers, 1);
	assert_int_equal(asker->status, STATUS_OK);
	assert_string_equal(asker->key_id, key_id);
}

static void assert_refused(const struct asker *asker, enum status status)
{
	assert_int_equal(asker->answers, 1);
	assert_int_equal(asker->status, status);
}

static uint64_t in(uint64_t ns)
{
	return clock_realtime_ns(&f.clock.clock) + ns;
}

/* Credentials at hand that end `ns` from now. */
static void have_credentials(const char *key_id, uint64_t ns)
{
	ask(&f.asker);
	fake_provider_find(&f.first, key_id, ns ? in(ns) : 0);
	assert_told(&f.asker, key_id);
}

static void what_the_first_provider_finds_is_taken(void **state)
{
	(void)state;
	ask(&f.asker);
	fake_provider_find(&f.first, "AKID", 0);
	assert_told(&f.asker, "AKID");
	assert_int_equal(f.second.fetches, 0);
}

static void a_provider_that_is_not_configured_passes_on(void **state)
{
	(void)state;
	ask(&f.asker);
	fake_provider_pass(&f.first);
	assert_int_equal(f.asker.answers, 0);
	fake_provider_find(&f.second, "AKID", 0);
	assert_told(&f.asker, "AKID");
}

/* Falling through would sign with the wrong identity. */
static void a_provider_that_fails_ends_the_chain(void **state)
{
	(void)state;
	ask(&f.asker);
	fake_provider_fail(&f.first, STATUS_TIMED_OUT);
	assert_refused(&f.asker, STATUS_TIMED_OUT);
	assert_int_equal(f.second.fetches, 0);
}

static void no_credentials_is_one_line_that_says_what_to_do(void **state)
{
	(void)state;
	ask(&f.asker);
	fake_provider_pass(&f.first);
	fake_provider_pass(&f.second);
	assert_refused(&f.asker, STATUS_NO_CREDENTIALS);
	assert_int_equal(captured_log_count(&f.captured, ""), 1);
	assert_int_equal(captured_log_count(&f.captured, "looked at: fake, fake; set AWS_ACCESS"),
	                 1);
}

static void all_who_ask_share_one_question(void **state)
{
	struct asker others[10];

	(void)state;
	for (size_t i = 0; i < 10; i++)
		ask(&others[i]);
	assert_int_equal(f.first.fetches, 1);
	fake_provider_find(&f.first, "AKID", 0);
	for (size_t i = 0; i < 10; i++)
		assert_told(&others[i], "AKID");
	assert_int_equal(f.first.fetches, 1);
}

static void credentials_that_never_expire_are_kept(void **state)
{
	(void)state;
	have_credentials("AKID", 0);
	fake_clock_advance(&f.clock, 24 * HOUR_NS);
	ask(&f.asker);
	assert_told(&f.asker, "AKID");
	assert_int_equal(f.first.fetches, 1);
}

static void a_failure_is_remembered_for_a_moment(void **state)
{
	(void)state;
	ask(&f.asker);
	fake_provider_fail(&f.first, STATUS_NO_CREDENTIALS);
	fake_clock_advance(&f.clock, CHAIN_RETRY_NS - 1);
	ask(&f.asker);
	assert_refused(&f.asker, STATUS_NO_CREDENTIALS);
	assert_int_equal(f.first.fetches, 1);
}

static void credentials_that_appear_later_are_found(void **state)
{
	(void)state;
	ask(&f.asker);
	fake_provider_fail(&f.first, STATUS_NO_CREDENTIALS);
	fake_clock_advance(&f.clock, CHAIN_RETRY_NS);
	ask(&f.asker);
	fake_provider_find(&f.first, "AKID", 0);
	assert_told(&f.asker, "AKID");
}

static void credentials_are_refreshed_before_they_expire(void **state)
{
	(void)state;
	have_credentials("AKID1", HOUR_NS);
	fake_clock_advance(&f.clock, 45 * MINUTE_NS - 1);
	ask(&f.asker);
	assert_told(&f.asker, "AKID1");
	assert_int_equal(f.first.fetches, 1);
	fake_clock_advance(&f.clock, 1);
	ask(&f.asker);
	assert_told(&f.asker, "AKID1"); /* nobody waits for the refresh */
	assert_int_equal(f.first.fetches, 2);
	fake_provider_find(&f.first, "AKID2", in(HOUR_NS));
	ask(&f.asker);
	assert_told(&f.asker, "AKID2");
	assert_int_equal(f.first.fetches, 2);
}

/* A session of 15 minutes is always within 15 minutes of its end. */
static void a_short_session_is_not_refreshed_by_every_call(void **state)
{
	(void)state;
	have_credentials("AKID", 15 * MINUTE_NS);
	fake_clock_advance(&f.clock, 11 * MINUTE_NS);
	ask(&f.asker);
	assert_told(&f.asker, "AKID");
	assert_int_equal(f.first.fetches, 1);
	fake_clock_advance(&f.clock, MINUTE_NS);
	ask(&f.asker);
	assert_int_equal(f.first.fetches, 2);
	fake_provider_find(&f.first, "AKID2", in(15 * MINUTE_NS));
}

static void an_early_refresh_that_fails_takes_nothing_away(void **state)
{
	(void)state;
	have_credentials("AKID", HOUR_NS);
	fake_clock_advance(&f.clock, 50 * MINUTE_NS);
	ask(&f.asker);
	assert_told(&f.asker, "AKID");
	fake_provider_fail(&f.first, STATUS_TIMED_OUT);
	ask(&f.asker);
	assert_told(&f.asker, "AKID");
	assert_int_equal(f.first.fetches, 2); /* not again at once */
	fake_clock_advance(&f.clock, CHAIN_RENEW_NS - 1);
	ask(&f.asker);
	assert_int_equal(f.first.fetches, 2);
	fake_clock_advance(&f.clock, 1);
	ask(&f.asker);
	assert_int_equal(f.first.fetches, 3);
	fake_provider_find(&f.first, "AKID2", in(HOUR_NS));
	ask(&f.asker);
	assert_told(&f.asker, "AKID2");
}

/* What is signed now may be on its way when they expire. */
static void in_the_last_minute_questions_wait_for_the_refresh(void **state)
{
	(void)state;
	have_credentials("AKID1", HOUR_NS);
	fake_clock_advance(&f.clock, 59 * MINUTE_NS);
	ask(&f.asker);
	assert_int_equal(f.asker.answers, 0);
	fake_provider_find(&f.first, "AKID2", in(HOUR_NS));
	assert_told(&f.asker, "AKID2");
}

static void a_refresh_of_the_last_minute_that_fails_takes_nothing_away(void **state)
{
	(void)state;
	have_credentials("AKID", HOUR_NS);
	fake_clock_advance(&f.clock, 59 * MINUTE_NS);
	ask(&f.asker);
	fake_provider_fail(&f.first, STATUS_TIMED_OUT);
	assert_told(&f.asker, "AKID");
	assert_int_equal(captured_log_count(&f.captured, "they are used until they expire"), 1);
	ask(&f.asker); /* and nobody waits for what was tried just now */
	assert_told(&f.asker, "AKID");
}

/* A token service in trouble is not asked for each name of a scan. */
static void a_server_that_failed_is_left_alone_for_longer(void **state)
{
	(void)state;
	have_credentials("AKID", HOUR_NS);
	fake_clock_advance(&f.clock, HOUR_NS);
	ask(&f.asker);
	fake_provider_fail(&f.first, STATUS_TIMED_OUT);
	assert_refused(&f.asker, STATUS_CREDENTIALS_EXPIRED);
	fake_clock_advance(&f.clock, CHAIN_RENEW_NS - 1);
	ask(&f.asker);
	assert_refused(&f.asker, STATUS_CREDENTIALS_EXPIRED);
	assert_int_equal(f.first.fetches, 2);
	fake_clock_advance(&f.clock, 1);
	ask(&f.asker);
	fake_provider_find(&f.first, "AKID2", 0);
	assert_told(&f.asker, "AKID2");
}

/* The environment, or a cache that another program writes, has them until they expire. */
static void the_same_credentials_again_are_not_asked_for_all_the_time(void **state)
{
	uint64_t end_ns = in(HOUR_NS);

	(void)state;
	have_credentials("AKID", HOUR_NS);
	fake_clock_advance(&f.clock, HOUR_NS - 8 * NS_PER_S);
	ask(&f.asker);
	fake_provider_find(&f.first, "AKID", end_ns);
	fake_clock_advance(&f.clock, 7 * NS_PER_S);
	ask(&f.asker);
	assert_told(&f.asker, "AKID");
	assert_int_equal(f.first.fetches, 2);
	fake_clock_advance(&f.clock, NS_PER_S);
	ask(&f.asker);
	fake_provider_find(&f.first, "AKID", end_ns);
	assert_refused(&f.asker, STATUS_CREDENTIALS_EXPIRED);
}

static void a_session_of_seconds_is_refreshed_before_it_ends(void **state)
{
	(void)state;
	have_credentials("AKID1", 4 * NS_PER_S);
	fake_clock_advance(&f.clock, 3 * NS_PER_S);
	ask(&f.asker);
	assert_told(&f.asker, "AKID1");
	fake_provider_find(&f.first, "AKID2", in(4 * NS_PER_S));
	ask(&f.asker);
	assert_told(&f.asker, "AKID2");
}

/* The metadata service of an instance may be out of order: AWS takes its credentials for longer. */
static void credentials_that_outlast_their_end_are_used_on(void **state)
{
	(void)state;
	fake_provider_outlasts(&f.first);
	have_credentials("AKID", HOUR_NS);
	fake_clock_advance(&f.clock, HOUR_NS);
	ask(&f.asker);
	fake_provider_fail(&f.first, STATUS_TIMED_OUT);
	assert_told(&f.asker, "AKID");
	assert_int_equal(captured_log_count(&f.captured, "have expired and are not renewed"), 1);
	fake_clock_advance(&f.clock, VALIDITY_OUTLAST_MIN_NS - 1);
	ask(&f.asker);
	assert_told(&f.asker, "AKID");
	assert_int_equal(f.first.fetches, 2);
	fake_clock_advance(&f.clock, VALIDITY_OUTLAST_MAX_NS - VALIDITY_OUTLAST_MIN_NS + 1);
	ask(&f.asker);
	assert_told(&f.asker, "AKID"); /* while it is asked again */
	assert_int_equal(f.first.fetches, 3);
	fake_provider_find(&f.first, "AKID2", in(HOUR_NS));
	ask(&f.asker);
	assert_told(&f.asker, "AKID2");
}

static void credentials_that_outlast_may_come_expired(void **state)
{
	(void)state;
	fake_provider_outlasts(&f.first);
	ask(&f.asker);
	fake_provider_find(&f.first, "AKID", in(0) - HOUR_NS);
	assert_told(&f.asker, "AKID");
	fake_clock_advance(&f.clock, VALIDITY_OUTLAST_MIN_NS - 1);
	ask(&f.asker);
	assert_told(&f.asker, "AKID");
	assert_int_equal(f.first.fetches, 1);
}

/* As an instance whose metadata service is out of reach looks. */
static void credentials_outlast_a_provider_that_is_gone(void **state)
{
	(void)state;
	fake_provider_outlasts(&f.first);
	have_credentials("AKID", HOUR_NS);
	fake_clock_advance(&f.clock, HOUR_NS);
	ask(&f.asker);
	fake_provider_pass(&f.first);
	fake_provider_pass(&f.second);
	assert_told(&f.asker, "AKID");
	assert_int_equal(captured_log_count(&f.captured, "looked at"), 0);
}

static void a_refusal_is_not_made_to_wait_by_a_failed_refresh(void **state)
{
	(void)state;
	have_credentials("AKID1", HOUR_NS);
	fake_clock_advance(&f.clock, 50 * MINUTE_NS);
	ask(&f.asker);
	fake_provider_fail(&f.first, STATUS_TIMED_OUT);
	ask(&f.asker);
	assert_true(chain_reject(f.chain, f.asker.credentials));
	have_credentials("AKID2", HOUR_NS);
	assert_int_equal(f.first.fetches, 3);
}

static void credentials_that_expired_are_not_given_out(void **state)
{
	(void)state;
	have_credentials("AKID", HOUR_NS);
	fake_clock_advance(&f.clock, HOUR_NS);
	ask(&f.asker);
	assert_int_equal(f.asker.answers, 0);
	fake_provider_fail(&f.first, STATUS_TIMED_OUT);
	assert_refused(&f.asker, STATUS_CREDENTIALS_EXPIRED);
}

static void credentials_that_come_expired_are_a_failure(void **state)
{
	(void)state;
	ask(&f.asker);
	fake_provider_find(&f.first, "AKID", in(0));
	assert_refused(&f.asker, STATUS_CREDENTIALS_EXPIRED);
	assert_int_equal(captured_log_count(&f.captured, "from fake have expired: renew them"), 1);
}

static void refused_credentials_are_fetched_anew(void **state)
{
	(void)state;
	have_credentials("AKID1", 0);
	assert_true(chain_reject(f.chain, f.asker.credentials));
	ask(&f.asker);
	assert_int_equal(f.first.fetches, 2);
	fake_provider_find(&f.first, "AKID2", 0);
	assert_told(&f.asker, "AKID2");
}

static void credentials_that_are_refused_again_give_no_hope(void **state)
{
	(void)state;
	have_credentials("AKID1", 0);
	assert_true(chain_reject(f.chain, f.asker.credentials));
	have_credentials("AKID2", 0);
	fake_clock_advance(&f.clock, MINUTE_NS - 1);
	assert_false(chain_reject(f.chain, f.asker.credentials));
}

static void a_minute_later_there_is_hope_again(void **state)
{
	(void)state;
	have_credentials("AKID1", 0);
	assert_true(chain_reject(f.chain, f.asker.credentials));
	have_credentials("AKID2", 0);
	fake_clock_advance(&f.clock, MINUTE_NS);
	assert_true(chain_reject(f.chain, f.asker.credentials));
}

/* Many calls are refused at the same time: only the first one throws anything away. */
static void a_late_refusal_does_not_hit_the_new_credentials(void **state)
{
	struct credentials *old;

	(void)state;
	have_credentials("AKID1", 0);
	old = (struct credentials *)f.asker.credentials;
	credentials_ref(old);
	assert_true(chain_reject(f.chain, old));
	assert_true(chain_reject(f.chain, old)); /* while the new ones are not here yet */
	have_credentials("AKID2", 0);
	assert_true(chain_reject(f.chain, old));
	ask(&f.asker);
	assert_told(&f.asker, "AKID2");
	assert_int_equal(f.first.fetches, 2);
	credentials_unref(old);
}

static void ask_again(void *arg, enum status status, struct credentials *credentials)
{
	told(arg, status, credentials);
	assert_int_equal(chain_get(f.chain, told, &f.asker), 0);
}

static void an_answer_may_ask_again(void **state)
{
	struct asker other = {0};

	(void)state;
	assert_int_equal(chain_get(f.chain, ask_again, &other), 0);
	loop_run_once(f.loop);
	fake_provider_find(&f.first, "AKID", 0);
	assert_told(&other, "AKID");
	assert_int_equal(f.asker.answers, 0);
	loop_run_once(f.loop);
	assert_told(&f.asker, "AKID");
}

static void questions_are_not_answered_after_the_end(void **state)
{
	(void)state;
	ask(&f.asker);
	chain_free(f.chain);
	f.chain = NULL;
	loop_run_once(f.loop);
	assert_int_equal(f.asker.answers, 0);
	assert_true(f.first.freed && f.second.freed);
}

/* What was posted to the loop must not run on freed memory. */
static void a_question_of_this_very_turn_dies_with_the_chain(void **state)
{
	(void)state;
	assert_int_equal(chain_get(f.chain, told, &f.asker), 0);
	chain_free(f.chain);
	f.chain = NULL;
	loop_run_once(f.loop);
	assert_int_equal(f.asker.answers, 0);
}

static void a_missing_provider_is_out_of_memory(void **state)
{
	struct provider *providers[] = {&f.first.provider, NULL};
	struct chain *chain = NULL;

	(void)state;
	assert_int_equal(chain_new(f.loop, &f.clock.clock, f.captured.log, providers, 2, &chain),
	                 -ENOMEM);
	assert_null(chain);
	assert_true(f.first.freed);
}

static void how_it_stands_is_told(void **state)
{
	struct chain_report report;

	(void)state;
	chain_report(f.chain, &report);
	assert_null(report.provider);
	assert_int_equal(report.failure, STATUS_OK);
	have_credentials("AKID", 3600 * NS_PER_S);
	chain_report(f.chain, &report);
	assert_string_equal(report.provider, credentials_provider(f.asker.credentials));
	assert_int_equal(report.expires_ns, in(3600 * NS_PER_S));
	chain_forget(f.chain);
	chain_report(f.chain, &report);
	assert_null(report.provider);
}

static void a_failure_is_told_beside_what_is_still_valid(void **state)
{
	struct chain_report report;
	struct asker second;

	(void)state;
	have_credentials("AKID", 3600 * NS_PER_S);
	fake_clock_advance(&f.clock, 3000 * NS_PER_S);
	ask(&second);
	fake_provider_fail(&f.first, STATUS_TIMED_OUT);
	chain_report(f.chain, &report);
	assert_non_null(report.provider);
	assert_int_equal(report.failure, STATUS_TIMED_OUT);
	assert_int_equal(report.failed_ns, in(0));
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(what_the_first_provider_finds_is_taken),
	        cmocka_unit_test_fixture(a_provider_that_is_not_configured_passes_on),
	        cmocka_unit_test_fixture(a_provider_that_fails_ends_the_chain),
	        cmocka_unit_test_fixture(no_credentials_is_one_line_that_says_what_to_do),
	        cmocka_unit_test_fixture(all_who_ask_share_one_question),
	        cmocka_unit_test_fixture(credentials_that_never_expire_are_kept),
	        cmocka_unit_test_fixture(a_failure_is_remembered_for_a_moment),
	        cmocka_unit_test_fixture(credentials_that_appear_later_are_found),
	        cmocka_unit_test_fixture(credentials_are_refreshed_before_they_expire),
	        cmocka_unit_test_fixture(a_short_session_is_not_refreshed_by_every_call),
	        cmocka_unit_test_fixture(an_early_refresh_that_fails_takes_nothing_away),
	        cmocka_unit_test_fixture(in_the_last_minute_questions_wait_for_the_refresh),
	        cmocka_unit_test_fixture(
	                a_refresh_of_the_last_minute_that_fails_takes_nothing_away),
	        cmocka_unit_test_fixture(a_server_that_failed_is_left_alone_for_longer),
	        cmocka_unit_test_fixture(the_same_credentials_again_are_not_asked_for_all_the_time),
	        cmocka_unit_test_fixture(a_session_of_seconds_is_refreshed_before_it_ends),
	        cmocka_unit_test_fixture(credentials_that_outlast_their_end_are_used_on),
	        cmocka_unit_test_fixture(credentials_that_outlast_may_come_expired),
	        cmocka_unit_test_fixture(credentials_outlast_a_provider_that_is_gone),
	        cmocka_unit_test_fixture(a_refusal_is_not_made_to_wait_by_a_failed_refresh),
	        cmocka_unit_test_fixture(credentials_that_expired_are_not_given_out),
	        cmocka_unit_test_fixture(credentials_that_come_expired_are_a_failure),
	        cmocka_unit_test_fixture(refused_credentials_are_fetched_anew),
	        cmocka_unit_test_fixture(credentials_that_are_refused_again_give_no_hope),
	        cmocka_unit_test_fixture(a_minute_later_there_is_hope_again),
	        cmocka_unit_test_fixture(a_late_refusal_does_not_hit_the_new_credentials),
	        cmocka_unit_test_fixture(how_it_stands_is_told),
	        cmocka_unit_test_fixture(a_failure_is_told_beside_what_is_still_valid),
	        cmocka_unit_test_fixture(an_answer_may_ask_again),
	        cmocka_unit_test_fixture(questions_are_not_answered_after_the_end),
	        cmocka_unit_test_fixture(a_question_of_this_very_turn_dies_with_the_chain),
	        cmocka_unit_test_fixture(a_missing_provider_is_out_of_memory),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
