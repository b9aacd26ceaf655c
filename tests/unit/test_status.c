/* The words for each status. */
#include "base/status.h"
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <string.h>

static void every_status_has_words_of_its_own(void **state)
{
	(void)state;
	for (int i = STATUS_OK; i <= STATUS_MISCONFIGURED; i++) {
		assert_string_not_equal(status_text((enum status)i), "unknown status");
		for (int j = STATUS_OK; j < i; j++)
			assert_string_not_equal(status_text((enum status)i),
			                        status_text((enum status)j));
	}
}

static void a_shortage_is_told_from_other_errors(void **state)
{
	(void)state;
	assert_int_equal(status_of_shortage(ENOMEM), STATUS_NO_MEMORY);
	assert_int_equal(status_of_shortage(ENOBUFS), STATUS_NO_MEMORY);
	assert_int_equal(status_of_shortage(EMFILE), STATUS_NO_DESCRIPTORS);
	assert_int_equal(status_of_shortage(ENFILE), STATUS_NO_DESCRIPTORS);
	assert_int_equal(status_of_shortage(0), STATUS_OK);
	assert_int_equal(status_of_shortage(EACCES), STATUS_OK);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_status_has_words_of_its_own),
	        cmocka_unit_test(a_shortage_is_told_from_other_errors),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
