/* How long things take. */
#include "base/histogram.h"
#include "base/clock.h"
#include "tests/unit/unit_test.h"

static void a_bound_is_part_of_what_it_bounds(void **state)
{
	struct histogram histogram = {0};

	(void)state;
	histogram_add(&histogram, histogram_bound_ns(1));
	assert_int_equal(histogram_up_to(&histogram, 0), 0);
	assert_int_equal(histogram_up_to(&histogram, 1), 1);
	histogram_add(&histogram, histogram_bound_ns(1) + 1);
	assert_int_equal(histogram_up_to(&histogram, 1), 1);
	assert_int_equal(histogram_up_to(&histogram, 2), 2);
}

static void what_exceeds_all_bounds_counts_as_well(void **state)
{
	struct histogram histogram = {0};

	(void)state;
	histogram_add(&histogram, 3600 * NS_PER_S);
	histogram_add(&histogram, 0);
	assert_int_equal(histogram_up_to(&histogram, HISTOGRAM_BOUNDS - 1), 1);
	assert_int_equal(histogram_count(&histogram), 2);
	assert_int_equal(histogram_sum_ns(&histogram), 3600 * NS_PER_S);
}

static void bounds_grow(void **state)
{
	(void)state;
	for (unsigned i = 1; i < HISTOGRAM_BOUNDS; i++)
		assert_true(histogram_bound_ns(i) > histogram_bound_ns(i - 1));
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_bound_is_part_of_what_it_bounds),
	        cmocka_unit_test(what_exceeds_all_bounds_counts_as_well),
	        cmocka_unit_test(bounds_grow),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
