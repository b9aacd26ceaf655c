/* Content digests: SHA-256, the algorithm of every digest that ECR is known to give. */
#ifndef ECRFS_BASE_DIGEST_H
#define ECRFS_BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIGEST_BYTES     32
#define DIGEST_HEX_SIZE  (2 * DIGEST_BYTES + 1)                    /* 64 digits and the NUL */
#define DIGEST_TEXT_SIZE (sizeof("sha256:") - 1 + DIGEST_HEX_SIZE) /* with prefix and NUL */

struct digest {
	uint8_t sha256[DIGEST_BYTES];
};

/* The digest of `size` bytes. Answers 0, or -EIO when the crypto library fails. Threads: any. */
int digest_compute(const void *data, size_t size, struct digest *ret_digest);

/* Reads "sha256:" and 64 lower-case hex digits, nothing before or after. Answers whether it
 * was that; `ret_digest` is untouched when not. Threads: pure. */
bool digest_parse(const char *text, struct digest *ret_digest);

/* Writes "sha256:<hex>". Threads: pure. */
void digest_format(const struct digest *digest, char text[static DIGEST_TEXT_SIZE]);

/* Writes the 64 hex digits alone. Threads: pure. */
void digest_format_hex(const struct digest *digest, char hex[static DIGEST_HEX_SIZE]);

/* The 40 lower-case hex digits of the SHA-1 of a text, which the AWS CLI names its token caches by.
 * Answers 0, or -EIO when the crypto library fails. Threads: any. */
#define DIGEST_SHA1_HEX_SIZE 41
int digest_sha1_hex(const char *text, char hex[static DIGEST_SHA1_HEX_SIZE]);

bool digest_equal(const struct digest *a, const struct digest *b);

#endif
