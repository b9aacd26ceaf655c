/* The grammar of the AWS config and credentials files. Values may be secrets: the copy of the text
 * is wiped. */
#include "ecr/profile_file_inside.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct parser {
	struct profile_file *file;
	struct profile_section *section;   /* NULL before the first one and below a bad header */
	struct profile_property *property; /* what an indented line goes on with, or NULL */
	size_t indent;                     /* of the property's line */
	bool nested;                       /* the property has no value of its own */
	bool skipping;                     /* below a bad header, which was warned of */
	profile_warn_fn warn;
	void *arg;
	unsigned line;
};

static void warn_of(const struct parser *parser, const char *what)
{
	parser->warn(parser->arg, parser->line, what);
}

/* Cuts white space off both ends, in place. */
static char *trim(char *text)
{
	char *end;

	while (isspace((unsigned char)*text))
		text++;
	end = text + strlen(text);
	while (end > text && isspace((unsigned char)end[-1]))
		end--;
	*end = '\0';
	return text;
}

/* Cuts a comment off a value: it begins at a `#` or `;` that follows white space. */
static void cut_comment(char *value)
{
	for (char *c = value; *c; c++) {
		if (isspace((unsigned char)c[0]) && (c[1] == '#' || c[1] == ';')) {
			*c = '\0';
			return;
		}
	}
}

/* Takes quotes off that enclose a name, in place. */
static char *unquote(char *name)
{
	size_t length = strlen(name);

	if (length < 2 || (name[0] != '"' && name[0] != '\'') || name[length - 1] != name[0])
		return name;
	name[length - 1] = '\0';
	return name + 1;
}

/* Cuts the kind off a section's name where it has one. Answers the kind, static storage. */
static const char *cut_kind(char **name)
{
	static const char *const kinds[] = {"profile", "sso-session", "services"};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t length = strlen(kinds[i]);

		if (strncmp(*name, kinds[i], length) == 0 &&
		    isspace((unsigned char)(*name)[length])) {
			*name = unquote(trim(*name + length));
			return kinds[i];
		}
	}
	return "";
}

/* `[NAME]` or `[KIND NAME]`; what follows the bracket is a comment. */
static int parse_header(struct parser *parser, char *text)
{
	char *end = strchr(text, ']');
	const char *kind;
	char *name;

	parser->section = NULL;
	parser->property = NULL;
	parser->skipping = true;
	if (!end) {
		warn_of(parser, "the section's name is not closed by ']'");
		return 0;
	}
	*end = '\0';
	name = trim(text + 1);
	kind = cut_kind(&name);
	if (!*name) {
		warn_of(parser, "the section has no name");
		return 0;
	}
	parser->skipping = false;
	return profile_file_add(parser->file, kind, name, &parser->section);
}

/* Cuts `key = value` or `key: value` in two. Warns and answers false when it is not that. */
static bool cut_property(const struct parser *parser, char *text, char **ret_key, char **ret_value)
{
	char *separator = strpbrk(text, "=:");

	if (!separator) {
		warn_of(parser, "the line has no '='");
		return false;
	}
	if (separator == text) {
		warn_of(parser, "there is no key before the '='");
		return false;
	}
	*separator = '\0';
	*ret_key = trim(text);
	cut_comment(separator + 1);
	*ret_value = trim(separator + 1);
	return true;
}

static int parse_property(struct parser *parser, char *text, size_t indent)
{
	char *key, *value;

	parser->property = NULL;
	if (!parser->section) {
		if (!parser->skipping)
			warn_of(parser, "the line belongs to no section");
		return 0;
	}
	if (!cut_property(parser, text, &key, &value))
		return 0;
	parser->indent = indent;
	parser->nested = !*value;
	return profile_section_add(parser->section, NULL, key, value, &parser->property);
}

/* A line that is indented deeper than the property before it: a nested key where that has no value,
 * else more of the value. */
static int parse_continuation(struct parser *parser, char *text)
{
	struct profile_property *nested;
	char *key, *value;

	if (parser->nested) {
		if (!cut_property(parser, text, &key, &value))
			return 0;
		return profile_section_add(parser->section, parser->property, key, value, &nested);
	}
	return profile_property_extend(parser->property, text);
}

static int parse_line(struct parser *parser, char *line)
{
	char *text = trim(line);
	size_t indent = (size_t)(text - line);

	if (!*text || *text == '#' || *text == ';')
		return 0;
	if (parser->property && indent > parser->indent)
		return parse_continuation(parser, text);
	if (*text == '[')
		return parse_header(parser, text);
	return parse_property(parser, text, indent);
}

/* Parses text that it may change. Answers 0 or -ENOMEM. */
static int parse_text(struct parser *parser, char *text)
{
	static const char byte_order_mark[] = "\xef\xbb\xbf";
	char *line;
	int r = 0;

	if (strncmp(text, byte_order_mark, strlen(byte_order_mark)) == 0)
		text += strlen(byte_order_mark);
	while (r == 0 && (line = strsep(&text, "\n"))) {
		parser->line++;
		r = parse_line(parser, line);
	}
	return r;
}

struct profile_file *profile_file_parse(const char *text, size_t size, profile_warn_fn warn,
                                        void *arg)
{
	struct parser parser = {.warn = warn, .arg = arg};
	char *copy = malloc(size + 1);
	int r;

	parser.file = calloc(1, sizeof(*parser.file));
	if (!copy || !parser.file) {
		free(copy);
		free(parser.file);
		return NULL;
	}
	memcpy(copy, text, size);
	copy[size] = '\0';
	r = parse_text(&parser, copy);
	explicit_bzero(copy, size);
	free(copy);
	if (r < 0) {
		profile_file_free(parser.file);
		return NULL;
	}
	return parser.file;
}
