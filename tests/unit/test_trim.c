/* Ages, as they are counted. */
#include "store/trim.h"
#include "tests/unit/unit_test.h"

static void ages_grow_with_time(void **state)
{
	unsigned last = 0;

	(void)state;
	for (int64_t age_s = 0; age_s < 100000; age_s++) {
		unsigned age = trim_age(age_s);

		assert_true(age == last || age == last + 1);
		last = age;
	}
	assert_true(trim_age(INT64_MAX) < TRIM_AGES);
}

static void ages_are_told_apart_by_an_eighth(void **state)
{
	(void)state;
	for (int64_t age_s = 8; age_s < (int64_t)1 << 40; age_s = age_s * 9 / 8 + 1)
		assert_true(trim_age(age_s) < trim_age(age_s + age_s / 8 + 1));
}

static void what_was_used_in_the_future_is_young(void **state)
{
	(void)state;
	assert_int_equal(trim_age(-1), 0);
	assert_int_equal(trim_age(INT64_MIN), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(ages_grow_with_time),
	        cmocka_unit_test(ages_are_told_apart_by_an_eighth),
	        cmocka_unit_test(what_was_used_in_the_future_is_young),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
