/* One pass over the text, which knows strings, numbers and brackets. */
#include "ecr/json_text.h"

#include <stdlib.h>
#include <string.h>

/* cJSON refuses more than 1,000; ECR's answers have fewer than ten. */
#define MAX_DEPTH 500

/* cJSON reads the first 63 characters of a number, and the rest as if it were something else. */
#define MAX_NUMBER 60

#define ESCAPE_LENGTH strlen("\\u0000")

bool json_text_has_nul(const char *text, size_t size)
{
	return memchr(text, '\0', size) || memmem(text, size, "\\u0000", ESCAPE_LENGTH);
}

/* The code unit of the escape \uXXXX at `at`, or -1. */
static long escaped_unit(const char *at, const char *end)
{
	char digits[5] = "";

	if ((size_t)(end - at) < ESCAPE_LENGTH || at[0] != '\\' || at[1] != 'u')
		return -1;
	memcpy(digits, at + 2, 4);
	return strspn(digits, "0123456789abcdefABCDEF") == 4 ? strtol(digits, NULL, 16) : -1;
}

static bool is_high_surrogate(long unit)
{
	return unit >= 0xd800 && unit < 0xdc00;
}

static bool is_low_surrogate(long unit)
{
	return unit >= 0xdc00 && unit < 0xe000;
}

/* The backslash at `at` and what belongs to it. Answers what follows. */
static char *repair_escape(char *at, const char *end)
{
	long unit = escaped_unit(at, end);

	if (unit < 0)
		return end - at > 1 ? at + 2 : at + 1;
	if (is_high_surrogate(unit) && is_low_surrogate(escaped_unit(at + ESCAPE_LENGTH, end)))
		return at + 2 * ESCAPE_LENGTH;
	if (is_high_surrogate(unit) || is_low_surrogate(unit))
		memcpy(at, "\\ufffd", ESCAPE_LENGTH);
	if (unit == 0)
		memcpy(at, "\\u0001", ESCAPE_LENGTH);
	return at + ESCAPE_LENGTH;
}

/* The string whose first quote is at `at`. Answers what follows. */
static char *repair_string(char *at, char *end)
{
	for (at++; at < end && *at != '"';) {
		if (*at == '\0')
			*at = '\1';
		at = *at == '\\' ? repair_escape(at, end) : at + 1;
	}
	return at < end ? at + 1 : end;
}

/* Writes 0 and blanks over a value. */
static void blank(char *value, const char *end)
{
	memset(value, ' ', (size_t)(end - value));
	*value = '0';
}

static char *repair_number(char *number, const char *end)
{
	char *at = number;

	while (at < end && *at && strchr("0123456789+-.eE", *at))
		at++;
	if (at - number > MAX_NUMBER)
		blank(number, at);
	return at == number ? at + 1 : at;
}

/* The list or object at `value`, whose bracket is not closed before its own end. */
static char *blank_nested(char *value, char *end)
{
	unsigned long depth = 0;
	char *at = value;

	do {
		if (*at == '"') {
			at = repair_string(at, end);
			continue;
		}
		if (*at == '[' || *at == '{')
			depth++;
		if (*at == ']' || *at == '}')
			depth--;
		at++;
	} while (at < end && depth);
	blank(value, at);
	return at;
}

void json_text_repair(char *text, size_t size)
{
	char *at = text, *end = text + size;
	unsigned depth = 0;

	while (at < end) {
		switch (*at) {
		case '"':
			at = repair_string(at, end);
			break;
		case '[':
		case '{':
			if (depth == MAX_DEPTH) {
				at = blank_nested(at, end);
			} else {
				depth++;
				at++;
			}
			break;
		case ']':
		case '}':
			depth -= depth > 0;
			at++;
			break;
		default:
			at = repair_number(at, end);
		}
	}
}
