/* What the test program has of the heap. */
#ifndef ECRFS_TESTS_UNIT_HEAP_H
#define ECRFS_TESTS_UNIT_HEAP_H

#include <stddef.h>

/* Ends the test, as skipped, under a sanitizer: those have an allocator of their own, which is not
 * seen below. */
void heap_skip_unless_measurable(void);

/* The bytes in use. */
size_t heap_bytes(void);

#endif
