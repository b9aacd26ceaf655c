/* Answers as they are, by cJSON. */
#include "ecr/json_pages.h"
#include "ecr/iso_time.h"
#include "ecr/json_parse.h"
#include "ecr/json_text.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct json_pages {
	cJSON *root;
};

static cJSON *find(cJSON *item, const char *path)
{
	char name[64];

	while (item && *path) {
		size_t length = strcspn(path, ".");

		if (length >= sizeof(name))
			return NULL;
		memcpy(name, path, length);
		name[length] = '\0';
		item = cJSON_IsArray(item) ? cJSON_GetArrayItem(item, atoi(name))
		                           : cJSON_GetObjectItemCaseSensitive(item, name);
		path += length + (path[length] == '.');
	}
	return item;
}

/* Moves what the list of the page has to the end of the one that there is. */
static void append_list(cJSON *root, cJSON *page, const char *path)
{
	cJSON *list = find(root, path), *more = find(page, path), *item;

	if (!cJSON_IsArray(list) || !cJSON_IsArray(more))
		return;
	while ((item = cJSON_DetachItemFromArray(more, 0)))
		cJSON_AddItemToArray(list, item);
}

/* Takes the token off the page, that of the next one. Answers 0, -EBADMSG or -ENOMEM. */
static int take_token(cJSON *page, char **ret_token)
{
	cJSON *token = cJSON_DetachItemFromObjectCaseSensitive(page, "nextToken");
	const char *text = cJSON_GetStringValue(token);
	char *copy = text && text[0] ? strdup(text) : NULL;
	int r = 0;

	if ((token && !text && !cJSON_IsNull(token)) ||
	    cJSON_GetObjectItemCaseSensitive(page, "nextToken")) /* a second one would be shown */
		r = -EBADMSG;
	else if (text && text[0] && !copy)
		r = -ENOMEM;
	cJSON_Delete(token);
	*ret_token = copy;
	return r;
}

static void add_page(struct json_pages *pages, const struct json_pages_part *part, cJSON *page)
{
	if (!pages->root) {
		pages->root = page;
		return;
	}
	for (const char *const *list = part->lists; *list; list++)
		append_list(pages->root, page, *list);
	cJSON_Delete(page);
}

int json_pages_add(struct json_pages **pages, const struct json_pages_part *part, const char *body,
                   size_t size, char **ret_token)
{
	cJSON *page = NULL;
	char *token = NULL;
	int r = json_parse_repaired(body, size, &page);

	if (r < 0)
		return r;
	r = cJSON_IsObject(page) ? take_token(page, &token) : -EBADMSG;
	if (r == 0 && !*pages && !(*pages = calloc(1, sizeof(**pages))))
		r = -ENOMEM;
	if (r < 0) {
		cJSON_Delete(page);
		free(token);
		return r;
	}
	add_page(*pages, part, page);
	*ret_token = token;
	return 0;
}

static bool is_time(const cJSON *item)
{
	size_t length = item->string ? strlen(item->string) : 0;

	return cJSON_IsNumber(item) && length > 2 && strcmp(item->string + length - 2, "At") == 0 &&
	       item->valuedouble > 0 && item->valuedouble < 9.2e9;
}

/* Not deeper than json_text_repair() leaves it. Answers whether memory was enough. */
static bool set_times(cJSON *parent)
{
	cJSON *item, *next;

	for (item = parent->child; item; item = next) {
		char text[ISO_TIME_SIZE];
		cJSON *time;

		next = item->next;
		if (!set_times(item))
			return false;
		if (!is_time(item))
			continue;
		iso_time_format((uint64_t)(item->valuedouble * 1e9), text);
		time = cJSON_CreateString(text);
		if (!time || !(time->string = strdup(item->string)) ||
		    !cJSON_ReplaceItemViaPointer(parent, item, time)) {
			cJSON_Delete(time);
			return false;
		}
	}
	return true;
}

static char *with_newline(const char *text)
{
	size_t length = strlen(text);
	char *copy = malloc(length + 2);

	if (copy) {
		memcpy(copy, text, length);
		strcpy(copy + length, "\n");
	}
	return copy;
}

static char *print(cJSON *item)
{
	char *printed = set_times(item) ? cJSON_Print(item) : NULL;
	char *text = printed ? with_newline(printed) : NULL;

	cJSON_free(printed);
	return text;
}

/* JSON in a string is a document of its own, in which nothing is a time of the API. */
static char *print_text(const char *text)
{
	cJSON *root = cJSON_ParseWithOpts(text, NULL, true);
	char *printed = root ? cJSON_Print(root) : NULL;
	char *copy = with_newline(printed ? printed : text);

	cJSON_free(printed);
	cJSON_Delete(root);
	return copy;
}

int json_pages_print(struct json_pages *pages, const struct json_pages_part *part, char **ret_text)
{
	cJSON *item = pages ? find(pages->root, part->path) : NULL;
	char *text;

	if (!item || (part->is_text ? !cJSON_IsString(item) : !cJSON_IsObject(item)))
		return -EBADMSG;
	text = part->is_text ? print_text(item->valuestring) : print(item);
	if (!text)
		return -ENOMEM;
	*ret_text = text;
	return 0;
}

void json_pages_free(struct json_pages *pages)
{
	if (!pages)
		return;
	cJSON_Delete(pages->root);
	free(pages);
}
