/* Proofs of a key, checked as a server would. */
#include "ecr/dpop.h"
#include "base/cleanup.h"
#include "ecr/json_fields.h"
#include "tests/unit/ec_key.h"
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <stdlib.h>
#include <string.h>

#define URL "https://eu-west-1.signin.aws.amazon.com/v1/token"

/* Bytes of base64url without padding. Answers how many. */
static size_t decode(const char *text, size_t length, unsigned char *bytes)
{
	CLEANUP(free_string) char *padded = calloc(1, length + 5);
	int n;

	memcpy(padded, text, length);
	assert_null(strpbrk(padded, "+/="));
	for (char *c = padded; *c; c++)
		*c = *c == '-' ? '+' : *c == '_' ? '/' : *c;
	while (strlen(padded) % 4)
		strcat(padded, "=");
	n = EVP_DecodeBlock(bytes, (unsigned char *)padded, (int)strlen(padded));
	assert_true(n >= 0);
	return (size_t)n - (strlen(padded) - length);
}

static struct json_fields *read_part(const char *text, size_t length)
{
	struct json_fields *fields;
	unsigned char bytes[1024];
	size_t size = decode(text, length, bytes);

	assert_int_equal(json_fields_read((char *)bytes, size, &fields), 0);
	return fields;
}

/* The public key that the header names. */
static EVP_PKEY *public_key(const struct json_fields *header)
{
	unsigned char point[1 + 2 * 32 + 3] = {POINT_CONVERSION_UNCOMPRESSED};
	const char *x = json_fields_text(header, "jwk.x"), *y = json_fields_text(header, "jwk.y");
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;
	OSSL_PARAM parameters[3];

	assert_int_equal(decode(x, strlen(x), point + 1), 32);
	assert_int_equal(decode(y, strlen(y), point + 33), 32);
	parameters[0] = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
	parameters[1] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, 65);
	parameters[2] = OSSL_PARAM_construct_end();
	assert_int_equal(EVP_PKEY_fromdata_init(context), 1);
	assert_int_equal(EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters), 1);
	EVP_PKEY_CTX_free(context);
	return key;
}

static void assert_signed(EVP_PKEY *key, const char *text, size_t size, const char *signature)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	ECDSA_SIG *numbers = ECDSA_SIG_new();
	unsigned char raw[80], *der = NULL;
	int der_size;

	assert_int_equal(decode(signature, strlen(signature), raw), 64);
	ECDSA_SIG_set0(numbers, BN_bin2bn(raw, 32, NULL), BN_bin2bn(raw + 32, 32, NULL));
	der_size = i2d_ECDSA_SIG(numbers, &der);
	assert_int_equal(EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key), 1);
	assert_int_equal(
	        EVP_DigestVerify(context, der, (size_t)der_size, (const unsigned char *)text, size),
	        1);
	OPENSSL_free(der);
	ECDSA_SIG_free(numbers);
	EVP_MD_CTX_free(context);
}

static void check_proof(const char *pem)
{
	CLEANUP(free_string) char *proof = NULL;
	struct json_fields *header, *claims;
	const char *first, *second;
	EVP_PKEY *key;
	double number;

	assert_int_equal(dpop_prove(pem, "POST", URL, 1767323045, &proof), 0);
	first = strchr(proof, '.');
	second = strchr(first + 1, '.');
	header = read_part(proof, (size_t)(first - proof));
	claims = read_part(first + 1, (size_t)(second - first - 1));
	assert_string_equal(json_fields_text(header, "typ"), "dpop+jwt");
	assert_string_equal(json_fields_text(header, "alg"), "ES256");
	assert_string_equal(json_fields_text(header, "jwk.kty"), "EC");
	assert_string_equal(json_fields_text(header, "jwk.crv"), "P-256");
	assert_false(json_fields_has(header, "jwk.d"));
	assert_string_equal(json_fields_text(claims, "htm"), "POST");
	assert_string_equal(json_fields_text(claims, "htu"), URL);
	assert_true(json_fields_number(claims, "iat", &number) && number == 1767323045);
	assert_true(strlen(json_fields_text(claims, "jti")) >= 20);
	key = public_key(header);
	assert_signed(key, proof, (size_t)(second - proof), second + 1);
	EVP_PKEY_free(key);
	json_fields_free(header);
	json_fields_free(claims);
}

/* Often enough that numbers with leading zeros are among them. */
static void proofs_are_what_a_server_checks(void **state)
{
	(void)state;
	for (int i = 0; i < 400; i++) {
		CLEANUP(free_string) char *pem = ec_key_pem("P-256", i % 2);

		check_proof(pem);
	}
}

static void no_two_proofs_are_the_same(void **state)
{
	CLEANUP(free_string) char *pem = ec_key_pem("P-256", false);
	CLEANUP(free_string) char *one = NULL;
	CLEANUP(free_string) char *other = NULL;

	(void)state;
	assert_int_equal(dpop_prove(pem, "POST", URL, 1, &one), 0);
	assert_int_equal(dpop_prove(pem, "POST", URL, 1, &other), 0);
	assert_string_not_equal(one, other);
}

static void a_key_that_is_none_is_refused(void **state)
{
	CLEANUP(free_string) char *other_curve = ec_key_pem("P-384", false);
	char *proof = NULL;

	(void)state;
	assert_int_equal(dpop_prove(other_curve, "POST", URL, 1, &proof), -EBADMSG);
	assert_int_equal(dpop_prove("", "POST", URL, 1, &proof), -EBADMSG);
	assert_int_equal(
	        dpop_prove("-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n", "POST",
	                   URL, 1, &proof),
	        -EBADMSG);
	assert_null(proof);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(proofs_are_what_a_server_checks),
	        cmocka_unit_test(no_two_proofs_are_the_same),
	        cmocka_unit_test(a_key_that_is_none_is_refused),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
