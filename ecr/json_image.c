/* JSON about single images, by cJSON. */
#include "ecr/json_image.h"
#include "base/cleanup.h"
#include "ecr/iso_time.h"
#include "ecr/json_parse.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void delete_json(cJSON **json)
{
	cJSON_Delete(*json);
}

static bool add_text(cJSON *object, const char *member, const char *text)
{
	return !text || cJSON_AddStringToObject(object, member, text);
}

/* Times that ECR did not tell are left out. */
static bool add_time(cJSON *object, const char *member, uint64_t realtime_ns)
{
	char text[ISO_TIME_SIZE];

	if (!realtime_ns)
		return true;
	iso_time_format(realtime_ns, text);
	return cJSON_AddStringToObject(object, member, text);
}

/* cJSON writes numbers of more than 15 digits as 1.0e+15, cut to these. */
static bool add_size(cJSON *object, const char *member, uint64_t bytes)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, bytes);
	return !bytes || cJSON_AddRawToObject(object, member, text);
}

static const char *state_text(enum image_state state)
{
	switch (state) {
	case IMAGE_ACTIVE:
		return "ACTIVE";
	case IMAGE_ARCHIVED:
		return "ARCHIVED";
	case IMAGE_ACTIVATING:
		return "ACTIVATING";
	case IMAGE_OTHER:
		break;
	}
	return NULL;
}

static bool add_tags(cJSON *object, const struct image_record *record)
{
	cJSON *array;

	if (!record->n_tags)
		return true; /* DescribeImages leaves it out, too */
	array = cJSON_CreateStringArray(record->tags, (int)record->n_tags);
	return cJSON_AddItemToObject(object, "imageTags", array);
}

static bool add_record(cJSON *object, const struct image_record *record)
{
	char digest[DIGEST_TEXT_SIZE];

	digest_format(&record->digest, digest);
	return add_text(object, "imageDigest", digest) && add_tags(object, record) &&
	       add_size(object, "imageSizeInBytes", record->size_bytes) &&
	       add_time(object, "imagePushedAt", record->pushed_ns) &&
	       add_time(object, "lastRecordedPullTime", record->pulled_ns) &&
	       add_text(object, "imageManifestMediaType", record->media_type) &&
	       add_text(object, "artifactMediaType", record->artifact_type) &&
	       add_text(object, "imageStatus", state_text(record->state));
}

char *json_image_print(const struct image_record *record)
{
	CLEANUP(delete_json) cJSON *object = cJSON_CreateObject();
	CLEANUP(free_string) char *printed = NULL;
	char *text;

	if (object && add_record(object, record))
		printed = cJSON_Print(object);
	if (!printed || asprintf(&text, "%s\n", printed) < 0)
		return NULL;
	return text;
}

struct json_index {
	cJSON *root;
	struct platform platforms[];
};

static const char *get_text(const cJSON *object, const char *member)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, member));

	return text && text[0] ? text : NULL;
}

static bool read_platform(const cJSON *item, struct platform *platform)
{
	const cJSON *names = cJSON_GetObjectItemCaseSensitive(item, "platform");
	const char *digest = get_text(item, "digest");

	platform->os = get_text(names, "os");
	platform->architecture = get_text(names, "architecture");
	platform->variant = get_text(names, "variant");
	platform->os_version = get_text(names, "os.version");
	return digest && digest_parse(digest, &platform->digest) && platform->os &&
	       platform->architecture && strcmp(platform->os, "unknown") != 0;
}

int json_index_read(const char *text, size_t size, struct json_platforms *ret_platforms)
{
	cJSON *root;
	const cJSON *items, *item;
	struct json_index *index;
	size_t n = 0;
	int r = json_parse_list(text, size, "manifests", &root, &items);

	if (r < 0)
		return r;
	index = malloc(sizeof(*index) +
	               ((size_t)cJSON_GetArraySize(items) + 1) * sizeof(index->platforms[0]));
	if (!index) {
		cJSON_Delete(root);
		return -ENOMEM;
	}
	index->root = root;
	cJSON_ArrayForEach (item, items) {
		if (read_platform(item, &index->platforms[n]))
			n++;
	}
	*ret_platforms = (struct json_platforms){index, index->platforms, n};
	return 0;
}

void json_index_free(struct json_index *index)
{
	if (!index)
		return;
	cJSON_Delete(index->root);
	free(index);
}
