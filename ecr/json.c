/* Reads JSON by cJSON. */
#include "ecr/json.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "ecr/error.h"
#include "ecr/json_text.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct json_document {
	cJSON *root;
	void *records;
	void *failures;
	const char **texts; /* tags of all images, or filters of all repositories, in a row */
};

static void delete_json(cJSON **json)
{
	cJSON_Delete(*json);
}

/* A string member, or NULL. Case matters: cJSON's usual look-up would take `Message` for `message`.
 */
static const char *get_string(const cJSON *object, const char *member)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, member));
}

/* A positive number, scaled, without its fraction; else 0: sizes and times that are out of range
 * are "not told". */
static uint64_t get_number(const cJSON *object, const char *member, double scale)
{
	double number =
	        cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(object, member)) * scale;

	/* NaN, cJSON's answer for a member that is no number, fails both comparisons. */
	return number >= 1 && number < 9.2e18 ? (uint64_t)number : 0;
}

/* The token of the next page, or NULL where this is the last one. */
static const char *get_next_token(const cJSON *root)
{
	const char *token = get_string(root, "nextToken");

	return token && token[0] ? token : NULL;
}

/* A token that is there, but no text, does not mean that there are no more pages. */
static bool is_token_readable(const cJSON *root)
{
	const cJSON *token = cJSON_GetObjectItemCaseSensitive(root, "nextToken");

	return !token || cJSON_IsNull(token) || cJSON_IsString(token);
}

static const cJSON *get_array(const cJSON *object, const char *member)
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

/* Answers NULL when it is not JSON, or when out of memory: then errno is ENOMEM, which malloc sets
 * and nothing else does. */
static cJSON *parse(const char *body, size_t size)
{
	CLEANUP(free_string) char *copy = NULL;
	cJSON *root;

	errno = 0;
	root = json_text_has_nul(body, size) ? NULL : cJSON_ParseWithLength(body, size);
	if (root || errno == ENOMEM)
		return root;
	copy = malloc(size + 1);
	if (!copy)
		return NULL;
	memcpy(copy, body, size);
	copy[size] = '\0';
	json_text_repair(copy, size);
	return cJSON_ParseWithLength(copy, size);
}

/* Parses, and makes sure that `member`, the operation's array, is there. */
static int read_document(const char *body, size_t size, const char *member,
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
	*ret_array = document->root ? get_array(document->root, member) : NULL;
	if (!*ret_array || !is_token_readable(document->root)) {
		json_free(document);
		return -EBADMSG;
	}
	*ret_document = document;
	return 0;
}

/* ECR: at most 5 filters per repository. */
#define MAX_FILTERS 5

/* Appends the filters to `*texts`, which is moved on. Answers whether all of them are understood.
 */
static bool read_filters(const cJSON *filters, struct repository_record *record,
                         const char ***texts)
{
	const cJSON *filter;

	if (cJSON_GetArraySize(filters) > MAX_FILTERS)
		return false;
	record->filters = *texts;
	cJSON_ArrayForEach (filter, filters) {
		const char *type = get_string(filter, "filterType");
		const char *text = get_string(filter, "filter");

		if (!type || strcmp(type, "WILDCARD") != 0 || !text)
			return false;
		(*texts)[record->n_filters++] = text;
	}
	*texts += record->n_filters;
	return record->n_filters;
}

/* What is not understood promises nothing. */
static void read_mutability(const cJSON *item, struct repository_record *record,
                            const char ***texts)
{
	const char *text = get_string(item, "imageTagMutability");
	const cJSON *filters = get_array(item, "imageTagMutabilityExclusionFilters");

	if (!text)
		return;
	if (strcmp(text, "IMMUTABLE") == 0)
		record->mutability = TAGS_IMMUTABLE;
	else if (strcmp(text, "IMMUTABLE_WITH_EXCLUSION") == 0)
		record->mutability = TAGS_IMMUTABLE_EXCEPT;
	else if (strcmp(text, "MUTABLE_WITH_EXCLUSION") == 0)
		record->mutability = TAGS_MUTABLE_EXCEPT;
	else
		return;
	if (record->mutability == TAGS_IMMUTABLE || read_filters(filters, record, texts))
		return;
	record->mutability = TAGS_MUTABLE;
	record->n_filters = 0;
}

int json_read_repositories(const char *body, size_t size, struct repositories_page *ret_page)
{
	struct json_document *document;
	struct repository_record *records;
	const cJSON *array, *item;
	const char **filters;
	size_t n = 0;
	int r = read_document(body, size, "repositories", &document, &array);

	if (r < 0)
		return r;
	records = calloc((size_t)cJSON_GetArraySize(array) + 1, sizeof(*records));
	filters = calloc((size_t)cJSON_GetArraySize(array) * MAX_FILTERS + 1, sizeof(*filters));
	document->records = records;
	document->texts = filters;
	if (!records || !filters) {
		json_free(document);
		return -ENOMEM;
	}
	cJSON_ArrayForEach (item, array) {
		records[n].name = get_string(item, "repositoryName");
		if (!records[n].name)
			continue;
		records[n].created_ns = get_number(item, "createdAt", NS_PER_S);
		read_mutability(item, &records[n], &filters);
		n++;
	}
	*ret_page = (struct repositories_page){
	        .document = document,
	        .records = records,
	        .n = n,
	        .next_token = get_next_token(document->root),
	};
	return 0;
}

static enum image_state read_state(const char *text)
{
	if (!text || strcmp(text, "ACTIVE") == 0)
		return IMAGE_ACTIVE; /* also where the endpoint is older than states */
	if (strcmp(text, "ARCHIVED") == 0)
		return IMAGE_ARCHIVED;
	if (strcmp(text, "ACTIVATING") == 0)
		return IMAGE_ACTIVATING;
	return IMAGE_OTHER;
}

/* Fills a record; its tags are appended to `*tags`, which is moved on. Answers whether the record
 * can be used. */
static bool read_image(const cJSON *item, struct image_record *record, const char ***tags)
{
	const char *digest = get_string(item, "imageDigest");
	const cJSON *tag;

	if (!digest || !digest_parse(digest, &record->digest))
		return false;
	record->tags = *tags;
	record->n_tags = 0;
	cJSON_ArrayForEach (tag, get_array(item, "imageTags")) {
		if (cJSON_IsString(tag)) {
			*(*tags)++ = tag->valuestring;
			record->n_tags++;
		}
	}
	record->size_bytes = get_number(item, "imageSizeInBytes", 1);
	record->pushed_ns = get_number(item, "imagePushedAt", NS_PER_S);
	record->pulled_ns = get_number(item, "lastRecordedPullTime", NS_PER_S);
	record->media_type = get_string(item, "imageManifestMediaType");
	record->artifact_type = get_string(item, "artifactMediaType");
	record->state = read_state(get_string(item, "imageStatus"));
	return true;
}

/* As read_image(), of an entry of ListImages. */
static bool read_image_id(const cJSON *item, struct image_record *record, const char ***tags)
{
	const char *digest = get_string(item, "imageDigest");
	const char *tag = get_string(item, "imageTag");

	*record = (struct image_record){.tags = *tags, .n_tags = tag ? 1 : 0};
	if (!digest || !digest_parse(digest, &record->digest))
		return false;
	if (tag)
		*(*tags)++ = tag;
	return true;
}

/* At most so many tags are told of: a list of them per image, or one. */
static size_t count_tags(const cJSON *images)
{
	const cJSON *item;
	size_t n = 0;

	cJSON_ArrayForEach (item, images) {
		n += 1 + (size_t)cJSON_GetArraySize(get_array(item, "imageTags"));
	}
	return n;
}

typedef bool (*read_image_fn)(const cJSON *item, struct image_record *record, const char ***tags);

static int read_page(const char *body, size_t size, const char *member, read_image_fn read,
                     struct images_page *ret_page)
{
	struct json_document *document;
	struct image_record *records;
	const cJSON *array, *item;
	const char **tags;
	size_t n = 0;
	int r = read_document(body, size, member, &document, &array);

	if (r < 0)
		return r;
	records = calloc((size_t)cJSON_GetArraySize(array) + 1, sizeof(*records));
	tags = calloc(count_tags(array) + 1, sizeof(*tags));
	document->records = records;
	document->texts = tags;
	if (!records || !tags) {
		json_free(document);
		return -ENOMEM;
	}
	cJSON_ArrayForEach (item, array) {
		if (read(item, &records[n], &tags))
			n++;
	}
	*ret_page = (struct images_page){
	        .document = document,
	        .records = records,
	        .n = n,
	        .next_token = get_next_token(document->root),
	};
	return 0;
}

int json_read_images(const char *body, size_t size, struct images_page *ret_page)
{
	return read_page(body, size, "imageDetails", read_image, ret_page);
}

int json_read_image_ids(const char *body, size_t size, struct images_page *ret_page)
{
	return read_page(body, size, "imageIds", read_image_id, ret_page);
}

static size_t read_manifests(const cJSON *images, struct manifest_record *records)
{
	const cJSON *item;
	size_t n = 0;

	cJSON_ArrayForEach (item, images) {
		const cJSON *id = cJSON_GetObjectItemCaseSensitive(item, "imageId");

		records[n].text = get_string(item, "imageManifest");
		records[n].digest = get_string(id, "imageDigest");
		records[n].tag = get_string(id, "imageTag");
		if (records[n].text) {
			records[n].size = strlen(records[n].text);
			n++;
		}
	}
	return n;
}

static size_t read_failures(const cJSON *failures, struct failure_record *records)
{
	const cJSON *item;
	size_t n = 0;

	cJSON_ArrayForEach (item, failures) {
		const cJSON *id = cJSON_GetObjectItemCaseSensitive(item, "imageId");

		records[n].digest = get_string(id, "imageDigest");
		records[n].tag = get_string(id, "imageTag");
		records[n].code = get_string(item, "failureCode");
		records[n].reason = get_string(item, "failureReason");
		n++;
	}
	return n;
}

int json_read_manifests(const char *body, size_t size, struct manifests_answer *ret_answer)
{
	struct json_document *document;
	const cJSON *images, *failures;
	struct manifest_record *manifests;
	struct failure_record *failed;
	int r = read_document(body, size, "images", &document, &images);

	if (r < 0)
		return r;
	failures = get_array(document->root, "failures");
	manifests = calloc((size_t)cJSON_GetArraySize(images) + 1, sizeof(*manifests));
	failed = calloc((size_t)cJSON_GetArraySize(failures) + 1, sizeof(*failed));
	document->records = manifests;
	document->failures = failed;
	if (!manifests || !failed) {
		json_free(document);
		return -ENOMEM;
	}
	*ret_answer = (struct manifests_answer){
	        .document = document,
	        .manifests = manifests,
	        .n_manifests = read_manifests(images, manifests),
	        .failures = failed,
	        .n_failures = read_failures(failures, failed),
	};
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
	const cJSON *first = cJSON_GetArrayItem(get_array(root, "signatures"), 0);

	return copy_string(get_string(first, "protected"), ret_protected);
}

int json_read_format(const char *header, size_t size, size_t *ret_length, char **ret_tail)
{
	CLEANUP(delete_json) cJSON *root = parse(header, size);
	uint64_t length = get_number(root, "formatLength", 1);

	if (!length)
		return -EBADMSG;
	*ret_length = length;
	return copy_string(get_string(root, "formatTail"), ret_tail);
}

static const char *find_string(const cJSON *value, const char *member)
{
	const char *text = get_string(value, member);
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
	const char *type = get_string(root, "__type");
	const char *text = get_string(root, "message");

	if (!type)
		type = get_string(root, "code");
	if (!text)
		text = get_string(root, "Message"); /* the IAM layer writes it so */
	api_error_copy_code(type ? type : "", code, JSON_CODE_SIZE);
	snprintf(message, JSON_MESSAGE_SIZE, "%s", text ? text : "");
}
