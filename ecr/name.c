/* The grammar of ECR's names, from its service model and the OCI distribution specification. */
#include "ecr/name.h"

#include <stddef.h>
#include <string.h>

static const char alphanumeric[] = "abcdefghijklmnopqrstuvwxyz0123456789";

/* The length of a separator at `text`, 0 when there is none. */
static size_t separator_length(const char *text)
{
	if (text[0] == '-')
		return strspn(text, "-");
	if (text[0] == '.')
		return 1;
	if (text[0] == '_')
		return text[1] == '_' ? 2 : 1;
	return 0;
}

/* The length of the component that `text` starts with, 0 when it starts with none. */
static size_t component_length(const char *text)
{
	size_t length = strspn(text, alphanumeric);

	while (length) {
		size_t separator = separator_length(text + length);
		size_t run = strspn(text + length + separator, alphanumeric);

		if (!separator || !run)
			break;
		length += separator + run;
	}
	return length;
}

bool name_is_component(const char *text)
{
	size_t length = component_length(text);

	return length && text[length] == '\0' && length <= NAME_COMPONENT_MAX;
}

bool name_is_repository(const char *text)
{
	size_t total = strnlen(text, NAME_REPOSITORY_MAX + 1);

	if (total < 2 || total > NAME_REPOSITORY_MAX)
		return false;
	for (;;) {
		size_t length = component_length(text);

		if (!length || length > NAME_COMPONENT_MAX)
			return false;
		text += length;
		if (*text == '\0')
			return true;
		if (*text++ != '/')
			return false;
	}
}

bool name_is_tag(const char *text)
{
	static const char first[] =
	        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	static const char others[] =
	        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
	size_t length = strnlen(text, NAME_COMPONENT_MAX + 1);

	return length && length <= NAME_COMPONENT_MAX && strspn(text, first) &&
	       strspn(text, others) == length;
}

bool name_is_below(const char *path, const char *parent)
{
	size_t length = strlen(parent);

	if (length == 0)
		return true;
	return strncmp(path, parent, length) == 0 && strchr("/:@", path[length]); /* or the NUL */
}
