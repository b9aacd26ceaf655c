/* Forms, and single texts out of answers, whose shape does not matter. */
#include "ecr/query.h"
#include "ecr/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* SigV4: all but the unreserved characters of RFC 3986 is encoded, a blank as %20. */
static char *append_encoded(char *end, const char *text)
{
	static const char digits[] = "0123456789ABCDEF";
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                            "0123456789-._~";

	for (; *text; text++) {
		if (strchr(plain, *text)) {
			*end++ = *text;
		} else {
			*end++ = '%';
			*end++ = digits[(unsigned char)*text >> 4];
			*end++ = digits[(unsigned char)*text & 15];
		}
	}
	return end;
}

char *query_form(const struct query_parameter *parameters, size_t n)
{
	size_t size = 1;
	char *form, *end;

	for (size_t i = 0; i < n; i++)
		if (parameters[i].value)
			size += strlen("&=") + strlen(parameters[i].name) +
			        3 * strlen(parameters[i].value);
	form = end = malloc(size);
	if (!form)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		if (!parameters[i].value)
			continue;
		if (end != form)
			*end++ = '&';
		end = stpcpy(end, parameters[i].name);
		*end++ = '=';
		end = append_encoded(end, parameters[i].value);
	}
	*end = '\0';
	return form;
}

char *query_get_caller_identity(void)
{
	return strdup("Action=GetCallerIdentity&Version=2011-06-15");
}

struct entity {
	const char *name;
	char character;
};

static const struct entity entities[] = {
        {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''},
};

/* A reference by number to an ASCII character. Answers its length, 0 when it is none. */
static size_t decode_number(const char *text, const char *end, char *ret_character)
{
	bool hex = end - text > 3 && text[2] == 'x';
	const char *digits = text + (hex ? 3 : 2);
	const char *semicolon = memchr(text, ';', (size_t)(end - text));
	unsigned long number;
	char *rest;

	if (!semicolon || semicolon == digits || semicolon - digits > 8)
		return 0;
	number = strtoul(digits, &rest, hex ? 16 : 10);
	if (rest != semicolon || number < ' ' || number > '~')
		return 0;
	*ret_character = (char)number;
	return (size_t)(semicolon + 1 - text);
}

/* What stands at `text`: a character, or a reference to one. Answers its length. */
static size_t decode_character(const char *text, const char *end, char *ret_character)
{
	size_t length = 0;

	for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
		length = strlen(entities[i].name);
		if ((size_t)(end - text) >= length && memcmp(text, entities[i].name, length) == 0) {
			*ret_character = entities[i].character;
			return length;
		}
	}
	if (end - text > 2 && text[0] == '&' && text[1] == '#')
		length = decode_number(text, end, ret_character);
	else
		length = 0;
	if (!length) {
		*ret_character = *text;
		length = 1;
	}
	return length;
}

static void decode(const char *text, const char *end, char *ret_text, size_t text_size)
{
	size_t n = 0;

	while (text < end && n + 1 < text_size)
		text += decode_character(text, end, &ret_text[n++]);
	ret_text[n] = '\0';
}

static bool read_xml(const char *answer, size_t size, const char *name, char *ret_text,
                     size_t text_size)
{
	char tag[64];
	const char *start, *end;
	int length = snprintf(tag, sizeof(tag), "<%s>", name);

	start = memmem(answer, size, tag, (size_t)length);
	if (!start)
		return false;
	start += length;
	end = memchr(start, '<', size - (size_t)(start - answer));
	if (!end)
		return false;
	decode(start, end, ret_text, text_size);
	return true;
}

bool query_read_text(const char *answer, size_t size, const char *name, char *ret_text,
                     size_t text_size)
{
	ret_text[0] = '\0';
	if (size && answer[0] == '{')
		return json_find_text(answer, size, name, ret_text, text_size);
	return read_xml(answer, size, name, ret_text, text_size);
}
