/* cJSON reads the first value of a text, and is content. */
#include "ecr/json_parse.h"
#include "ecr/json_text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
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

int json_parse_repaired(const char *text, size_t size, cJSON **ret_root)
{
	char *copy = malloc(size + 1);
	int r;

	if (!copy)
		return -ENOMEM;
	memcpy(copy, text, size);
	copy[size] = '\0';
	json_text_repair(copy, size);
	r = json_parse(copy, size, ret_root);
	free(copy);
	return r;
}

int json_parse_list(const char *text, size_t size, const char *member, cJSON **ret_root,
                    const cJSON **ret_items)
{
	cJSON *root = NULL;
	int r = json_parse(text, size, &root);

	if (r < 0)
		return r;
	*ret_items = cJSON_GetObjectItemCaseSensitive(root, member);
	if (!cJSON_IsArray(*ret_items)) {
		cJSON_Delete(root);
		return -ENOENT;
	}
	*ret_root = root;
	return 0;
}
