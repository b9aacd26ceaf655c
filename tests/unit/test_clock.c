/* The system's clock, and the one that the other tests use. */
#include "base/clock.h"
#include "tests/unit/fake_clock.h"
#include "tests/unit/unit_test.h"

#include <time.h>

static void the_systems_clock_tells_the_time(void **state)
{
	const struct clock *clock = clock_system();
	uint64_t before_ns = clock_monotonic_ns(clock);
	uint64_t now_ns = clock_realtime_ns(clock), now_s = (uint64_t)time(NULL);

	(void)state;
	assert_true(clock_monotonic_ns(clock) >= before_ns);
	assert_in_range(now_ns / NS_PER_S, now_s - 2, now_s + 2);
}

static void there_is_a_time_for_what_was_before_the_machine_started(void **state)
{
	const uint64_t year_ns = 365 * 24 * 3600 * NS_PER_S;

	(void)state;
	assert_true(clock_monotonic_ns(clock_system()) > 5 * year_ns);
	assert_true(clock_monotonic_ns(clock_system()) < NS_FOREVER / 4);
}

static void a_deadline_is_counted_as_the_kernel_does(void **state)
{
	struct timespec now, deadline = clock_deadline(7 * NS_PER_S);

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &now);
	assert_in_range(deadline.tv_sec, now.tv_sec + 5, now.tv_sec + 7);
	assert_in_range(deadline.tv_nsec, 0, NS_PER_S - 1);
}

static void the_fake_clock_moves_only_by_hand(void **state)
{
	struct fake_clock fake;

	(void)state;
	fake_clock_init(&fake);
	assert_int_equal(clock_monotonic_ns(&fake.clock), FAKE_CLOCK_MONOTONIC_NS);
	fake_clock_advance(&fake, 5);
	assert_int_equal(clock_monotonic_ns(&fake.clock), FAKE_CLOCK_MONOTONIC_NS + 5);
	assert_int_equal(clock_realtime_ns(&fake.clock), FAKE_CLOCK_REALTIME_NS + 5);
	fake_clock_set_realtime(&fake, 7);
	assert_int_equal(clock_realtime_ns(&fake.clock), 7);
	assert_int_equal(clock_monotonic_ns(&fake.clock), FAKE_CLOCK_MONOTONIC_NS + 5);
}

static void utc_is_written_to_the_second(void **state)
{
	char text[CLOCK_UTC_SIZE];

	(void)state;
	clock_format_utc(0, text);
	assert_string_equal(text, "1970-01-01T00:00:00Z");
	clock_format_utc(951827696, text);
	assert_string_equal(text, "2000-02-29T12:34:56Z");
}

static void times_are_read_as_sdks_write_them(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} cases[] = {
	        {"1970-01-01T00:00:00Z", 0},
	        {"2000-02-29T12:34:56Z", 951827696},
	        {"2000-02-29T12:34:56UTC", 951827696},
	        {"2000-02-29T12:34:56.123456Z", 951827696},
	        {"2000-02-29 12:34:56Z", 951827696},
	        {"2000-02-29T12:34:56+00:00", 951827696},
	        {"2000-02-29T14:34:56.5+02:00", 951827696},
	        {"2000-02-29T09:04:56-0330", 951827696},
	};
	int64_t seconds;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(clock_parse_utc(cases[i].text, &seconds));
		assert_int_equal(seconds, cases[i].seconds);
	}
}

static void what_is_no_time_is_not_read_as_one(void **state)
{
	static const char *const texts[] = {
	        "",
	        "tomorrow",
	        "2000-02-29",
	        "2000-02-29T12:34:56",
	        "2000-02-29T12:34:56 Z",
	        "2000-13-01T00:00:00Z",
	        "2000-00-01T00:00:00Z",
	        "2000-01-01T24:00:00Z",
	        "2000-01-01T00:00:00+2",
	        "2000-01-01T00:00:00+99:00",
	        "2000-01-01T00:00:00Zebra",
	        "-200-01-01T00:00:00Z",
	        "951827696",
	};
	int64_t seconds = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_false(clock_parse_utc(texts[i], &seconds));
	assert_int_equal(seconds, 7);
}

static void what_does_not_fit_into_nanoseconds_is_late(void **state)
{
	(void)state;
	assert_true(clock_seconds_ns(0) == 0);
	assert_true(clock_seconds_ns(951827696) == 951827696 * NS_PER_S);
	assert_true(clock_seconds_ns(18446744073) == 18446744073 * NS_PER_S);
	assert_true(clock_seconds_ns(18446744074) == 18446744073 * NS_PER_S);
	assert_true(clock_seconds_ns(INT64_MAX) == 18446744073 * NS_PER_S);
}

static void for_ever_can_be_added_to_any_time(void **state)
{
	(void)state;
	assert_true(clock_realtime_ns(clock_system()) + NS_FOREVER > NS_FOREVER);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_systems_clock_tells_the_time),
	        cmocka_unit_test(there_is_a_time_for_what_was_before_the_machine_started),
	        cmocka_unit_test(a_deadline_is_counted_as_the_kernel_does),
	        cmocka_unit_test(the_fake_clock_moves_only_by_hand),
	        cmocka_unit_test(utc_is_written_to_the_second),
	        cmocka_unit_test(times_are_read_as_sdks_write_them),
	        cmocka_unit_test(what_is_no_time_is_not_read_as_one),
	        cmocka_unit_test(what_does_not_fit_into_nanoseconds_is_late),
	        cmocka_unit_test(for_ever_can_be_added_to_any_time),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
