/* cJSON reads the first value of a text, and is content. */
#include "ecr/json_parse.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

cJSON *json_parse(const char *text, size_t size)
{
	const char *end = text;
	cJSON *root;

	errno = 0; /* malloc sets it, cJSON does not */
	root = cJSON_ParseWithLengthOpts(text, size, &end, false);
	if (!root) {
		errno = errno == ENOMEM ? ENOMEM : EBADMSG;
		return NULL;
	}
	while (end < text + size && *end && strchr(" \t\r\n", *end))
		end++;
	if (end == text + size)
		return root;
	cJSON_Delete(root);
	errno = EBADMSG;
	return NULL;
}
