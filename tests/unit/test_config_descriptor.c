/* What a manifest says of its configuration. */
#include "ecr/config_descriptor.h"
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define HEX    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define DIGEST "\"digest\":\"sha256:" HEX "\""

static int read_text(const char *text, struct config_descriptor *ret_descriptor)
{
	return config_descriptor_read(text, strlen(text), ret_descriptor);
}

static void digest_and_size_are_read(void **state)
{
	struct config_descriptor descriptor;
	char text[DIGEST_TEXT_SIZE];

	(void)state;
	assert_int_equal(
	        read_text("{\"layers\":[],\"config\":{" DIGEST ",\"size\":7023}}", &descriptor), 0);
	digest_format(&descriptor.digest, text);
	assert_string_equal(text, "sha256:" HEX);
	assert_int_equal(descriptor.size_bytes, 7023);
	assert_int_equal(
	        read_text("{\"config\":{" DIGEST ",\"size\":9007199254740992}}", &descriptor), 0);
	assert_true(descriptor.size_bytes == 1ULL << 53);
}

static void a_manifest_may_name_none(void **state)
{
	static const char *const without[] = {
	        "",
	        "no json",
	        "[]",
	        "{}",
	        "{\"config\":null}",
	        "{\"config\":{\"size\":1}}",
	        "{\"Config\":{" DIGEST ",\"size\":1}}",
	};
	struct config_descriptor descriptor;

	(void)state;
	for (size_t i = 0; i < sizeof(without) / sizeof(without[0]); i++)
		assert_int_equal(read_text(without[i], &descriptor), -ENOENT);
}

static void one_that_cannot_be_is_an_error(void **state)
{
	static const char *const wrong[] = {
	        "{\"config\":{\"digest\":\"sha512:" HEX "\",\"size\":1}}",
	        "{\"config\":{\"digest\":\"sha256:AA\",\"size\":1}}",
	        "{\"config\":{" DIGEST "}}",
	        "{\"config\":{" DIGEST ",\"size\":\"1\"}}",
	        "{\"config\":{" DIGEST ",\"size\":-1}}",
	        "{\"config\":{" DIGEST ",\"size\":1.5}}",
	        "{\"config\":{" DIGEST ",\"size\":1e300}}",
	};
	struct config_descriptor descriptor;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(read_text(wrong[i], &descriptor), -EBADMSG);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(digest_and_size_are_read),
	        cmocka_unit_test(a_manifest_may_name_none),
	        cmocka_unit_test(one_that_cannot_be_is_an_error),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
