/* What an AWS file says: its sections and their properties. Values may be secrets: all copies are
 * wiped. */
#include "ecr/profile_file_inside.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

static void wipe_and_free(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

static void section_free(struct profile_section *section)
{
	struct profile_property *property, *next;

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
	struct profile_section *section, *next;

	if (!file)
		return;
	LL_FOREACH_SAFE(file->sections, section, next)
	{
		section_free(section);
	}
	free(file);
}

/* `[default]` and `[profile default]` are one. */
static const char *canonical_kind(const char *kind, const char *name)
{
	return kind[0] == '\0' && strcmp(name, "default") == 0 ? "profile" : kind;
}

int profile_file_add(struct profile_file *file, const char *kind, const char *name,
                     struct profile_section **ret_section)
{
	struct profile_section *section;

	kind = canonical_kind(kind, name);
	section = calloc(1, sizeof(*section) + strlen(kind) + 1);
	if (!section)
		return -ENOMEM;
	strcpy(section->kind, kind);
	section->name = strdup(name);
	if (!section->name) {
		free(section);
		return -ENOMEM;
	}
	LL_PREPEND(file->sections, section);
	*ret_section = section;
	return 0;
}

int profile_section_add(struct profile_section *section, const struct profile_property *parent,
                        const char *key, const char *value, struct profile_property **ret_property)
{
	size_t parent_size = parent ? strlen(parent->key) + 1 : 0;
	struct profile_property *property =
	        calloc(1, sizeof(*property) + parent_size + strlen(key) + 1);

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

int profile_property_extend(struct profile_property *property, const char *line)
{
	char *longer;

	if (asprintf(&longer, "%s\n%s", property->value, line) < 0)
		return -ENOMEM;
	wipe_and_free(property->value);
	property->value = longer;
	return 0;
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
static const struct profile_section *find_section(const struct profile_section *section,
                                                  const char *kind, const char *name)
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

static const char *find_value(const struct profile_section *section, const char *key)
{
	const struct profile_property *property;

	LL_FOREACH (section->properties, property) {
		if (strcmp(property->key, key) == 0)
			return property->value;
	}
	return NULL;
}

const char *profile_file_get(const struct profile_file *file, const char *kind, const char *name,
                             const char *key)
{
	const struct profile_section *section = find_section(file->sections, kind, name);
	const char *value = NULL;

	while (section && !value) {
		value = find_value(section, key);
		section = find_section(section->next, kind, name);
	}
	return value;
}
