/* The words for each status. */
#include "base/status.h"
#include "tests/unit/unit_test.h"

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

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_status_has_words_of_its_own),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
