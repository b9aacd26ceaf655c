/* How much memory this process has. */
#ifndef ECRFS_FS_MEMORY_H
#define ECRFS_FS_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

/* What is resident, from /proc, which asks no disk. Answers false where that cannot be read.
 * Threads: any. */
bool memory_resident(uint64_t *ret_bytes);

#endif
