/* Chance, to spread what would happen to many at the same time. Not for secrets. */
#ifndef ECRFS_BASE_RANDOM_H
#define ECRFS_BASE_RANDOM_H

#include <stdint.h>

/* Uniform in 0 to UINT32_MAX; the middle as long as the kernel has no entropy, which spreads
 * nothing and is harmless. Never waits. Threads: any. */
uint32_t random_spread(void);

#endif
