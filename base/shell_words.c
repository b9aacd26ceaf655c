/* The words are stored behind the pointers to them. */
#include "base/shell_words.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct splitter {
	const char *next;
	char *end;           /* of what is stored */
	bool has_no_escaped; /* the text ends with a backslash */
};

static void store(struct splitter *splitter, char character)
{
	*splitter->end++ = character;
}

/* After the backslash. */
static void take_escaped(struct splitter *splitter)
{
	if (*splitter->next)
		store(splitter, *splitter->next++);
	else
		splitter->has_no_escaped = true;
}

/* After the opening mark. Answers whether there was a closing one. */
static bool take_quoted(struct splitter *splitter, char mark)
{
	while (*splitter->next && *splitter->next != mark) {
		char character = *splitter->next++;

		if (character != '\\' || mark == '\'')
			store(splitter, character);
		else if (*splitter->next && !strchr("\"\\", *splitter->next))
			store(splitter, character);
		else
			take_escaped(splitter);
	}
	if (!*splitter->next)
		return false;
	splitter->next++;
	return true;
}

static bool is_blank(char character)
{
	return character && strchr(" \t\r\n", character);
}

static enum shell_words_answer take_word(struct splitter *splitter)
{
	while (*splitter->next && !is_blank(*splitter->next)) {
		char character = *splitter->next++;

		if (character == '\\')
			take_escaped(splitter);
		else if (character != '\'' && character != '"')
			store(splitter, character);
		else if (!take_quoted(splitter, character))
			return splitter->has_no_escaped ? SHELL_WORDS_NO_ESCAPED
			                                : SHELL_WORDS_OPEN_QUOTE;
		if (splitter->has_no_escaped)
			return SHELL_WORDS_NO_ESCAPED;
	}
	store(splitter, '\0');
	return SHELL_WORDS_FOUND;
}

enum shell_words_answer shell_words_split(const char *text, char ***ret_words)
{
	/* A word takes a character and a blank, the last one no blank. */
	size_t size = strlen(text), n = 0, max = size / 2 + 1;
	char **words = calloc(1, (max + 1) * sizeof(words[0]) + size + 1);
	struct splitter splitter = {.next = text};

	if (!words)
		return SHELL_WORDS_NO_MEMORY;
	splitter.end = (char *)(words + max + 1);
	for (;;) {
		enum shell_words_answer answer;

		while (is_blank(*splitter.next))
			splitter.next++;
		if (!*splitter.next)
			break;
		words[n++] = splitter.end;
		answer = take_word(&splitter);
		if (answer != SHELL_WORDS_FOUND) {
			free(words);
			return answer;
		}
	}
	*ret_words = words;
	return SHELL_WORDS_FOUND;
}
