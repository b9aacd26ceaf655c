/* SHA-256 and SHA-1 by OpenSSL, and the text form of digests. */
#include "base/digest.h"

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>

static const char PREFIX[] = "sha256:";

int digest_compute(const void *data, size_t size, struct digest *ret_digest)
{
	unsigned char hash[EVP_MAX_MD_SIZE];

	if (!EVP_Digest(data, size, hash, NULL, EVP_sha256(), NULL))
		return -EIO;
	memcpy(ret_digest->sha256, hash, DIGEST_BYTES);
	return 0;
}

static int hex_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	return -1;
}

bool digest_parse(const char *text, struct digest *ret_digest)
{
	struct digest digest;

	if (strncmp(text, PREFIX, sizeof(PREFIX) - 1) != 0)
		return false;
	text += sizeof(PREFIX) - 1;
	if (strlen(text) != DIGEST_HEX_SIZE - 1)
		return false;
	for (size_t i = 0; i < DIGEST_BYTES; i++) {
		int high = hex_value(text[2 * i]);
		int low = hex_value(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		digest.sha256[i] = (uint8_t)(high << 4 | low);
	}
	*ret_digest = digest;
	return true;
}

static void write_hex(const unsigned char *bytes, size_t size, char *hex)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < size; i++) {
		*hex++ = digits[bytes[i] >> 4];
		*hex++ = digits[bytes[i] & 15];
	}
	*hex = '\0';
}

void digest_format_hex(const struct digest *digest, char hex[static DIGEST_HEX_SIZE])
{
	write_hex(digest->sha256, DIGEST_BYTES, hex);
}

int digest_sha1_hex(const char *text, char hex[static DIGEST_SHA1_HEX_SIZE])
{
	unsigned char hash[EVP_MAX_MD_SIZE];

	if (!EVP_Digest(text, strlen(text), hash, NULL, EVP_sha1(), NULL))
		return -EIO;
	write_hex(hash, (DIGEST_SHA1_HEX_SIZE - 1) / 2, hex);
	return 0;
}

void digest_format(const struct digest *digest, char text[static DIGEST_TEXT_SIZE])
{
	memcpy(text, PREFIX, sizeof(PREFIX) - 1);
	digest_format_hex(digest, text + sizeof(PREFIX) - 1);
}

bool digest_equal(const struct digest *a, const struct digest *b)
{
	return memcmp(a->sha256, b->sha256, DIGEST_BYTES) == 0;
}
