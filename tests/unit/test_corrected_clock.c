/* A clock that is corrected. */
#include "ecr/corrected_clock.h"
#include "tests/unit/fake_clock.h"
#include "tests/unit/unit_test.h"

static void the_real_time_is_corrected_both_ways(void **state)
{
	struct fake_clock system;
	struct corrected_clock clock;

	(void)state;
	fake_clock_init(&system);
	corrected_clock_init(&clock, &system.clock);
	assert_int_equal(clock_realtime_ns(&clock.clock), FAKE_CLOCK_REALTIME_NS);
	clock.offset_s = 3600;
	assert_int_equal(clock_realtime_ns(&clock.clock), FAKE_CLOCK_REALTIME_NS + 3600 * NS_PER_S);
	clock.offset_s = -3600;
	assert_int_equal(clock_realtime_ns(&clock.clock), FAKE_CLOCK_REALTIME_NS - 3600 * NS_PER_S);
}

static void time_that_passes_is_not(void **state)
{
	struct fake_clock system;
	struct corrected_clock clock;

	(void)state;
	fake_clock_init(&system);
	corrected_clock_init(&clock, &system.clock);
	clock.offset_s = 3600;
	assert_int_equal(clock_monotonic_ns(&clock.clock), FAKE_CLOCK_MONOTONIC_NS);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_real_time_is_corrected_both_ways),
	        cmocka_unit_test(time_that_passes_is_not),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
