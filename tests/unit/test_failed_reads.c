/* What the kernel asks again is answered again, once. */
#include "fs/failed_reads.h"
#include "tests/unit/unit_test.h"

#include <errno.h>

#define THREAD      4711
#define FILE_NUMBER 1234567890123

static struct failed_reads reads;

static int set_up(void **state)
{
	(void)state;
	failed_reads_init(&reads);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	failed_reads_deinit(&reads);
	return 0;
}

static void the_next_read_of_the_thread_fails_alike_once(void **state)
{
	(void)state;
	failed_reads_add(&reads, THREAD, FILE_NUMBER, ETIMEDOUT, NS_PER_S);
	assert_int_equal(failed_reads_take(&reads, THREAD, FILE_NUMBER, NS_PER_S), ETIMEDOUT);
	assert_int_equal(failed_reads_take(&reads, THREAD, FILE_NUMBER, NS_PER_S), 0);
}

static void another_thread_and_another_file_are_asked_for(void **state)
{
	(void)state;
	failed_reads_add(&reads, THREAD, FILE_NUMBER, EIO, NS_PER_S);
	assert_int_equal(failed_reads_take(&reads, THREAD + 1, FILE_NUMBER, NS_PER_S), 0);
	assert_int_equal(failed_reads_take(&reads, THREAD, FILE_NUMBER + 1, NS_PER_S), 0);
	assert_int_equal(failed_reads_take(&reads, THREAD, FILE_NUMBER, NS_PER_S), 0);
}

static void it_is_soon_over(void **state)
{
	(void)state;
	failed_reads_add(&reads, THREAD, FILE_NUMBER, EIO, NS_PER_S);
	assert_int_equal(failed_reads_take(&reads, THREAD, FILE_NUMBER, NS_PER_S + FAILED_READS_NS),
	                 0);
}

static void the_last_failure_of_a_thread_counts(void **state)
{
	(void)state;
	failed_reads_add(&reads, THREAD, FILE_NUMBER, EIO, NS_PER_S);
	failed_reads_add(&reads, THREAD, FILE_NUMBER + 1, EPROTO, NS_PER_S);
	assert_int_equal(failed_reads_take(&reads, THREAD, FILE_NUMBER + 1, NS_PER_S), EPROTO);
}

static void the_latest_threads_are_kept(void **state)
{
	(void)state;
	for (pid_t i = 0; i <= FAILED_READS_MAX; i++)
		failed_reads_add(&reads, THREAD + i, FILE_NUMBER, EIO, NS_PER_S);
	assert_int_equal(failed_reads_take(&reads, THREAD, FILE_NUMBER, NS_PER_S), 0);
	for (pid_t i = 1; i <= FAILED_READS_MAX; i++)
		assert_int_equal(failed_reads_take(&reads, THREAD + i, FILE_NUMBER, NS_PER_S), EIO);
}

static void of_a_thread_that_is_not_known_nothing_is_kept(void **state)
{
	(void)state;
	failed_reads_add(&reads, 0, FILE_NUMBER, EIO, NS_PER_S);
	assert_int_equal(failed_reads_take(&reads, 0, FILE_NUMBER, NS_PER_S), 0);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(the_next_read_of_the_thread_fails_alike_once),
	        cmocka_unit_test_fixture(another_thread_and_another_file_are_asked_for),
	        cmocka_unit_test_fixture(it_is_soon_over),
	        cmocka_unit_test_fixture(the_last_failure_of_a_thread_counts),
	        cmocka_unit_test_fixture(the_latest_threads_are_kept),
	        cmocka_unit_test_fixture(of_a_thread_that_is_not_known_nothing_is_kept),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
