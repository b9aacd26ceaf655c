/* Content digests. */
#include "base/digest.h"
#include "tests/unit/unit_test.h"

#include <stdio.h>
#include <string.h>

#define EMPTY_HEX "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define ABC_HEX   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static void a_digest_is_the_sha256_of_the_bytes(void **state)
{
	struct digest digest;
	char text[DIGEST_TEXT_SIZE];

	(void)state;
	assert_int_equal(digest_compute("abc", 3, &digest), 0);
	digest_format(&digest, text);
	assert_string_equal(text, "sha256:" ABC_HEX);
}

static void no_bytes_have_a_digest(void **state)
{
	struct digest digest;
	char hex[DIGEST_HEX_SIZE];

	(void)state;
	assert_int_equal(digest_compute("", 0, &digest), 0);
	digest_format_hex(&digest, hex);
	assert_string_equal(hex, EMPTY_HEX);
	assert_int_equal(digest_compute(NULL, 0, &digest), 0);
	digest_format_hex(&digest, hex);
	assert_string_equal(hex, EMPTY_HEX);
}

static void its_text_can_be_read_again(void **state)
{
	struct digest digest, read;
	char text[DIGEST_TEXT_SIZE];

	(void)state;
	assert_int_equal(digest_compute("abc", 3, &digest), 0);
	digest_format(&digest, text);
	assert_true(digest_parse(text, &read));
	assert_true(digest_equal(&digest, &read));
	read.sha256[DIGEST_BYTES - 1] ^= 1;
	assert_false(digest_equal(&digest, &read));
}

static void other_text_is_not_a_digest(void **state)
{
	static const char *const bad[] = {
	        "",
	        "sha256:",
	        "sha256",
	        ABC_HEX,
	        "sha512:" ABC_HEX,
	        "SHA256:" ABC_HEX,
	        "sha256:" ABC_HEX "0",
	        "sha256:" ABC_HEX "\n",
	        " sha256:" ABC_HEX,
	        "sha256:BA7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	        "sha256:ga7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	        "sha256:a7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	};
	struct digest digest = {.sha256 = {42}};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(digest_parse(bad[i], &digest));
	assert_int_equal(digest.sha256[0], 42);
}

/* Names of files that the AWS CLI made. */
static void a_text_has_a_sha1(void **state)
{
	char hex[DIGEST_SHA1_HEX_SIZE];

	(void)state;
	assert_int_equal(digest_sha1_hex("my-sso", hex), 0);
	assert_string_equal(hex, "0ad374308c5a4e22f723adf10145eafad7c4031c");
	assert_int_equal(digest_sha1_hex("https://d-123.awsapps.com/start", hex), 0);
	assert_string_equal(hex, "2b829a45f04c9828cb45b7d092d8e4aa30818393");
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_digest_is_the_sha256_of_the_bytes),
	        cmocka_unit_test(no_bytes_have_a_digest),
	        cmocka_unit_test(its_text_can_be_read_again),
	        cmocka_unit_test(other_text_is_not_a_digest),
	        cmocka_unit_test(a_text_has_a_sha1),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
