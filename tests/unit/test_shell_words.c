/* Words of a command line. What is expected is what Python's shlex.split() answers. */
#include "base/shell_words.h"
#include "tests/unit/unit_test.h"

#include <stdlib.h>
#include <string.h>

/* The words, each between < and >. */
static void assert_words(const char *text, const char *expected)
{
	char joined[256] = "";
	char **words;

	assert_int_equal(shell_words_split(text, &words), SHELL_WORDS_FOUND);
	for (char **word = words; *word; word++) {
		strcat(joined, "<");
		strcat(joined, *word);
		strcat(joined, ">");
	}
	free(words);
	assert_string_equal(joined, expected);
}

static void assert_wrong(const char *text, enum shell_words_answer expected)
{
	char **words = NULL;

	assert_int_equal(shell_words_split(text, &words), expected);
	assert_null(words);
}

static void blanks_separate_words(void **state)
{
	(void)state;
	assert_words("a b", "<a><b>");
	assert_words(" \t a\r\nb\t\n ", "<a><b>");
	assert_words("a b c d e", "<a><b><c><d><e>");
	assert_words("", "");
	assert_words("  ", "");
}

static void quotes_keep_blanks(void **state)
{
	(void)state;
	assert_words("'a b' \"c d\"", "<a b><c d>");
	assert_words("a' b'\"c \"d", "<a bc d>");
	assert_words("'it\"s' \"it's\"", "<it\"s><it's>");
	assert_words("'' \"\" ''\"\"", "<><><>");
}

static void a_backslash_keeps_what_follows(void **state)
{
	(void)state;
	assert_words("a\\ b \\\" \\' \\\\ \\n", "<a b><\"><'><\\><n>");
	assert_words("\"a\\\"b \\\\ \\n \\'\"", "<a\"b \\ \\n \\'>");
	assert_words("'a\\' 'b\\n'", "<a\\><b\\n>");
}

static void nothing_is_expanded(void **state)
{
	(void)state;
	assert_words("~ $HOME `id` a;b | c > d & * #e a#b",
	             "<~><$HOME><`id`><a;b><|><c><>><d><&><*><#e><a#b>");
}

static void what_has_no_end_is_wrong(void **state)
{
	(void)state;
	assert_wrong("a 'b", SHELL_WORDS_OPEN_QUOTE);
	assert_wrong("\"a\\\"", SHELL_WORDS_OPEN_QUOTE);
	assert_wrong("a\\", SHELL_WORDS_NO_ESCAPED);
	assert_wrong("\"a\\", SHELL_WORDS_NO_ESCAPED);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(blanks_separate_words),
	        cmocka_unit_test(quotes_keep_blanks),
	        cmocka_unit_test(a_backslash_keeps_what_follows),
	        cmocka_unit_test(nothing_is_expanded),
	        cmocka_unit_test(what_has_no_end_is_wrong),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
