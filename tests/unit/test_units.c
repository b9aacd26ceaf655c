/* Durations, sizes and numbers in options. */
#include "fs/units.h"
#include "base/clock.h"
#include "tests/unit/unit_test.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct example {
	const char *text;
	uint64_t value;
};

static void assert_durations(const struct example *examples, size_t n)
{
	uint64_t ns = 1;

	for (size_t i = 0; i < n; i++) {
		print_message("%s\n", examples[i].text);
		assert_true(units_parse_duration(examples[i].text, &ns));
		assert_int_equal(ns, examples[i].value);
	}
}

static void assert_no_durations(const char *const *texts, size_t n)
{
	uint64_t ns = 77;

	for (size_t i = 0; i < n; i++) {
		print_message("'%s'\n", texts[i]);
		assert_false(units_parse_duration(texts[i], &ns));
		assert_int_equal(ns, 77);
	}
}

static void assert_no_sizes(const char *const *texts, size_t n)
{
	size_t bytes = 77;

	for (size_t i = 0; i < n; i++) {
		print_message("'%s'\n", texts[i]);
		assert_false(units_parse_size(texts[i], &bytes));
		assert_int_equal(bytes, 77);
	}
}

static void a_duration_has_a_unit(void **state)
{
	static const struct example examples[] = {
	        {"1ms", 1000000},
	        {"250ms", 250 * NS_PER_MS},
	        {"1s", NS_PER_S},
	        {"90s", 90 * NS_PER_S},
	        {"5m", 300 * NS_PER_S},
	        {"2h", 7200 * NS_PER_S},
	        {"7d", 7 * 86400 * NS_PER_S},
	        {"010s", 10 * NS_PER_S}, /* in decimal all the same */
	};
	static const char *const none[] = {"1", "60", "00"};

	(void)state;
	assert_durations(examples, COUNT(examples));
	assert_no_durations(none, COUNT(none));
}

static void zero_needs_no_unit(void **state)
{
	static const struct example examples[] = {{"0", 0},  {"0ms", 0}, {"0s", 0},
	                                          {"0m", 0}, {"0h", 0},  {"0d", 0}};

	(void)state;
	assert_durations(examples, COUNT(examples));
}

static void forever_is_longer_than_any_other(void **state)
{
	static const struct example examples[] = {
	        {"forever", NS_FOREVER}, {"53375d", 53375 * (86400 * NS_PER_S)}, /* 146 years */
	};

	(void)state;
	assert_true(NS_FOREVER > examples[1].value);
	assert_durations(examples, COUNT(examples));
}

static void a_duration_that_would_overflow_is_refused(void **state)
{
	static const char *const texts[] = {
	        "53376d",
	        "4611686018428ms",
	        "18446744073709551615s", /* UINT64_MAX */
	        "18446744073709551616s",
	        "18446744073710ms", /* wraps to less than a millisecond */
	        "99999999999999999999999999d"};

	(void)state;
	assert_no_durations(texts + 2, COUNT(texts) - 2);
	assert_no_durations(texts, 1);
}

static void what_is_no_duration_is_refused(void **state)
{
	static const char *const texts[] = {
	        "",    "s",   "ms",  "-1s",  "+1s",    "-0",   " 1s",   "1s ",   "1 s",     "1.5s",
	        "1,5", "1e3", "0x1", "0x1s", "1sec",   "1min", "1w",    "1us",   "1ns",     "1y",
	        "1ss", "1s1", "h1",  "1m1s", "always", "inf",  "never", "1h30m", "forever1"};

	(void)state;
	assert_no_durations(texts, COUNT(texts));
}

static void a_size_is_in_bytes_or_powers_of_1024(void **state)
{
	static const struct example examples[] = {
	        {"0", 0},
	        {"1", 1},
	        {"4096", 4096},
	        {"64K", 64 << 10},
	        {"64k", 64 << 10},
	        {"64KiB", 64 << 10},
	        {"64M", 64 << 20},
	        {"64m", 64 << 20},
	        {"64MiB", 64 << 20},
	        {"64mib", 64 << 20},
	        {"3G", 3ULL << 30},
	        {"3g", 3ULL << 30},
	        {"3GiB", 3ULL << 30},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(examples); i++) {
		size_t bytes = 1;

		print_message("%s\n", examples[i].text);
		assert_true(units_parse_size(examples[i].text, &bytes));
		assert_int_equal(bytes, examples[i].value);
	}
}

static void what_is_no_size_is_refused(void **state)
{
	static const char *const texts[] = {
	        "",    "K",   "M",  "-1", "-1M", "+1",  " 1", "1 ", "1 M", "1.5M", "0x10M",  "1MB",
	        "1KB", "1Ki", "1T", "1P", "1B",  "1MM", "M1", "1s", "all", "64M ", "forever"};

	(void)state;
	assert_no_sizes(texts, COUNT(texts));
}

static void a_size_that_would_overflow_is_refused(void **state)
{
	static const char *const texts[] = {"18446744073709551615", "18446744073709551616",
	                                    "17179869184G", /* 2^64 */
	                                    "9223372036854775808", "99999999999999999999999G"};

	(void)state;
	assert_no_sizes(texts, COUNT(texts));
}

static void a_number_keeps_its_bounds(void **state)
{
	unsigned long number = 0;

	(void)state;
	assert_true(units_parse_number("1", 1, 256, &number));
	assert_int_equal(number, 1);
	assert_true(units_parse_number("256", 1, 256, &number));
	assert_int_equal(number, 256);
	assert_true(units_parse_number("0", 0, 0, &number));
	assert_int_equal(number, 0);
	assert_true(units_parse_number("0100", 1, 256, &number));
	assert_int_equal(number, 100);
	assert_false(units_parse_number("0", 1, 256, &number));
	assert_false(units_parse_number("257", 1, 256, &number));
	assert_false(units_parse_number("18446744073709551616", 0, ~0UL, &number));
	assert_int_equal(number, 100);
}

static void what_is_no_number_is_refused(void **state)
{
	static const char *const texts[] = {"",    "-1",  "+1",  " 1", "1 ", "1.0",
	                                    "0x1", "1e1", "one", "1s", "1K", "1\n"};
	unsigned long number = 77;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		print_message("'%s'\n", texts[i]);
		assert_false(units_parse_number(texts[i], 0, 1000, &number));
	}
	assert_int_equal(number, 77);
}

static void a_duration_is_written_as_it_is_read(void **state)
{
	static const char *const texts[] = {"0",  "1ms", "1500ms", "90s",    "1m",     "61m",
	                                    "1h", "25h", "1d",     "10000d", "forever"};
	char written[UNITS_TEXT_SIZE];
	uint64_t ns;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		assert_true(units_parse_duration(texts[i], &ns));
		units_format_duration(ns, written);
		assert_string_equal(written, texts[i]);
	}
}

static void a_size_is_written_as_it_is_read(void **state)
{
	static const char *const texts[] = {"0", "1", "1023", "1K", "1025", "64M", "3G"};
	char written[UNITS_TEXT_SIZE];
	size_t bytes;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		assert_true(units_parse_size(texts[i], &bytes));
		units_format_size(bytes, written);
		assert_string_equal(written, texts[i]);
	}
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_duration_has_a_unit),
	        cmocka_unit_test(zero_needs_no_unit),
	        cmocka_unit_test(forever_is_longer_than_any_other),
	        cmocka_unit_test(a_duration_that_would_overflow_is_refused),
	        cmocka_unit_test(what_is_no_duration_is_refused),
	        cmocka_unit_test(a_size_is_in_bytes_or_powers_of_1024),
	        cmocka_unit_test(what_is_no_size_is_refused),
	        cmocka_unit_test(a_size_that_would_overflow_is_refused),
	        cmocka_unit_test(a_duration_is_written_as_it_is_read),
	        cmocka_unit_test(a_size_is_written_as_it_is_read),
	        cmocka_unit_test(a_number_keeps_its_bounds),
	        cmocka_unit_test(what_is_no_number_is_refused),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
