/* The grammar of the AWS config and credentials files. Values may be secrets: all copies are wiped.
 */
#include "ecr/profile_file.h"
#include "base/cleanup.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

struct property {
	struct property *next;
	char *value;
	char key[]; /* lower case */
};

/* A section header and what follows it. Lists are newest first: the last equal key wins without
 * anything to be searched while parsing. */
struct section {
	struct section *next;
	struct property *properties;
	char *name;
	char kind[]; /* "" where the header names none */
};

struct profile_file {
	struct section *sections;
};

struct parser {
	struct profile_file *file;
	struct section *section;   /* NULL before the first one and below a bad header */
	struct property *property; /* what an indented line goes on with, or NULL */
	size_t indent;             /* of the property's line */
	bool nested;               /* the property has no value of its own */
	bool skipping;             /* below a bad header, which was warned of */
	profile_warn_fn warn;
	void *arg;
	unsigned line;
};

static void warn_of(const struct parser *parser, const char *what)
{
	parser->warn(parser->arg, parser->line, what);
}

static void wipe_and_free(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

static void section_free(struct section *section)
{
	struct property *property, *next;

	LL_FOREACH_SAFE(section->properties, property, next)
	{
		wipe_and_free(property->value);
		free(property);
	}
	free(section->name);
	free(section);
}

void profile_file_free(struct profile_file *file)
{
	struct section *section, *next;

	if (!file)
		return;
	LL_FOREACH_SAFE(file->sections, section, next)
	{
		section_free(section);
	}
	free(file);
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

/* `[default]` and `[profile default]` are one. */
static const char *canonical_kind(const char *kind, const char *name)
{
	return kind[0] == '\0' && strcmp(name, "default") == 0 ? "profile" : kind;
}

/* Answers 0 or -ENOMEM. */
static int add_section(struct parser *parser, const char *kind, const char *name)
{
	struct section *section = calloc(1, sizeof(*section) + strlen(kind) + 1);

	if (!section)
		return -ENOMEM;
	strcpy(section->kind, kind);
	section->name = strdup(name);
	if (!section->name) {
		free(section);
		return -ENOMEM;
	}
	LL_PREPEND(parser->file->sections, section);
	parser->section = section;
	return 0;
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
	return add_section(parser, canonical_kind(kind, name), name);
}

/* Adds `[parent.]key` to the section. Answers 0 or -ENOMEM. */
static int add_property(struct section *section, const struct property *parent, const char *key,
                        const char *value, struct property **ret_property)
{
	size_t parent_size = parent ? strlen(parent->key) + 1 : 0;
	struct property *property = calloc(1, sizeof(*property) + parent_size + strlen(key) + 1);

	if (!property)
		return -ENOMEM;
	property->value = strdup(value);
	if (!property->value) {
		free(property);
		return -ENOMEM;
	}
	if (parent)
		stpcpy(stpcpy(property->key, parent->key), ".");
	for (char *to = property->key + parent_size; *key; key++)
		*to++ = (char)tolower((unsigned char)*key);
	LL_PREPEND(section->properties, property);
	*ret_property = property;
	return 0;
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
	return add_property(parser->section, NULL, key, value, &parser->property);
}

/* A line that is indented deeper than the property before it: a nested key where that has no value,
 * else more of the value. */
static int parse_continuation(struct parser *parser, char *text)
{
	struct property *nested;
	char *key, *value, *longer;

	if (parser->nested) {
		if (!cut_property(parser, text, &key, &value))
			return 0;
		return add_property(parser->section, parser->property, key, value, &nested);
	}
	if (asprintf(&longer, "%s\n%s", parser->property->value, text) < 0)
		return -ENOMEM;
	wipe_and_free(parser->property->value);
	parser->property->value = longer;
	return 0;
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

/* Reads until the end. Answers the size, -EFBIG or -errno. */
static ssize_t read_all(int file, char *buffer, size_t capacity)
{
	size_t size = 0;

	while (size < capacity) {
		ssize_t n = TEMP_FAILURE_RETRY(read(file, buffer + size, capacity - size));

		if (n < 0)
			return -errno;
		if (n == 0)
			return (ssize_t)size;
		size += (size_t)n;
	}
	return -EFBIG;
}

int profile_file_read(const char *path, profile_warn_fn warn, void *arg,
                      struct profile_file **ret_file)
{
	const size_t capacity = PROFILE_FILE_MAX_BYTES + 1;
	int file = open(path, O_RDONLY | O_CLOEXEC);
	struct profile_file *parsed = NULL;
	char *buffer;
	ssize_t size;

	if (file < 0) /* ENOTDIR: HOME=/dev/null and its like */
		return errno == ENOTDIR ? -ENOENT : -errno;
	buffer = malloc(capacity);
	size = buffer ? read_all(file, buffer, capacity) : -ENOMEM;
	close(file);
	if (size >= 0)
		parsed = profile_file_parse(buffer, (size_t)size, warn, arg);
	if (buffer) /* where reading failed, any of it may have been written to */
		explicit_bzero(buffer, size < 0 ? capacity : (size_t)size);
	free(buffer);
	if (size < 0)
		return (int)size;
	if (!parsed)
		return -ENOMEM;
	*ret_file = parsed;
	return 0;
}

/* The next section of this kind and name from `section` on, or NULL. */
static const struct section *find_section(const struct section *section, const char *kind,
                                          const char *name)
{
	kind = canonical_kind(kind, name);
	while (section && (strcmp(section->kind, kind) != 0 || strcmp(section->name, name) != 0))
		section = section->next;
	return section;
}

bool profile_file_has(const struct profile_file *file, const char *kind, const char *name)
{
	return find_section(file->sections, kind, name);
}

static const char *find_value(const struct section *section, const char *key)
{
	const struct property *property;

	LL_FOREACH (section->properties, property) {
		if (strcmp(property->key, key) == 0)
			return property->value;
	}
	return NULL;
}

const char *profile_file_get(const struct profile_file *file, const char *kind, const char *name,
                             const char *key)
{
	const struct section *section = find_section(file->sections, kind, name);
	const char *value = NULL;

	while (section && !value) {
		value = find_value(section, key);
		section = find_section(section->next, kind, name);
	}
	return value;
}
