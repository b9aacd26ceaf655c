/* One line of /proc/self/mountinfo. */
#include "fs/mountinfo.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* The kernel writes blanks, newlines, backslashes and '#' as a backslash and three octal digits. */
static const char *unescape(char *text)
{
	char *out = text;

	for (const char *in = text; *in; out++) {
		if (in[0] == '\\' && is_octal(in[1]) && is_octal(in[2]) && is_octal(in[3])) {
			*out = (char)((in[1] - '0') << 6 | (in[2] - '0') << 3 | (in[3] - '0'));
			in += 4;
		} else {
			*out = *in++;
		}
	}
	*out = '\0';
	return text;
}

static bool parse_id(const char *text, int *ret_id)
{
	char *end;
	long id = strtol(text, &end, 10);

	if (end == text || *end || id < 0 || id > INT_MAX)
		return false;
	*ret_id = (int)id;
	return true;
}

/* Takes fields off `rest` up to the lone hyphen behind the optional ones. */
static bool skip_to_hyphen(char **rest)
{
	const char *field;

	do
		field = strsep(rest, " ");
	while (field && strcmp(field, "-") != 0);
	return field;
}

/* 36 35 98:0 /root /mount\040point rw,noatime master:1 - type source rw,errors=continue */
bool mountinfo_parse(char *line, struct mountinfo *ret_info)
{
	char *rest = line, *fields[5], *type, *source;
	int id;

	line[strcspn(line, "\n")] = '\0';
	for (int i = 0; i < 5; i++)
		fields[i] = strsep(&rest, " ");
	if (!rest || !parse_id(fields[0], &id) || !skip_to_hyphen(&rest))
		return false;
	type = strsep(&rest, " ");
	source = strsep(&rest, " ");
	if (!source)
		return false;
	*ret_info = (struct mountinfo){
	        .id = id,
	        .point = unescape(fields[4]),
	        .type = unescape(type),
	        .source = unescape(source),
	};
	return true;
}
