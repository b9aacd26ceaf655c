/* SipHash-2-4 as its authors describe it: https://www.aumasson.jp/siphash/siphash.pdf */
#include "base/siphash.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define WORD sizeof(uint64_t)

int siphash_key_new(struct siphash_key *ret_key)
{
	struct siphash_key key;

	if (getentropy(&key, sizeof(key)) < 0)
		return -errno;
	*ret_key = key;
	return 0;
}

static uint64_t rotate(uint64_t word, unsigned bits)
{
	return word << bits | word >> (64 - bits);
}

static void mix(uint64_t v[static 4], unsigned rounds)
{
	while (rounds--) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] = rotate(v[2], 32);
	}
}

/* The next `size` bytes, at most a word, in little-endian order. */
static uint64_t read_word(const char *data, size_t size)
{
	uint64_t word = 0;

	memcpy(&word, data, size);
	return le64toh(word);
}

static void take_word(uint64_t v[static 4], uint64_t word)
{
	v[3] ^= word;
	mix(v, 2);
	v[0] ^= word;
}

uint64_t siphash(const struct siphash_key *key, const void *data, size_t size)
{
	const char *at = data, *last = at + size / WORD * WORD;
	uint64_t v[4] = {
	        key->halves[0] ^ 0x736f6d6570736575,
	        key->halves[1] ^ 0x646f72616e646f6d,
	        key->halves[0] ^ 0x6c7967656e657261,
	        key->halves[1] ^ 0x7465646279746573,
	};

	for (; at < last; at += WORD)
		take_word(v, read_word(at, WORD));
	take_word(v, read_word(at, size % WORD) | (uint64_t)size << 56);
	v[2] ^= 0xff;
	mix(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
