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

/* Answers NULL when it is not JSON, or when out of memory: then errno is ENOMEM. */
static cJSON *parse(const char *body, size_t size)
{
	CLEANUP(free_string) char *copy = NULL;
	cJSON *root;

	errno = 0;
	root = json_text_has_nul(body, size) ? NULL : json_parse(body, size);
	if (root || errno == ENOMEM)
		return root;
	copy = malloc(size + 1);
	if (!copy)
		return NULL;
	memcpy(copy, body, size);
	copy[size] = '\0';
	json_text_repair(copy, size);
	return json_parse(copy, size);
}

int json_document_read(const char *body, size_t size, const char *member,
                       struct json_document **ret_document, const cJSON **ret_array)
{
	struct json_document *document = calloc(1, sizeof(*document));

	if (!document)
		return -ENOMEM;
	document->root = parse(body, size);
	if (!document->root && errno == ENOMEM) {
		json_free(document);
		return -ENOMEM;
	}
	*ret_array = document->root ? json_get_array(document->root, member) : NULL;
	if (!*ret_array || !is_token_readable(document->root)) {
		json_free(document);
		return -EBADMSG;
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
	CLEANUP(delete_json) cJSON *root = parse(manifest, size);
	const cJSON *first = cJSON_GetArrayItem(json_get_array(root, "signatures"), 0);

	return copy_string(json_get_text(first, "protected"), ret_protected);
}

int json_read_format(const char *header, size_t size, size_t *ret_length, char **ret_tail)
{
	CLEANUP(delete_json) cJSON *root = parse(header, size);
	uint64_t length = json_get_number(root, "formatLength", 1);

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
	CLEANUP(delete_json) cJSON *root = parse(body, size);
	const char *text = find_string(root, member);

	if (text)
		snprintf(ret_text, text_size, "%s", text);
	return text;
}

void json_read_error(const char *body, size_t size, char code[static JSON_CODE_SIZE],
                     char message[static JSON_MESSAGE_SIZE])
{
	CLEANUP(delete_json) cJSON *root = parse(body, size);
	const char *type = json_get_text(root, "__type");
	const char *text = json_get_text(root, "message");

	if (!type)
		type = json_get_text(root, "code");
	if (!text)
		text = json_get_text(root, "Message"); /* the IAM layer writes it so */
	api_error_copy_code(type ? type : "", code, JSON_CODE_SIZE);
	snprintf(message, JSON_MESSAGE_SIZE, "%s", text ? text : "");
}
