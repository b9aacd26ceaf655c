/* cmocka with the headers that it needs first, and the selection of one test by its name. */
#ifndef ECRFS_TESTS_UNIT_UNIT_TEST_H
#define ECRFS_TESTS_UNIT_UNIT_TEST_H

/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

/* A test between set_up() and tear_down() of its file. */
#define cmocka_unit_test_fixture(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

/* CTest runs each behaviour by itself and gives its name; without one, all of them run. */
static inline void select_test(int argc, char **argv)
{
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
}

#endif
