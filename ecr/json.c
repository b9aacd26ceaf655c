/* A document of JSON, by cJSON, and what is asked of one for a single text. */
#include "base/cleanup.h"
#include "ecr/error.h"
#include "ecr/json_inside.h"
#include "ecr/json_parse.h"
#include "ecr/json_text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void delete_json(cJSON **json)
{
	cJSON_Delete(*json);
}

const char *json_get_text(const cJSON *object, const char *member)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, member));
}

uint64_t json_get_number(const cJSON *object, const char *member, double scale)
{
	double number =
	        cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(object, member)) * scale;

	/* NaN, cJSON's answer for a member that is no number, fails both comparisons. */
	return number >= 1 && number < 9.2e18 ? (uint64_t)number : 0;
}

const char *json_get_next_token(const cJSON *root)
{
	const char *token = json_get_text(root, "nextToken");

	return token && token[0] ? token : NULL;
}

/* A token that is there, but no text, does not mean that there are no more pages. */
static bool is_token_readable(const cJSON *root)
{
	const cJSON *token = cJSON_GetObjectItemCaseSensitive(root, "nextToken");

	return !token || cJSON_IsNull(token) || cJSON_IsString(token);
}

const cJSON *json_get_array(const cJSON *object, const char *member)
{
	const cJSON *array = cJSON_GetObjectItemCaseSensitive(object, member);

	return cJSON_IsArray(array) ? array : NULL;
}

void json_free(struct json_document *document)
{
	if (!document)
		return;
	cJSON_Delete(document->root);
	free(document->records);
	free(document->failures);
	free(document->texts);
	free(document);
}

/* Answers 0, -EBADMSG or -ENOMEM. */
static int parse(const char *body, size_t size, cJSON **ret_root)
{
	int r = json_text_has_nul(body, size) ? -EBADMSG : json_parse(body, size, ret_root);

	return r == -EBADMSG ? json_parse_repaired(body, size, ret_root) : r;
}

int json_document_read(const char *body, size_t size, const char *member,
                       struct json_document **ret_document, const cJSON **ret_array)
{
	struct json_document *document = calloc(1, sizeof(*document));
	int r;

	if (!document)
		return -ENOMEM;
	r = parse(body, size, &document->root);
	*ret_array = r == 0 ? json_get_array(document->root, member) : NULL;
	if (r == 0 && (!*ret_array || !is_token_readable(document->root)))
		r = -EBADMSG;
	if (r < 0) {
		json_free(document);
		return r;
	}
	*ret_document = document;
	return 0;
}

static int copy_string(const char *text, char **ret_copy)
{
	char *copy = text ? strdup(text) : NULL;

	if (!copy)
		return text ? -ENOMEM : -EBADMSG;
	*ret_copy = copy;
	return 0;
}

int json_read_signature(const char *manifest, size_t size, char **ret_protected)
{
	CLEANUP(delete_json) cJSON *root = NULL;
	const cJSON *first;
	int r = parse(manifest, size, &root);

	if (r < 0)
		return r;
	first = cJSON_GetArrayItem(json_get_array(root, "signatures"), 0);
	return copy_string(json_get_text(first, "protected"), ret_protected);
}

int json_read_format(const char *header, size_t size, size_t *ret_length, char **ret_tail)
{
	CLEANUP(delete_json) cJSON *root = NULL;
	uint64_t length;
	int r = parse(header, size, &root);

	if (r < 0)
		return r;
	length = json_get_number(root, "formatLength", 1);
	if (!length)
		return -EBADMSG;
	*ret_length = length;
	return copy_string(json_get_text(root, "formatTail"), ret_tail);
}

static const char *find_string(const cJSON *value, const char *member)
{
	const char *text = json_get_text(value, member);
	const cJSON *item;

	cJSON_ArrayForEach (item, value) {
		if (text)
			break;
		text = find_string(item, member);
	}
	return text;
}

bool json_find_text(const char *body, size_t size, const char *member, char *ret_text,
                    size_t text_size)
{
	CLEANUP(delete_json) cJSON *root = NULL;
	const char *text = NULL;

	if (parse(body, size, &root) == 0)
		text = find_string(root, member);
	if (text)
		snprintf(ret_text, text_size, "%s", text);
	return text;
}

void json_read_error(const char *body, size_t size, char code[static JSON_CODE_SIZE],
                     char message[static JSON_MESSAGE_SIZE])
{
	CLEANUP(delete_json) cJSON *root = NULL;
	const char *type = NULL, *text = NULL;

	if (parse(body, size, &root) == 0) {
		type = json_get_text(root, "__type");
		text = json_get_text(root, "message");
	}
	if (!type)
		type = json_get_text(root, "code");
	if (!text)
		text = json_get_text(root, "Message"); /* the IAM layer writes it so */
	api_error_copy_code(type ? type : "", code, JSON_CODE_SIZE);
	snprintf(message, JSON_MESSAGE_SIZE, "%s", text ? text : "");
}
