/* Images, each in one block of memory. */
#include "cache/image.h"

#include <stdlib.h>
#include <string.h>

static size_t text_size(const char *text)
{
	return text ? strlen(text) + 1 : 0;
}

static const char *put_text(char **at, const char *text)
{
	char *start = *at;

	if (!text)
		return NULL;
	*at = stpcpy(start, text) + 1;
	return start;
}

struct image *image_new(const struct image_record *record)
{
	size_t bytes = sizeof(struct image) + text_size(record->media_type) +
	               text_size(record->artifact_type);
	struct image *image;
	char *at;

	for (size_t i = 0; i < record->n_tags; i++)
		bytes += text_size(record->tags[i]);
	image = malloc(bytes);
	if (!image)
		return NULL;
	at = image->texts;
	*image = (struct image){
	        .digest = record->digest,
	        .size_bytes = record->size_bytes,
	        .pushed_ns = record->pushed_ns,
	        .pulled_ns = record->pulled_ns,
	        .state = record->state,
	        .n_tags = record->n_tags,
	        .bytes = bytes,
	};
	atomic_init(&image->references, 1);
	image->media_type = put_text(&at, record->media_type);
	image->artifact_type = put_text(&at, record->artifact_type);
	image->tags = at;
	for (size_t i = 0; i < record->n_tags; i++)
		put_text(&at, record->tags[i]);
	return image;
}

struct image *image_ref(struct image *image)
{
	atomic_fetch_add_explicit(&image->references, 1, memory_order_relaxed);
	return image;
}

void image_unref(struct image *image)
{
	if (image && atomic_fetch_sub_explicit(&image->references, 1, memory_order_acq_rel) == 1)
		free(image);
}

const char *image_next_tag(const struct image *image, const char *tag)
{
	const char *next = tag ? tag + strlen(tag) + 1 : image->tags;

	return next < (const char *)image + image->bytes && image->n_tags ? next : NULL;
}
