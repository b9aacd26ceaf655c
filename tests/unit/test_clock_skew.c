/* The difference of clocks. */
#include "ecr/clock_skew.h"
#include "tests/unit/unit_test.h"

#define NOW_S     1767323045
#define TOLERATED CLOCK_SKEW_TOLERATED_S

static int64_t date(const char *text)
{
	int64_t time_s = -1;

	return clock_skew_parse_date(text, &time_s) ? time_s : -1;
}

static struct clock_sample told(int64_t server_s)
{
	return (struct clock_sample){.sent_s = NOW_S, .received_s = NOW_S, .server_s = server_s};
}

static void a_date_of_http_is_read(void **state)
{
	(void)state;
	assert_int_equal(date("Fri, 02 Jan 2026 03:04:05 GMT"), NOW_S);
	assert_int_equal(date("Thu, 01 Jan 1970 00:00:00 GMT"), 0);
	assert_int_equal(date("Thu, 29 Feb 2024 23:59:59 GMT"), 1709251199);
	assert_int_equal(date("Fri, 31 Dec 9999 23:59:59 GMT"), 253402300799);
}

static void what_is_no_date_is_none(void **state)
{
	static const char *const texts[] = {
	        "",
	        "now",
	        "1767323045",
	        "2026-01-02T03:04:05Z",
	        "Fri, 02 Jan 2026 03:04:05",
	        "Fri, 02 Jan 2026 03:04:05 CET",
	        "Fri, 02 anF 2026 03:04:05 GMT",
	        "Fri, 02 Ja 2026 03:04:05 GMT",
	        "Fri, 32 Jan 2026 03:04:05 GMT",
	        "Fri, 02 Jan 2026 24:04:05 GMT",
	        "Fri, 02 Jan 2026 03:-4:05 GMT",
	        "Fri, 02 Jan -026 03:04:05 GMT",
	        "Fri, 02 Jan 1026 03:04:05 GMT",
	        "Friday, 02-Jan-26 03:04:05 GMT",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(date(texts[i]), -1);
}

static void a_small_difference_is_none(void **state)
{
	struct clock_sample ahead = told(NOW_S + TOLERATED), behind = told(NOW_S - TOLERATED);
	int64_t offset_s = 0;

	(void)state;
	assert_false(clock_skew_learn(&offset_s, &ahead, TOLERATED));
	assert_false(clock_skew_learn(&offset_s, &behind, TOLERATED));
	assert_int_equal(offset_s, 0);
}

static void a_large_difference_is_learnt(void **state)
{
	struct clock_sample ahead = told(NOW_S + TOLERATED + 1), behind = told(NOW_S - 86400);
	int64_t offset_s = 0;

	(void)state;
	assert_true(clock_skew_learn(&offset_s, &ahead, TOLERATED));
	assert_int_equal(offset_s, TOLERATED + 1);
	assert_true(clock_skew_learn(&offset_s, &behind, TOLERATED));
	assert_int_equal(offset_s, -86400);
}

static void what_was_learnt_is_not_learnt_again(void **state)
{
	struct clock_sample sample = told(NOW_S + 3600), later = told(NOW_S + 3602);
	int64_t offset_s = 0;

	(void)state;
	assert_true(clock_skew_learn(&offset_s, &sample, TOLERATED));
	assert_false(clock_skew_learn(&offset_s, &later, TOLERATED));
	assert_int_equal(offset_s, 3600);
}

static void a_clock_that_is_right_again_needs_no_offset(void **state)
{
	struct clock_sample sample = told(NOW_S);
	int64_t offset_s = 3600;

	(void)state;
	assert_true(clock_skew_learn(&offset_s, &sample, TOLERATED));
	assert_int_equal(offset_s, 0);
}

/* The server wrote the date before it sent the rest. */
static void a_slow_answer_is_not_a_slow_clock(void **state)
{
	struct clock_sample sample = {
	        .sent_s = NOW_S - 1000, .received_s = NOW_S, .server_s = NOW_S - 999};
	int64_t offset_s = 0;

	(void)state;
	assert_false(clock_skew_learn(&offset_s, &sample, TOLERATED));
	sample.server_s = NOW_S - 2000;
	assert_true(clock_skew_learn(&offset_s, &sample, TOLERATED));
	assert_int_equal(offset_s, -1000);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_date_of_http_is_read),
	        cmocka_unit_test(what_is_no_date_is_none),
	        cmocka_unit_test(a_small_difference_is_none),
	        cmocka_unit_test(a_large_difference_is_learnt),
	        cmocka_unit_test(what_was_learnt_is_not_learnt_again),
	        cmocka_unit_test(a_clock_that_is_right_again_needs_no_offset),
	        cmocka_unit_test(a_slow_answer_is_not_a_slow_clock),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
