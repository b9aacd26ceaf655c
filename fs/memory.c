/* /proc/self/statm, see proc(5). */
#include "fs/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

bool memory_resident(uint64_t *ret_bytes)
{
	FILE *file = fopen("/proc/self/statm", "re");
	uint64_t pages;
	bool is_read;

	if (!file)
		return false;
	is_read = fscanf(file, "%*u %" SCNu64, &pages) == 1;
	fclose(file);
	if (is_read)
		*ret_bytes = pages * (uint64_t)sysconf(_SC_PAGESIZE);
	return is_read;
}
