/* The rate limit of the adaptive mode. That its numbers are botocore's, test_rate_limit.py tells.
 */
#include "ecr/rate_limit.h"
#include "tests/unit/unit_test.h"

#define START_S 1000.0

static struct rate_limit fresh(void)
{
	struct rate_limit limit;

	rate_limit_init(&limit, START_S);
	return limit;
}

/* 10 answers a second for 10 seconds, then a throttle. */
static struct rate_limit throttled_at_ten(void)
{
	struct rate_limit limit = fresh();

	for (int i = 1; i < 100; i++)
		rate_limit_answered(&limit, START_S + i / 10.0, false);
	rate_limit_answered(&limit, START_S + 10, true);
	return limit;
}

static void until_the_first_throttle_nothing_is_limited(void **state)
{
	struct rate_limit limit = fresh();
	double wait_s;

	(void)state;
	for (int i = 0; i < 10000; i++)
		assert_true(rate_limit_acquire(&limit, START_S, &wait_s));
	for (int i = 0; i < 10000; i++)
		rate_limit_answered(&limit, START_S + i, false);
	assert_true(rate_limit_acquire(&limit, START_S + 10000, &wait_s));
}

static void a_throttle_lowers_the_rate_to_seven_tenths(void **state)
{
	struct rate_limit limit = throttled_at_ten();

	(void)state;
	assert_true(limit.enabled);
	assert_true(limit.fill_rate > 6.9 && limit.fill_rate < 7.1);
}

static void further_throttles_lower_it_further(void **state)
{
	struct rate_limit limit = throttled_at_ten();
	double before = limit.fill_rate;

	(void)state;
	rate_limit_answered(&limit, START_S + 10.1, true);
	assert_true(limit.fill_rate < 0.71 * before && limit.fill_rate > 0.69 * before);
}

static void the_rate_never_falls_below_a_call_in_two_seconds(void **state)
{
	struct rate_limit limit = throttled_at_ten();
	double wait_s = 0;

	(void)state;
	for (int i = 0; i < 40; i++)
		rate_limit_answered(&limit, START_S + 10, true);
	assert_true(limit.fill_rate == 0.5);
	assert_true(rate_limit_acquire(&limit, START_S + 10, &wait_s)); /* one was saved up */
	assert_false(rate_limit_acquire(&limit, START_S + 10, &wait_s));
	assert_true(wait_s > 0 && wait_s <= 2);
}

static void after_the_wait_that_was_told_there_is_a_token(void **state)
{
	struct rate_limit limit = throttled_at_ten();
	double now_s = START_S + 10, wait_s = 0, shorter_s;

	(void)state;
	while (rate_limit_acquire(&limit, now_s, &wait_s))
		;
	for (int i = 0; i < 20; i++) {
		assert_false(rate_limit_acquire(&limit, now_s, &wait_s));
		assert_false(rate_limit_acquire(&limit, now_s + wait_s * 0.99, &shorter_s));
		now_s += wait_s + 1e-9;
		assert_true(rate_limit_acquire(&limit, now_s, &wait_s));
	}
	assert_true(now_s > START_S + 10 + 19 / 7.1 && now_s < START_S + 10 + 20 / 6.9);
}

/* CUBIC: it comes back to what was too much, stays there for a while, then tries for more. */
static void successes_raise_the_rate_again(void **state)
{
	struct rate_limit limit = throttled_at_ten();
	double lowered = limit.fill_rate;

	(void)state;
	for (int i = 1; i < 300; i++)
		rate_limit_answered(&limit, START_S + 10 + i / 30.0, false);
	assert_true(limit.fill_rate > 1.4 * lowered);
}

static void the_rate_is_at_most_twice_what_is_used(void **state)
{
	struct rate_limit limit = throttled_at_ten();

	(void)state;
	for (int i = 1; i < 1000; i++)
		rate_limit_answered(&limit, START_S + 10 + i, false);
	assert_true(limit.fill_rate <= 2 * limit.measured);
	assert_true(limit.measured < 1.1);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(until_the_first_throttle_nothing_is_limited),
	        cmocka_unit_test(a_throttle_lowers_the_rate_to_seven_tenths),
	        cmocka_unit_test(further_throttles_lower_it_further),
	        cmocka_unit_test(the_rate_never_falls_below_a_call_in_two_seconds),
	        cmocka_unit_test(after_the_wait_that_was_told_there_is_a_token),
	        cmocka_unit_test(successes_raise_the_rate_again),
	        cmocka_unit_test(the_rate_is_at_most_twice_what_is_used),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
