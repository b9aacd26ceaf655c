/* The ECR API's JSON, by cJSON. */
#include "ecr/json.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "ecr/error.h"
#include "ecr/registry.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ECR: maxResults of the Describe and List operations is at most 1,000. */
#define PAGE_SIZE 1000

/* All types that ECR is known to store; without the right one a read by tag would be converted. */
static const char *const accepted_media_types[] = {
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v1+prettyjws",
        "application/vnd.docker.distribution.manifest.v1+json",
};

struct json_document {
	cJSON *root;
	void *records;
	void *failures;
	const char **tags; /* of all images, one after the other */
};

static void delete_json(cJSON **json)
{
	cJSON_Delete(*json);
}

static cJSON *body_new(const struct registry *registry, const char *repository)
{
	cJSON *body = cJSON_CreateObject();
	bool done = body;

	if (done && registry->account[0])
		done = cJSON_AddStringToObject(body, "registryId", registry->account);
	if (done && repository)
		done = cJSON_AddStringToObject(body, "repositoryName", repository);
	if (done)
		return body;
	cJSON_Delete(body);
	return NULL;
}

static bool add_page(cJSON *body, const char *next_token)
{
	return cJSON_AddNumberToObject(body, "maxResults", PAGE_SIZE) &&
	       (!next_token || cJSON_AddStringToObject(body, "nextToken", next_token));
}

static bool add_strings(cJSON *body, const char *member, const char *const *texts, size_t n)
{
	cJSON *array = cJSON_CreateStringArray(texts, (int)n);

	return cJSON_AddItemToObject(body, member, array);
}

static bool add_ids(cJSON *body, const char *member, const char *const *ids, size_t n)
{
	cJSON *array = cJSON_AddArrayToObject(body, "imageIds");

	for (size_t i = 0; array && i < n; i++) {
		cJSON *id = cJSON_CreateObject();

		if (!cJSON_AddStringToObject(id, member, ids[i])) {
			cJSON_Delete(id);
			return false;
		}
		cJSON_AddItemToArray(array, id);
	}
	return array;
}

char *json_list_repositories(const struct registry *registry, const char *next_token)
{
	CLEANUP(delete_json) cJSON *body = body_new(registry, NULL);

	return body && add_page(body, next_token) ? cJSON_PrintUnformatted(body) : NULL;
}

char *json_find_repositories(const struct registry *registry, const char *const *names, size_t n)
{
	CLEANUP(delete_json) cJSON *body = body_new(registry, NULL);
	bool done = body && add_strings(body, "repositoryNames", names, n);

	return done ? cJSON_PrintUnformatted(body) : NULL;
}

char *json_list_images(const struct registry *registry, const char *repository,
                       const char *next_token)
{
	CLEANUP(delete_json) cJSON *body = body_new(registry, repository);
	cJSON *filter = body ? cJSON_AddObjectToObject(body, "filter") : NULL;
	bool done = filter && cJSON_AddStringToObject(filter, "tagStatus", "TAGGED") &&
	            add_page(body, next_token);

	return done ? cJSON_PrintUnformatted(body) : NULL;
}

char *json_find_images(const struct registry *registry, const char *repository,
                       const char *const *tags, size_t n)
{
	CLEANUP(delete_json) cJSON *body = body_new(registry, repository);
	bool done = body && add_ids(body, "imageTag", tags, n);

	return done ? cJSON_PrintUnformatted(body) : NULL;
}

char *json_fetch_manifests(const struct registry *registry, const char *repository,
                           const char *const *digests, size_t n)
{
	CLEANUP(delete_json) cJSON *body = body_new(registry, repository);
	bool done = body && add_ids(body, "imageDigest", digests, n) &&
	            add_strings(body, "acceptedMediaTypes", accepted_media_types,
	                        sizeof(accepted_media_types) / sizeof(accepted_media_types[0]));

	return done ? cJSON_PrintUnformatted(body) : NULL;
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
	return number >= 1 && number < 1.8e19 ? (uint64_t)number : 0;
}

/* The token of the next page, or NULL where this is the last one. */
static const char *get_next_token(const cJSON *root)
{
	const char *token = get_string(root, "nextToken");

	return token && token[0] ? token : NULL;
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
	free(document->tags);
	free(document);
}

/* cJSON ends a string at an escaped NUL: a name would lose its tail and pass for another. No name
 * and no manifest has one, so it becomes \u0001, which none has either. `text` is changed. */
static void replace_nuls(char *text, size_t size)
{
	static const char nul[] = "\\u0000";
	char *end = text + size, *at = text;

	while ((at = memmem(at, (size_t)(end - at), nul, sizeof(nul) - 1))) {
		size_t before = 0;

		while (at - before > text && at[-(ptrdiff_t)before - 1] == '\\')
			before++;
		if (before % 2 == 0) /* else the backslash is itself escaped */
			at[sizeof(nul) - 2] = '1';
		at += sizeof(nul) - 1;
	}
}

/* Answers NULL when it is not JSON, or when out of memory. */
static cJSON *parse(const char *body, size_t size)
{
	CLEANUP(free_string) char *copy = NULL;

	if (!memmem(body, size, "\\u0000", 6))
		return cJSON_ParseWithLength(body, size);
	copy = malloc(size + 1);
	if (!copy)
		return NULL;
	memcpy(copy, body, size);
	copy[size] = '\0';
	replace_nuls(copy, size);
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
	*ret_array = document->root ? get_array(document->root, member) : NULL;
	if (!*ret_array) {
		json_free(document);
		return -EBADMSG;
	}
	*ret_document = document;
	return 0;
}

int json_read_repositories(const char *body, size_t size, struct repositories_page *ret_page)
{
	struct json_document *document;
	struct repository_record *records;
	const cJSON *array, *item;
	size_t n = 0;
	int r = read_document(body, size, "repositories", &document, &array);

	if (r < 0)
		return r;
	records = calloc((size_t)cJSON_GetArraySize(array) + 1, sizeof(*records));
	if (!records) {
		json_free(document);
		return -ENOMEM;
	}
	document->records = records;
	cJSON_ArrayForEach (item, array) {
		records[n].name = get_string(item, "repositoryName");
		records[n].created_ns = get_number(item, "createdAt", NS_PER_S);
		if (records[n].name)
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
	if (text && strcmp(text, "ARCHIVED") == 0)
		return IMAGE_ARCHIVED;
	if (text && strcmp(text, "ACTIVATING") == 0)
		return IMAGE_ACTIVATING;
	return IMAGE_ACTIVE;
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

static size_t count_tags(const cJSON *images)
{
	const cJSON *item;
	size_t n = 0;

	cJSON_ArrayForEach (item, images) {
		n += (size_t)cJSON_GetArraySize(get_array(item, "imageTags"));
	}
	return n;
}

int json_read_images(const char *body, size_t size, struct images_page *ret_page)
{
	struct json_document *document;
	struct image_record *records;
	const cJSON *array, *item;
	const char **tags;
	size_t n = 0;
	int r = read_document(body, size, "imageDetails", &document, &array);

	if (r < 0)
		return r;
	records = calloc((size_t)cJSON_GetArraySize(array) + 1, sizeof(*records));
	tags = calloc(count_tags(array) + 1, sizeof(*tags));
	document->records = records;
	document->tags = tags;
	if (!records || !tags) {
		json_free(document);
		return -ENOMEM;
	}
	cJSON_ArrayForEach (item, array) {
		if (read_image(item, &records[n], &tags))
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

static size_t read_manifests(const cJSON *images, struct manifest_record *records)
{
	const cJSON *item;
	size_t n = 0;

	cJSON_ArrayForEach (item, images) {
		const cJSON *id = cJSON_GetObjectItemCaseSensitive(item, "imageId");

		records[n].text = get_string(item, "imageManifest");
		records[n].digest = get_string(id, "imageDigest");
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

void json_read_error(const char *body, size_t size, char code[static JSON_CODE_SIZE],
                     char message[static JSON_MESSAGE_SIZE])
{
	CLEANUP(delete_json) cJSON *root = cJSON_ParseWithLength(body, size);
	const char *type = get_string(root, "__type");
	const char *text = get_string(root, "message");

	if (!type)
		type = get_string(root, "code");
	if (!text)
		text = get_string(root, "Message"); /* the IAM layer writes it so */
	api_error_copy_code(type ? type : "", code, JSON_CODE_SIZE);
	snprintf(message, JSON_MESSAGE_SIZE, "%s", text ? text : "");
}
