/* The answer of BatchGetImage: manifests, and what is said of those that are missing. */
#include "ecr/json_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static size_t read_manifests(const cJSON *images, struct manifest_record *records)
{
	const cJSON *item;
	size_t n = 0;

	cJSON_ArrayForEach (item, images) {
		const cJSON *id = cJSON_GetObjectItemCaseSensitive(item, "imageId");

		records[n].text = json_get_text(item, "imageManifest");
		records[n].digest = json_get_text(id, "imageDigest");
		records[n].tag = json_get_text(id, "imageTag");
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

		records[n].digest = json_get_text(id, "imageDigest");
		records[n].tag = json_get_text(id, "imageTag");
		records[n].code = json_get_text(item, "failureCode");
		records[n].reason = json_get_text(item, "failureReason");
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
	int r = json_document_read(body, size, "images", &document, &images);

	if (r < 0)
		return r;
	failures = json_get_array(document->root, "failures");
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
