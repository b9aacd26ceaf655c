/* The AWS query protocol. */
#include "ecr/query.h"
#include "tests/unit/unit_test.h"

#include <stdlib.h>
#include <string.h>

static void assert_text(const char *answer, const char *name, const char *expected)
{
	char text[64] = "untouched";

	assert_int_equal(query_read_text(answer, strlen(answer), name, text, sizeof(text)),
	                 expected != NULL);
	assert_string_equal(text, expected ? expected : "");
}

static void a_question_names_action_and_version(void **state)
{
	char *body = query_get_caller_identity();

	(void)state;
	assert_string_equal(body, "Action=GetCallerIdentity&Version=2011-06-15");
	free(body);
}

static void values_are_encoded(void **state)
{
	const struct query_parameter parameters[] = {
	        {"A", "arn:aws:iam::1:role/r"},
	        {"B", NULL},
	        {"C", "a b~-_.&=%+\xc3\xbc"},
	};
	char *form = query_form(parameters, 3);

	(void)state;
	assert_string_equal(form, "A=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr&"
	                          "C=a%20b~-_.%26%3D%25%2B%C3%BC");
	free(form);
}

static void xml_is_read(void **state)
{
	(void)state;
	assert_text(
	        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
	        "<GetCallerIdentityResult><Arn>arn</Arn><UserId>AIDA</UserId>"
	        "<Account>012345678910</Account></GetCallerIdentityResult>"
	        "</GetCallerIdentityResponse>",
	        "Account", "012345678910");
}

static void json_is_read(void **state)
{
	(void)state;
	assert_text("{\"GetCallerIdentityResponse\":{\"GetCallerIdentityResult\":"
	            "{\"Arn\":\"arn\",\"Account\":\"012345678910\"}}}",
	            "Account", "012345678910");
	assert_text("{\"Error\":{\"Code\":\"AccessDenied\"},\"RequestId\":\"x\"}", "Code",
	            "AccessDenied");
}

static void references_are_decoded(void **state)
{
	(void)state;
	assert_text("<M>&lt;a&gt; &amp;amp; &quot;&apos;&#65;&#x42;</M>", "M", "<a> &amp; \"'AB");
	assert_text("<M>&unknown; &#0; &#x1f600; &#; &# &</M>", "M",
	            "&unknown; &#0; &#x1f600; &#; &# &");
}

static void what_is_not_there_is_not_read(void **state)
{
	static const char *const answers[] = {
	        "",
	        "{}",
	        "[]",
	        "{",
	        "<html>",
	        "<A><B>1</B></A>",
	        "<Account>unfinished",
	        "<Account>",
	        "{\"Account\":12}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		assert_text(answers[i], "Account", NULL);
}

static void a_long_text_is_cut(void **state)
{
	char text[4];

	(void)state;
	assert_true(query_read_text("<A>12345</A>", 12, "A", text, sizeof(text)));
	assert_string_equal(text, "123");
	assert_true(query_read_text("{\"A\":\"12345\"}", 13, "A", text, sizeof(text)));
	assert_string_equal(text, "123");
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_question_names_action_and_version),
	        cmocka_unit_test(values_are_encoded),
	        cmocka_unit_test(xml_is_read),
	        cmocka_unit_test(json_is_read),
	        cmocka_unit_test(references_are_decoded),
	        cmocka_unit_test(what_is_not_there_is_not_read),
	        cmocka_unit_test(a_long_text_is_cut),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
