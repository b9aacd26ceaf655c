/* Looks members up by path, and wipes what it read. */
#include "ecr/json_fields.h"
#include "base/cleanup.h"
#include "ecr/json_parse.h"
#include "ecr/json_text.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* As much as a token cache can have: cJSON grows its buffer where it must, and leaves what it had
 * behind unwiped. */
#define PRINT_SIZE 65536

struct json_fields {
	cJSON *root;
};

int json_fields_read(const char *text, size_t size, struct json_fields **ret_fields)
{
	struct json_fields *fields = calloc(1, sizeof(*fields));
	int r;

	if (!fields)
		return -ENOMEM;
	/* cJSON would cut a string at a NUL: half a secret. */
	r = json_text_has_nul(text, size) ? -EBADMSG : json_parse(text, size, &fields->root);
	if (r == 0 && !cJSON_IsObject(fields->root))
		r = -EBADMSG;
	if (r < 0) {
		json_fields_free(fields);
		return r;
	}
	*ret_fields = fields;
	return 0;
}

/* Not by recursion: what was read may be nested as deep as cJSON allows. The next item in the order
 * of the text is the first child, else the next sibling, which a parent has kept for later. */
static void wipe(cJSON *item)
{
	while (item) {
		if (item->valuestring)
			explicit_bzero(item->valuestring, strlen(item->valuestring));
		if (item->child) {
			cJSON *last = item->child;

			/* The children are moved up, behind their parent. */
			while (last->next)
				last = last->next;
			last->next = item->next;
			item->next = item->child;
			item->child = NULL;
		}
		item = item->next;
	}
}

struct json_fields *json_fields_new(void)
{
	struct json_fields *fields = calloc(1, sizeof(*fields));

	if (fields)
		fields->root = cJSON_CreateObject();
	if (fields && fields->root)
		return fields;
	free(fields);
	return NULL;
}

/* The item at the first `length` bytes of the path. */
static cJSON *find_part(const struct json_fields *fields, const char *path, size_t length)
{
	cJSON *item = fields->root;
	const char *end = path + length;
	char name[64];

	while (item && path < end) {
		size_t part = strcspn(path, ".");

		if (part >= sizeof(name))
			return NULL;
		memcpy(name, path, part);
		name[part] = '\0';
		item = cJSON_GetObjectItemCaseSensitive(item, name);
		path += part + (path[part] == '.');
	}
	return item;
}

static const cJSON *find(const struct json_fields *fields, const char *path)
{
	return find_part(fields, path, strlen(path));
}

int json_fields_set(struct json_fields *fields, const char *path, const char *text)
{
	const char *dot = strrchr(path, '.'), *name = dot ? dot + 1 : path;
	cJSON *object = find_part(fields, path, (size_t)(name - path));
	cJSON *item, *before;

	if (!cJSON_IsObject(object))
		return -ENOENT;
	item = text ? cJSON_CreateString(text) : NULL;
	if (text && !item)
		return -ENOMEM;
	/* All of that name: a second one would be read in the place of the new one. */
	while ((before = cJSON_DetachItemFromObjectCaseSensitive(object, name))) {
		wipe(before);
		cJSON_Delete(before);
	}
	if (!item || cJSON_AddItemToObject(object, name, item))
		return 0;
	cJSON_Delete(item);
	return -ENOMEM;
}

char *json_fields_print(const struct json_fields *fields)
{
	return cJSON_PrintBuffered(fields->root, PRINT_SIZE, false);
}

void json_fields_free_text(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

void json_fields_free(struct json_fields *fields)
{
	if (!fields)
		return;
	wipe(fields->root);
	cJSON_Delete(fields->root);
	free(fields);
}

const char *json_fields_text(const struct json_fields *fields, const char *path)
{
	const char *text = cJSON_GetStringValue(find(fields, path));

	return text && text[0] ? text : NULL;
}

bool json_fields_has(const struct json_fields *fields, const char *path)
{
	const cJSON *item = find(fields, path);

	return item && !cJSON_IsNull(item);
}

bool json_fields_number(const struct json_fields *fields, const char *path, double *ret_number)
{
	const cJSON *item = find(fields, path);

	if (!cJSON_IsNumber(item))
		return false;
	*ret_number = item->valuedouble;
	return true;
}
