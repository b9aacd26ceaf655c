/* cJSON reads the first value of a text, and is content. */
#include "ecr/json_parse.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

int json_parse(const char *text, size_t size, cJSON **ret_root)
{
	const char *end = text;
	cJSON *root;

	errno = 0; /* malloc sets it, cJSON does not */
	root = cJSON_ParseWithLengthOpts(text, size, &end, false);
	if (!root)
		return errno == ENOMEM ? -ENOMEM : -EBADMSG;
	while (end < text + size && *end && strchr(" \t\r\n", *end))
		end++;
	if (end < text + size) {
		cJSON_Delete(root);
		return -EBADMSG;
	}
	*ret_root = root;
	return 0;
}
