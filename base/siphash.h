/* SipHash-2-4: a hash of short texts whose collisions nobody finds who does not know the key. */
#ifndef ECRFS_BASE_SIPHASH_H
#define ECRFS_BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

struct siphash_key {
	uint64_t halves[2];
};

/* Draws a key. Answers 0 or a negative errno. Threads: any. */
int siphash_key_new(struct siphash_key *ret_key);

/* Threads: pure. */
uint64_t siphash(const struct siphash_key *key, const void *data, size_t size);

#endif
