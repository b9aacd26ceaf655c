/* The heap as malloc counts it. */
#include "tests/unit/heap.h"
#include "tests/unit/unit_test.h"

#include <malloc.h>

void heap_skip_unless_measurable(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	print_message("skipped: a sanitizer's memory is not the daemon's\n");
	skip();
#endif
}

size_t heap_bytes(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}
