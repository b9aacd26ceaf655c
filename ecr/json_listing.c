/* Pages of listings: repositories, images, the ids of images. */
#include "base/clock.h"
#include "ecr/json_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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
		const char *type = json_get_text(filter, "filterType");
		const char *text = json_get_text(filter, "filter");

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
	const char *text = json_get_text(item, "imageTagMutability");
	const cJSON *filters = json_get_array(item, "imageTagMutabilityExclusionFilters");

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
	int r = json_document_read(body, size, "repositories", &document, &array);

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
		records[n].name = json_get_text(item, "repositoryName");
		if (!records[n].name)
			continue;
		records[n].created_ns = json_get_number(item, "createdAt", NS_PER_S);
		read_mutability(item, &records[n], &filters);
		n++;
	}
	*ret_page = (struct repositories_page){
	        .document = document,
	        .records = records,
	        .n = n,
	        .next_token = json_get_next_token(document->root),
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
	const char *digest = json_get_text(item, "imageDigest");
	const cJSON *tag;

	if (!digest || !digest_parse(digest, &record->digest))
		return false;
	record->tags = *tags;
	record->n_tags = 0;
	cJSON_ArrayForEach (tag, json_get_array(item, "imageTags")) {
		if (cJSON_IsString(tag)) {
			*(*tags)++ = tag->valuestring;
			record->n_tags++;
		}
	}
	record->size_bytes = json_get_number(item, "imageSizeInBytes", 1);
	record->pushed_ns = json_get_number(item, "imagePushedAt", NS_PER_S);
	record->pulled_ns = json_get_number(item, "lastRecordedPullTime", NS_PER_S);
	record->media_type = json_get_text(item, "imageManifestMediaType");
	record->artifact_type = json_get_text(item, "artifactMediaType");
	record->state = read_state(json_get_text(item, "imageStatus"));
	return true;
}

/* As read_image(), of an entry of ListImages. */
static bool read_image_id(const cJSON *item, struct image_record *record, const char ***tags)
{
	const char *digest = json_get_text(item, "imageDigest");
	const char *tag = json_get_text(item, "imageTag");

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
		n += 1 + (size_t)cJSON_GetArraySize(json_get_array(item, "imageTags"));
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
	int r = json_document_read(body, size, member, &document, &array);

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
	        .next_token = json_get_next_token(document->root),
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
