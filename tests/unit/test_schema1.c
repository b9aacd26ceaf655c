/* The payload of signed manifests of schema 1, as another program signs them. */
#include "ecr/schema1.h"
#include "base/cleanup.h"
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <string.h>

#define MANIFEST_SIZE 100000

struct signed_manifest {
	struct digest payload;
	size_t size;
	char text[MANIFEST_SIZE];
};

static struct signed_manifest manifest;

static int set_up(void **state)
{
	FILE *stream = popen("/usr/bin/python3 " SOURCE_DIR "/sign_schema1.py 40", "r");
	char line[128];

	(void)state;
	assert_non_null(stream);
	assert_non_null(fgets(line, sizeof(line), stream));
	line[strcspn(line, "\n")] = '\0';
	assert_true(digest_parse(line, &manifest.payload));
	manifest.size = fread(manifest.text, 1, sizeof(manifest.text) - 1, stream);
	manifest.text[manifest.size] = '\0';
	assert_int_equal(pclose(stream), 0);
	return 0;
}

static void assert_digest(const char *text, size_t size, const struct digest *expected)
{
	struct digest digest;

	assert_int_equal(schema1_digest(text, size, &digest), 0);
	assert_true(digest_equal(&digest, expected));
}

static void the_payload_is_what_was_signed(void **state)
{
	struct digest bytes;

	(void)state;
	assert_digest(manifest.text, manifest.size, &manifest.payload);
	assert_int_equal(digest_compute(manifest.text, manifest.size, &bytes), 0);
	assert_false(digest_equal(&bytes, &manifest.payload));
}

static void another_byte_in_the_payload_is_another_digest(void **state)
{
	char *name = strstr(manifest.text, "library");
	struct digest digest;

	(void)state;
	assert_non_null(name);
	name[0] ^= 1; /* still JSON */
	assert_int_equal(schema1_digest(manifest.text, manifest.size, &digest), 0);
	assert_false(digest_equal(&digest, &manifest.payload));
}

/* {"a":1} and a newline before its brace, signed; the header has a formatTail with padding. */
static void padding_does_not_matter(void **state)
{
	static const char padded[] =
	        "{\"a\":1,\"signatures\":[{\"protected\":"
	        "\"eyJmb3JtYXRMZW5ndGgiOjYsImZvcm1hdFRhaWwiOiJDbjA9In0=\"}]\n}";
	struct digest expected;

	(void)state;
	assert_int_equal(digest_compute("{\"a\":1\n}", 8, &expected), 0);
	assert_digest(padded, sizeof(padded) - 1, &expected);
}

static void assert_malformed(const char *text)
{
	struct digest digest;

	assert_int_equal(schema1_digest(text, strlen(text), &digest), -EBADMSG);
}

static void what_is_not_signed_has_no_payload(void **state)
{
	(void)state;
	assert_malformed("");
	assert_malformed("{}");
	assert_malformed("{\"schemaVersion\":2}");
	assert_malformed("\"signatures\"");
	assert_malformed("{\"signatures\":{}}");
	assert_malformed("{\"signatures\":[]}");
	assert_malformed("{\"signatures\":[{}]}");
	assert_malformed("{\"signatures\":[{\"protected\":7}]}");
}

/* Headers in base64url of: nothing, no JSON, {"formatTail":"Cn0"}, {"formatLength":6},
 * {"formatLength":-6,"formatTail":"Cn0"}, {"formatLength":999999999,"formatTail":"Cn0"},
 * {"formatLength":1e300,"formatTail":"Cn0"}, {"formatLength":6,"formatTail":"C n"}. */
static void a_header_that_makes_no_sense_has_no_payload(void **state)
{
	static const char *const headers[] = {
	        "",
	        "!!!",
	        "AAAA",
	        "e30",
	        "eyJmb3JtYXRUYWlsIjoiQ24wIn0",
	        "eyJmb3JtYXRMZW5ndGgiOjZ9",
	        "eyJmb3JtYXRMZW5ndGgiOi02LCJmb3JtYXRUYWlsIjoiQ24wIn0",
	        "eyJmb3JtYXRMZW5ndGgiOjk5OTk5OTk5OSwiZm9ybWF0VGFpbCI6IkNuMCJ9",
	        "eyJmb3JtYXRMZW5ndGgiOjFlMzAwLCJmb3JtYXRUYWlsIjoiQ24wIn0",
	        "eyJmb3JtYXRMZW5ndGgiOjYsImZvcm1hdFRhaWwiOiJDIG4ifQ",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		CLEANUP(free_string) char *text = NULL;

		assert_true(asprintf(&text, "{\"a\":1,\"signatures\":[{\"protected\":\"%s\"}]\n}",
		                     headers[i]) > 0);
		assert_malformed(text);
	}
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(the_payload_is_what_was_signed, set_up),
	        cmocka_unit_test_setup(another_byte_in_the_payload_is_another_digest, set_up),
	        cmocka_unit_test(padding_does_not_matter),
	        cmocka_unit_test(what_is_not_signed_has_no_payload),
	        cmocka_unit_test(a_header_that_makes_no_sense_has_no_payload),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
