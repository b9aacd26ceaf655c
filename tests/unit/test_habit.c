/* What a walker reads, and will read. */
#include "fs/habit.h"
#include "tests/unit/unit_test.h"

#define BIT(file) (1U << (file))

static struct habit habit;
static unsigned kinds; /* that were offered last */

static int set_up(void **state)
{
	(void)state;
	habit = (struct habit){0};
	kinds = 0;
	return 0;
}

static void read_files(unsigned files)
{
	for (unsigned file = 0; file < FILE_NUMBERS; file++)
		if (files & ~kinds & BIT(file))
			habit_read(&habit, file);
}

/* It comes to `n` images, and reads those files of each that it is not offered. */
static void walk(unsigned n, unsigned files)
{
	for (unsigned i = 0; i < n; i++) {
		habit_enter(&habit);
		kinds = habit_end(&habit);
		read_files(files);
	}
}

static void what_it_reads_of_each_is_offered(void **state)
{
	unsigned files = BIT(FILE_NUMBER_MANIFEST) | BIT(FILE_NUMBER_DIGEST);

	(void)state;
	walk(HABIT_LOOKS, files);
	assert_int_equal(kinds, 0);
	walk(1, files);
	assert_int_equal(kinds, files);
	walk(HABIT_OFFERS - 1, files);
	assert_int_equal(kinds, files);
}

static void it_is_looked_at_again(void **state)
{
	(void)state;
	walk(HABIT_LOOKS + HABIT_OFFERS, BIT(FILE_NUMBER_MANIFEST));
	assert_int_equal(kinds, BIT(FILE_NUMBER_MANIFEST));
	walk(HABIT_LOOKS, BIT(FILE_NUMBER_DIGEST)); /* it reads something else now */
	assert_int_equal(kinds, 0);
	walk(1, 0);
	assert_int_equal(kinds, BIT(FILE_NUMBER_DIGEST));
}

static void who_ceases_to_read_is_offered_no_more(void **state)
{
	(void)state;
	walk(HABIT_LOOKS + 1, BIT(FILE_NUMBER_MANIFEST));
	assert_int_not_equal(kinds, 0);
	for (unsigned i = 0; i < 10 * (HABIT_LOOKS + HABIT_OFFERS); i++) {
		walk(1, 0);
		assert_true(i < HABIT_OFFERS || !kinds);
	}
}

static void what_it_reads_of_few_is_not_offered(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 100 * HABIT_LOOKS; i++) {
		walk(1, i % 3 ? 0 : BIT(FILE_NUMBER_MANIFEST));
		assert_int_equal(kinds, 0);
	}
}

/* As rg does. */
static void who_reads_before_the_end_is_not_offered_anything(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 100 * HABIT_LOOKS; i++) {
		habit_enter(&habit);
		read_files(BIT(FILE_NUMBER_MANIFEST));
		assert_int_equal(habit_end(&habit), 0);
	}
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(what_it_reads_of_each_is_offered, set_up),
	        cmocka_unit_test_setup(it_is_looked_at_again, set_up),
	        cmocka_unit_test_setup(who_ceases_to_read_is_offered_no_more, set_up),
	        cmocka_unit_test_setup(who_reads_before_the_end_is_not_offered_anything, set_up),
	        cmocka_unit_test_setup(what_it_reads_of_few_is_not_offered, set_up),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
