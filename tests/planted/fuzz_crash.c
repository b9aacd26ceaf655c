/* A fuzz target that falls over the word "bug". */
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	MUST(size < 3 || data[0] != 'b' || data[1] != 'u' || data[2] != 'g');
	return 0;
}
