/* By OpenSSL. */
#include "tests/unit/ec_key.h"
#include "tests/unit/unit_test.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

char *ec_key_pem(const char *curve, bool traditional)
{
	EVP_PKEY *key = EVP_EC_gen(curve);
	BIO *bio = BIO_new(BIO_s_mem());
	char *text, *copy;
	long size;

	assert_non_null(key);
	assert_true(traditional ? PEM_write_bio_PrivateKey_traditional(bio, key, NULL, NULL, 0,
	                                                               NULL, NULL)
	                        : PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL));
	size = BIO_get_mem_data(bio, &text);
	copy = strndup(text, (size_t)size);
	BIO_free(bio);
	EVP_PKEY_free(key);
	return copy;
}
