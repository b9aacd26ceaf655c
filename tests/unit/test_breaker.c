/* When an endpoint counts as one that cannot be reached. */
#include "ecr/breaker.h"
#include "tests/unit/fake_clock.h"
#include "tests/unit/unit_test.h"

static struct fake_clock test_clock;
static struct breaker breaker;

static int set_up(void **state)
{
	(void)state;
	fake_clock_init(&test_clock);
	breaker = (struct breaker){0};
	return 0;
}

static bool fails(enum status status)
{
	return breaker_failed(&breaker, status, clock_monotonic_ns(&test_clock.clock),
	                      &test_clock.clock);
}

static bool answers(uint64_t *ret_open_ns)
{
	return breaker_answered(&breaker, &test_clock.clock, ret_open_ns);
}

static void the_third_failure_in_a_row_opens_it(void **state)
{
	(void)state;
	assert_false(fails(STATUS_REFUSED));
	assert_false(fails(STATUS_REFUSED));
	assert_int_equal(breaker_reason(&breaker), STATUS_OK);
	assert_true(fails(STATUS_TIMED_OUT));
	assert_int_equal(breaker_reason(&breaker), STATUS_TIMED_OUT);
	assert_int_equal(breaker_since_s(&breaker), FAKE_CLOCK_REALTIME_NS / NS_PER_S);
}

static void it_opens_once_and_keeps_the_last_reason(void **state)
{
	(void)state;
	for (int i = 0; i < BREAKER_ATTEMPTS; i++)
		fails(STATUS_REFUSED);
	fake_clock_advance(&test_clock, NS_PER_S);
	assert_false(fails(STATUS_UNRESOLVED));
	assert_int_equal(breaker_reason(&breaker), STATUS_UNRESOLVED);
	assert_int_equal(breaker_since_s(&breaker), FAKE_CLOCK_REALTIME_NS / NS_PER_S);
}

static void an_answer_closes_it_and_tells_how_long_it_was_open(void **state)
{
	uint64_t open_ns = 7;

	(void)state;
	assert_false(answers(&open_ns));
	assert_int_equal(open_ns, 7);
	for (int i = 0; i < BREAKER_ATTEMPTS; i++)
		fails(STATUS_REFUSED);
	fake_clock_advance(&test_clock, 5 * NS_PER_S);
	assert_true(answers(&open_ns));
	assert_int_equal(open_ns, 5 * NS_PER_S);
	assert_int_equal(breaker_reason(&breaker), STATUS_OK);
	assert_false(fails(STATUS_REFUSED));
}

static void an_answer_or_a_broken_connection_in_between_counts_from_zero(void **state)
{
	uint64_t open_ns;

	(void)state;
	for (int i = 0; i < 10; i++) {
		assert_false(fails(STATUS_REFUSED));
		assert_false(fails(STATUS_REFUSED));
		if (i % 2)
			breaker_broke(&breaker);
		else
			assert_false(answers(&open_ns));
	}
}

/* As after an outage, when the last of those that were sent into it time out. */
static void what_was_sent_before_the_last_answer_does_not_count(void **state)
{
	uint64_t open_ns, sent_ns = clock_monotonic_ns(&test_clock.clock);

	(void)state;
	fake_clock_advance(&test_clock, NS_PER_S);
	answers(&open_ns);
	for (int i = 0; i < 10; i++)
		assert_false(
		        breaker_failed(&breaker, STATUS_TIMED_OUT, sent_ns, &test_clock.clock));
	for (int i = 0; i < BREAKER_ATTEMPTS; i++)
		assert_int_equal(fails(STATUS_TIMED_OUT), i == BREAKER_ATTEMPTS - 1);
}

static void a_broken_connection_is_no_answer(void **state)
{
	(void)state;
	for (int i = 0; i < BREAKER_ATTEMPTS; i++)
		fails(STATUS_REFUSED);
	breaker_broke(&breaker);
	assert_int_equal(breaker_reason(&breaker), STATUS_REFUSED);
}

static void only_silence_is_unreachable(void **state)
{
	(void)state;
	for (int status = STATUS_OK; status <= STATUS_MISCONFIGURED; status++)
		assert_int_equal(breaker_is_unreachable(status),
		                 status == STATUS_TIMED_OUT || status == STATUS_UNRESOLVED ||
		                         status == STATUS_REFUSED);
}

/* Who is short of memory or descriptors learns nothing about the other side. */
static void only_a_connection_is_contact(void **state)
{
	(void)state;
	for (int status = STATUS_OK; status <= STATUS_MISCONFIGURED; status++)
		assert_int_equal(breaker_is_contact(status),
		                 status == STATUS_SERVER_ERROR || status == STATUS_PROTOCOL);
}

static void waits_double_up_to_half_a_minute(void **state)
{
	static const unsigned expected_s[] = {1, 2, 4, 8, 16, 30, 30, 30};

	(void)state;
	for (unsigned i = 0; i < sizeof(expected_s) / sizeof(expected_s[0]); i++) {
		uint64_t most_ns = expected_s[i] * NS_PER_S;

		assert_int_equal(breaker_wait_ns(i, 0), most_ns / 4 * 3);
		assert_in_range(breaker_wait_ns(i, UINT32_MAX), most_ns - NS_PER_MS, most_ns);
	}
	assert_int_equal(breaker_wait_ns(UINT32_MAX, 0), 30 * NS_PER_S / 4 * 3);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(the_third_failure_in_a_row_opens_it, set_up),
	        cmocka_unit_test_setup(it_opens_once_and_keeps_the_last_reason, set_up),
	        cmocka_unit_test_setup(an_answer_closes_it_and_tells_how_long_it_was_open, set_up),
	        cmocka_unit_test_setup(an_answer_or_a_broken_connection_in_between_counts_from_zero,
	                               set_up),
	        cmocka_unit_test_setup(what_was_sent_before_the_last_answer_does_not_count, set_up),
	        cmocka_unit_test_setup(a_broken_connection_is_no_answer, set_up),
	        cmocka_unit_test_setup(only_silence_is_unreachable, set_up),
	        cmocka_unit_test_setup(only_a_connection_is_contact, set_up),
	        cmocka_unit_test_setup(waits_double_up_to_half_a_minute, set_up),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
