/* The standard retry mode. */
#include "ecr/retry.h"
#include "base/clock.h"
#include "tests/unit/unit_test.h"

#define ATTEMPTS 3

static const struct retry_failure failed = {0}, timed_out = {.timed_out = true};

static struct retry_bucket full_bucket(void)
{
	struct retry_bucket bucket;

	retry_bucket_init(&bucket);
	return bucket;
}

static void attempts_are_bounded(void **state)
{
	struct retry_bucket bucket = full_bucket();
	struct retry_state call = {.attempts = 1};
	uint64_t wait_ns = 7;

	(void)state;
	assert_true(retry_again(&bucket, &call, ATTEMPTS, &failed, 0, &wait_ns));
	call.attempts = 2;
	assert_true(retry_again(&bucket, &call, ATTEMPTS, &failed, 0, &wait_ns));
	call.attempts = 3;
	wait_ns = 7;
	assert_false(retry_again(&bucket, &call, ATTEMPTS, &failed, 0, &wait_ns));
	assert_int_equal(wait_ns, 7);
	assert_int_equal(bucket.tokens, RETRY_CAPACITY - 2 * RETRY_COST);
}

static void one_attempt_means_no_retry(void **state)
{
	struct retry_bucket bucket = full_bucket();
	struct retry_state call = {.attempts = 1};
	uint64_t wait_ns;

	(void)state;
	assert_false(retry_again(&bucket, &call, 1, &failed, 0, &wait_ns));
	assert_int_equal(bucket.tokens, RETRY_CAPACITY);
}

/* Each attempt doubles what the wait may be: 1 s, 2 s, 4 s, … 20 s. */
static void waits_grow_and_are_bounded(void **state)
{
	static const unsigned ceilings_s[] = {1, 2, 4, 8, 16, 20, 20, 20};
	struct retry_bucket bucket = full_bucket();
	uint64_t wait_ns;

	(void)state;
	for (unsigned i = 0; i < sizeof(ceilings_s) / sizeof(ceilings_s[0]); i++) {
		struct retry_state call = {.attempts = i + 1};

		assert_true(retry_again(&bucket, &call, 100, &failed, UINT32_MAX, &wait_ns));
		assert_in_range(wait_ns, ceilings_s[i] * NS_PER_S - NS_PER_MS,
		                ceilings_s[i] * NS_PER_S);
		assert_true(retry_again(&bucket, &call, 100, &failed, 0, &wait_ns));
		assert_int_equal(wait_ns, 0);
		assert_true(retry_again(&bucket, &call, 100, &failed, UINT32_MAX / 2, &wait_ns));
		assert_in_range(wait_ns, ceilings_s[i] * NS_PER_S / 2 - NS_PER_MS,
		                ceilings_s[i] * NS_PER_S / 2);
	}
}

static void a_wait_after_very_many_attempts_is_still_bounded(void **state)
{
	struct retry_bucket bucket = full_bucket();
	struct retry_state call = {.attempts = 1000000};
	uint64_t wait_ns;

	(void)state;
	assert_true(retry_again(&bucket, &call, UINT32_MAX, &failed, UINT32_MAX, &wait_ns));
	assert_in_range(wait_ns, 0, RETRY_MAX_WAIT_S * NS_PER_S);
}

static void an_empty_bucket_ends_all_retries(void **state)
{
	struct retry_bucket bucket = full_bucket();
	uint64_t wait_ns;
	unsigned retries = 0;

	(void)state;
	for (;; retries++) {
		struct retry_state call = {.attempts = 1};

		if (!retry_again(&bucket, &call, ATTEMPTS, &failed, 0, &wait_ns))
			break;
	}
	assert_int_equal(retries, RETRY_CAPACITY / RETRY_COST);
}

static void a_timeout_costs_more(void **state)
{
	struct retry_bucket bucket = full_bucket();
	struct retry_state call = {.attempts = 1};
	uint64_t wait_ns;

	(void)state;
	assert_true(retry_again(&bucket, &call, ATTEMPTS, &timed_out, 0, &wait_ns));
	assert_int_equal(bucket.tokens, RETRY_CAPACITY - RETRY_COST_TIMEOUT);
	bucket.tokens = RETRY_COST_TIMEOUT - 1;
	assert_false(retry_again(&bucket, &call, ATTEMPTS, &timed_out, 0, &wait_ns));
	assert_true(retry_again(&bucket, &call, ATTEMPTS, &failed, 0, &wait_ns));
}

static void success_gives_back_what_the_retry_cost(void **state)
{
	struct retry_bucket bucket = full_bucket();
	struct retry_state call = {.attempts = 1};
	uint64_t wait_ns;

	(void)state;
	assert_true(retry_again(&bucket, &call, ATTEMPTS, &timed_out, 0, &wait_ns));
	retry_succeeded(&bucket, &call);
	assert_int_equal(bucket.tokens, RETRY_CAPACITY);
}

static void success_at_once_gives_one_token(void **state)
{
	struct retry_bucket bucket = {.tokens = 10};
	struct retry_state call = {.attempts = 1};

	(void)state;
	retry_succeeded(&bucket, &call);
	assert_int_equal(bucket.tokens, 11);
}

static void the_bucket_never_overflows(void **state)
{
	struct retry_bucket bucket = full_bucket();
	struct retry_state call = {.attempts = 1};

	(void)state;
	retry_succeeded(&bucket, &call);
	assert_int_equal(bucket.tokens, RETRY_CAPACITY);
}

static uint64_t wait_of(uint64_t after_ms, uint32_t random)
{
	struct retry_bucket bucket = full_bucket();
	struct retry_state call = {.attempts = 1};
	struct retry_failure asked = {.after_ms = after_ms};
	uint64_t wait_ns = 0;

	assert_true(retry_again(&bucket, &call, ATTEMPTS, &asked, random, &wait_ns));
	return wait_ns;
}

static void the_server_may_ask_for_a_longer_wait(void **state)
{
	(void)state;
	assert_int_equal(wait_of(1500, 0), 1500 * NS_PER_MS);
	assert_in_range(wait_of(100, UINT32_MAX), NS_PER_S - NS_PER_MS, NS_PER_S);
}

/* By 5 seconds, whatever it says. */
static void the_server_cannot_stop_a_call(void **state)
{
	(void)state;
	assert_int_equal(wait_of(retry_after_ms("99999999999999999999999"), 0), 5 * NS_PER_S);
	assert_in_range(wait_of(retry_after_ms("1000000"), UINT32_MAX), 6 * NS_PER_S - NS_PER_MS,
	                6 * NS_PER_S);
}

static void what_the_server_asks_for_is_a_whole_number(void **state)
{
	static const char *const nothing[] = {
	        "", "-1", "1.5", " 7", "7 ", "soon", "0x10", "Fri, 02 Jan 2026 03:04:05 GMT"};

	(void)state;
	assert_int_equal(retry_after_ms("0"), 0);
	assert_int_equal(retry_after_ms("1500"), 1500);
	for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++)
		assert_int_equal(retry_after_ms(nothing[i]), 0);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(attempts_are_bounded),
	        cmocka_unit_test(one_attempt_means_no_retry),
	        cmocka_unit_test(waits_grow_and_are_bounded),
	        cmocka_unit_test(a_wait_after_very_many_attempts_is_still_bounded),
	        cmocka_unit_test(an_empty_bucket_ends_all_retries),
	        cmocka_unit_test(a_timeout_costs_more),
	        cmocka_unit_test(success_gives_back_what_the_retry_cost),
	        cmocka_unit_test(success_at_once_gives_one_token),
	        cmocka_unit_test(the_bucket_never_overflows),
	        cmocka_unit_test(the_server_may_ask_for_a_longer_wait),
	        cmocka_unit_test(the_server_cannot_stop_a_call),
	        cmocka_unit_test(what_the_server_asks_for_is_a_whole_number),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
