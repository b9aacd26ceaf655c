/* Generated files. */
#include "fs/generated.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/digest.h"
#include "cache/image.h"
#include "ecr/json_image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void free_tags(const char ***tags)
{
	free(*tags);
}

struct bytes *generated_image_json(const struct image *image)
{
	CLEANUP(free_tags) const char **tags = calloc(image->n_tags + 1, sizeof(*tags));
	CLEANUP(free_string) char *text = NULL;
	struct image_record record = {
	        .digest = image->digest,
	        .tags = tags,
	        .n_tags = image->n_tags,
	        .size_bytes = image->size_bytes,
	        .pushed_ns = image->pushed_ns,
	        .pulled_ns = image->pulled_ns,
	        .media_type = image_media_type(image),
	        .artifact_type = image_artifact_type(image),
	        .state = image_is_described(image) ? image->state : IMAGE_OTHER,
	};
	const char *tag = NULL;

	if (!tags)
		return NULL;
	for (size_t i = 0; i < image->n_tags; i++)
		tags[i] = tag = image_next_tag(image, tag);
	text = json_image_print(&record);
	return text ? bytes_new(text, strlen(text)) : NULL;
}

int generated_image_json_identify(const struct image *image, uint64_t directory,
                                  struct digest *ret_digest, size_t *ret_size)
{
	struct {
		struct digest text;
		uint64_t directory;
	} identity = {.directory = directory};
	CLEANUP(unref_bytes) struct bytes *bytes = generated_image_json(image);
	int r;

	if (!bytes)
		return -ENOMEM;
	r = digest_compute(bytes->data, bytes->size, &identity.text);
	if (r == 0)
		r = digest_compute(&identity, sizeof(identity), ret_digest);
	if (r == 0)
		*ret_size = bytes->size;
	return r;
}
