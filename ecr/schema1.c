/* The payload of a JSON Web Signature as libtrust lays it out: in the protected header of the
 * signature stand `formatLength`, how many bytes of the document belong to the payload, and
 * `formatTail`, what follows them in it.
 */
#include "ecr/schema1.h"
#include "base/cleanup.h"
#include "ecr/json.h"

#include <errno.h>
#include <string.h>

/* The value of a digit of base64url, or -1. */
static int digit_value(char digit)
{
	static const char digits[] =
	        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	const char *at = digit ? strchr(digits, digit) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Decodes base64url, with or without padding. Heap, NUL-terminated, or NULL with `ret_error`. */
static char *decode(const char *text, size_t *ret_size, int *ret_error)
{
	size_t length = strcspn(text, "="), size = 0;
	char *bytes = malloc(length + 1);
	unsigned bits = 0, n_bits = 0;

	*ret_error = bytes ? -EBADMSG : -ENOMEM;
	for (size_t i = 0; bytes && i < length; i++) {
		int value = digit_value(text[i]);

		if (value < 0) {
			free(bytes);
			return NULL;
		}
		bits = (bits << 6 | (unsigned)value) & 0xffff;
		n_bits += 6;
		if (n_bits >= 8) {
			n_bits -= 8;
			bytes[size++] = (char)(bits >> n_bits & 0xff);
		}
	}
	if (bytes)
		bytes[size] = '\0';
	*ret_size = size;
	return bytes;
}

/* The digest of the first `length` bytes of the manifest and the tail behind them. */
static int hash_payload(const char *manifest, size_t length, const char *tail, size_t tail_size,
                        struct digest *ret_digest)
{
	CLEANUP(free_string) char *payload = malloc(length + tail_size + 1);

	if (!payload)
		return -ENOMEM;
	memcpy(payload, manifest, length);
	memcpy(payload + length, tail, tail_size);
	return digest_compute(payload, length + tail_size, ret_digest);
}

int schema1_digest(const char *manifest, size_t size, struct digest *ret_digest)
{
	CLEANUP(free_string) char *protected = NULL;
	CLEANUP(free_string) char *header = NULL;
	CLEANUP(free_string) char *encoded_tail = NULL;
	CLEANUP(free_string) char *tail = NULL;
	size_t header_size, length, tail_size;
	int r;

	if (!memmem(manifest, size, "\"signatures\"", strlen("\"signatures\"")))
		return -EBADMSG;
	r = json_read_signature(manifest, size, &protected);
	if (r < 0)
		return r;
	header = decode(protected, &header_size, &r);
	if (!header)
		return r;
	r = json_read_format(header, header_size, &length, &encoded_tail);
	if (r < 0)
		return r;
	tail = decode(encoded_tail, &tail_size, &r);
	if (!tail)
		return r;
	if (length > size)
		return -EBADMSG;
	return hash_payload(manifest, length, tail, tail_size, ret_digest);
}
