/* Counted bytes. The sanitizers see what is freed too early, too late or never. */
#include "base/bytes.h"
#include "tests/unit/unit_test.h"

#include <pthread.h>
#include <string.h>

static void the_bytes_are_a_copy(void **state)
{
	char data[] = "a\0b";
	struct bytes *bytes = bytes_new(data, sizeof(data));

	(void)state;
	memset(data, 'x', sizeof(data));
	assert_int_equal(bytes->size, sizeof(data));
	assert_memory_equal(bytes->data, "a\0b", sizeof(data));
	bytes_unref(bytes);
}

static void there_may_be_none(void **state)
{
	struct bytes *bytes = bytes_new(NULL, 0);

	(void)state;
	assert_int_equal(bytes->size, 0);
	bytes_unref(bytes);
	bytes_unref(NULL);
}

static void a_reference_keeps_them(void **state)
{
	struct bytes *bytes = bytes_new("abc", 3);

	(void)state;
	assert_ptr_equal(bytes_ref(bytes), bytes);
	bytes_unref(bytes);
	assert_memory_equal(bytes->data, "abc", 3);
	bytes_unref(bytes);
}

static void *take_and_give_back(void *arg)
{
	for (int i = 0; i < 10000; i++) {
		bytes_ref(arg);
		bytes_unref(arg);
	}
	bytes_unref(arg);
	return NULL;
}

static void threads_may_share_them(void **state)
{
	struct bytes *bytes = bytes_new("abc", 3);
	pthread_t threads[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(
		        pthread_create(&threads[i], NULL, take_and_give_back, bytes_ref(bytes)), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(bytes->references, 1);
	bytes_unref(bytes);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_bytes_are_a_copy),
	        cmocka_unit_test(there_may_be_none),
	        cmocka_unit_test(a_reference_keeps_them),
	        cmocka_unit_test(threads_may_share_them),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
