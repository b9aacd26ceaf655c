/* base64url(header) "." base64url(claims) "." base64url(r || s) */
#include "ecr/dpop.h"
#include "base/cleanup.h"

#include <errno.h>
#include <inttypes.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COORDINATE_BYTES 32
#define ID_BYTES         16

static void free_key(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

static void free_number(BIGNUM **number)
{
	BN_free(*number);
}

/* The text without padding, of heap; NULL when out of memory. */
static char *encode(const void *data, size_t size)
{
	char *text = malloc(4 * ((size + 2) / 3) + 1);
	char *end;

	if (!text)
		return NULL;
	EVP_EncodeBlock((unsigned char *)text, data, (int)size);
	for (end = text; *end && *end != '='; end++) {
		if (*end == '+')
			*end = '-';
		else if (*end == '/')
			*end = '_';
	}
	*end = '\0';
	return text;
}

static EVP_PKEY *read_key(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	/* With a passphrase of nothing, nobody is asked for one. */
	EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, (void *)"") : NULL;
	char curve[32];

	BIO_free(bio);
	if (key &&
	    EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, curve, sizeof(curve),
	                                   NULL) &&
	    strcmp(curve, "prime256v1") == 0)
		return key;
	EVP_PKEY_free(key);
	return NULL;
}

/* One of the two numbers of the public key. Answers NULL when anything fails. */
static char *encode_coordinate(const EVP_PKEY *key, const char *name)
{
	CLEANUP(free_number) BIGNUM *number = NULL;
	unsigned char bytes[COORDINATE_BYTES];

	if (!EVP_PKEY_get_bn_param(key, name, &number) ||
	    BN_bn2binpad(number, bytes, sizeof(bytes)) < 0)
		return NULL;
	return encode(bytes, sizeof(bytes));
}

static char *encode_header(const EVP_PKEY *key)
{
	CLEANUP(free_string) char *x = encode_coordinate(key, OSSL_PKEY_PARAM_EC_PUB_X);
	CLEANUP(free_string) char *y = encode_coordinate(key, OSSL_PKEY_PARAM_EC_PUB_Y);
	CLEANUP(free_string) char *text = NULL;

	if (!x || !y ||
	    asprintf(&text,
	             "{\"typ\":\"dpop+jwt\",\"alg\":\"ES256\",\"jwk\":{\"kty\":\"EC\","
	             "\"x\":\"%s\",\"y\":\"%s\",\"crv\":\"P-256\"}}",
	             x, y) < 0) {
		text = NULL;
		return NULL;
	}
	return encode(text, strlen(text));
}

/* The URL is one of ours: it needs no escapes. */
static char *encode_claims(const char *method, const char *url, int64_t now_s)
{
	CLEANUP(free_string) char *id = NULL;
	CLEANUP(free_string) char *text = NULL;
	unsigned char chance[ID_BYTES];

	if (RAND_bytes(chance, sizeof(chance)) != 1)
		return NULL;
	id = encode(chance, sizeof(chance));
	if (!id ||
	    asprintf(&text, "{\"jti\":\"%s\",\"htm\":\"%s\",\"htu\":\"%s\",\"iat\":%" PRId64 "}",
	             id, method, url, now_s) < 0) {
		text = NULL;
		return NULL;
	}
	return encode(text, strlen(text));
}

/* OpenSSL signs in DER; a token wants the two numbers alone. */
static char *encode_signature(const unsigned char *der, size_t size)
{
	ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &der, (long)size);
	unsigned char bytes[2 * COORDINATE_BYTES];
	char *text = NULL;

	if (signature && BN_bn2binpad(ECDSA_SIG_get0_r(signature), bytes, COORDINATE_BYTES) >= 0 &&
	    BN_bn2binpad(ECDSA_SIG_get0_s(signature), bytes + COORDINATE_BYTES, COORDINATE_BYTES) >=
	            0)
		text = encode(bytes, sizeof(bytes));
	ECDSA_SIG_free(signature);
	return text;
}

static char *sign(EVP_PKEY *key, const char *text)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char der[128];
	size_t size = sizeof(der);
	char *signature = NULL;

	if (context && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
	    EVP_DigestSign(context, der, &size, (const unsigned char *)text, strlen(text)) == 1)
		signature = encode_signature(der, size);
	EVP_MD_CTX_free(context);
	return signature;
}

int dpop_prove(const char *key_pem, const char *method, const char *url, int64_t now_s,
               char **ret_proof)
{
	CLEANUP(free_key) EVP_PKEY *key = read_key(key_pem);
	CLEANUP(free_string) char *header = NULL;
	CLEANUP(free_string) char *claims = NULL;
	CLEANUP(free_string) char *text = NULL;
	CLEANUP(free_string) char *signature = NULL;

	if (!key)
		return -EBADMSG;
	header = encode_header(key);
	claims = encode_claims(method, url, now_s);
	if (!header || !claims)
		return -EIO;
	if (asprintf(&text, "%s.%s", header, claims) < 0) {
		text = NULL;
		return -ENOMEM;
	}
	signature = sign(key, text);
	if (!signature)
		return -EIO;
	return asprintf(ret_proof, "%s.%s", text, signature) < 0 ? -ENOMEM : 0;
}
