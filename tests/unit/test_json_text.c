/* JSON that has to be repaired before it is parsed. */
#include "ecr/json_text.h"
#include "base/cleanup.h"
#include "tests/unit/unit_test.h"

#include <string.h>

static void assert_repaired(const char *text, const char *expected)
{
	CLEANUP(free_string) char *copy = strdup(text);

	json_text_repair(copy, strlen(copy));
	assert_string_equal(copy, expected);
}

static void sound_json_stays_as_it_is(void **state)
{
	static const char text[] =
	        "{\"a\":[1,-2.5e+10,true,null],\"b\\\\u0000\":\"\\\"\\u00e9\\/\"}";

	(void)state;
	assert_repaired(text, text);
	assert_repaired("\"\\ud83d\\ude00\"", "\"\\ud83d\\ude00\"");
}

static void half_a_surrogate_pair_is_replaced(void **state)
{
	(void)state;
	assert_repaired("\"\\ud800\"", "\"\\ufffd\"");
	assert_repaired("\"\\uDFFFx\"", "\"\\ufffdx\"");
	assert_repaired("\"\\ud800\\u0041\"", "\"\\ufffd\\u0041\"");
	assert_repaired("\"\\ud800\\ud800\\udc00\"", "\"\\ufffd\\ud800\\udc00\"");
	assert_repaired("\"\\\\ud800\"", "\"\\\\ud800\"");
}

static void a_nul_is_replaced(void **state)
{
	char raw[] = {'"', 'a', '\0', 'b', '"', '\0'};

	(void)state;
	assert_repaired("\"a\\u0000b\"", "\"a\\u0001b\"");
	assert_true(json_text_has_nul(raw, 5));
	json_text_repair(raw, 5);
	assert_string_equal(raw, "\"a\1b\"");
	assert_true(json_text_has_nul("\"\\u0000\"", 8));
	assert_false(json_text_has_nul("\"\\u0001\"", 8));
}

static void a_number_without_end_is_nothing(void **state)
{
	char text[120] = "[", expected[120] = "[0";

	(void)state;
	memset(text + 1, '9', 100);
	strcpy(text + 101, ",7]");
	memset(expected + 2, ' ', 99);
	strcpy(expected + 101, ",7]");
	assert_repaired(text, expected);
}

static void what_is_nested_too_deeply_is_nothing(void **state)
{
	char text[3000], expected[3000];
	size_t n = 0;

	(void)state;
	memset(text, '[', 600);
	n = 600;
	n += (size_t)sprintf(text + n, "{\"a]\":\"\\\"\"}");
	memset(text + n, ']', 600);
	n += 600;
	strcpy(text + n, ",7");
	memcpy(expected, text, sizeof(text));
	memset(expected + 500, ' ', n - 1000);
	expected[500] = '0';
	assert_repaired(text, expected);
}

static void text_that_ends_early_is_read_to_its_end_only(void **state)
{
	static const char *const texts[] = {
	        "",        "\"",        "\"\\",        "\"\\u",
	        "\"\\ud8", "\"\\ud800", "\"\\ud800\\", "\"\\ud800\\udc",
	        "[",       "]]]",       "1",           "-",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		size_t size = strlen(texts[i]);
		CLEANUP(free_string) char *exact = malloc(size + !size);

		memcpy(exact, texts[i], size);
		json_text_repair(exact, size); /* the sanitizer watches */
	}
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(sound_json_stays_as_it_is),
	        cmocka_unit_test(half_a_surrogate_pair_is_replaced),
	        cmocka_unit_test(a_nul_is_replaced),
	        cmocka_unit_test(a_number_without_end_is_nothing),
	        cmocka_unit_test(what_is_nested_too_deeply_is_nothing),
	        cmocka_unit_test(text_that_ends_early_is_read_to_its_end_only),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
