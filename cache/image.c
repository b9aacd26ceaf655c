/* Images, each in one block of memory. */
#include "cache/image.h"
#include "cache/budget.h"

#include <stdlib.h>
#include <string.h>

static size_t tags_size(const struct image_record *record)
{
	size_t size = 1;

	for (size_t i = 0; i < record->n_tags; i++)
		size += strlen(record->tags[i]) + 1;
	return size;
}

/* An empty one is none: it would end them. */
static void put_tags(struct image *image, const struct image_record *record)
{
	char *at = image->tags;

	for (size_t i = 0; i < record->n_tags; i++) {
		if (!record->tags[i][0])
			continue;
		at = stpcpy(at, record->tags[i]) + 1;
		image->n_tags++;
	}
	*at = '\0';
}

struct image *image_new(const struct image_record *record, struct known_types *known)
{
	/* Not sizeof(*image), which has padding at its end. */
	struct image *image = malloc(offsetof(struct image, tags) + tags_size(record));
	struct image_types *types;
	bool is_new;

	if (!image || image_types_get(known, record->media_type, record->artifact_type, &types,
	                              &is_new) < 0) {
		free(image);
		return NULL;
	}
	image->size_bytes = record->size_bytes;
	image->pushed_ns = record->pushed_ns;
	image->pulled_ns = record->pulled_ns;
	image->types = types;
	image->digest = record->digest;
	atomic_init(&image->references, 1);
	image->n_tags = 0;
	image->state = (uint8_t)record->state;
	image->bears_types = is_new;
	put_tags(image, record);
	return image;
}

struct image *image_ref(struct image *image)
{
	atomic_fetch_add_explicit(&image->references, 1, memory_order_relaxed);
	return image;
}

void image_unref(struct image *image)
{
	if (!image || atomic_fetch_sub_explicit(&image->references, 1, memory_order_acq_rel) != 1)
		return;
	image_types_unref(image->types);
	free(image);
}

size_t image_bytes(const struct image *image)
{
	return budget_heap_bytes(image) +
	       (image->bears_types ? budget_heap_bytes(image->types) : 0);
}

const char *image_next_tag(const struct image *image, const char *tag)
{
	const char *next = tag ? tag + strlen(tag) + 1 : image->tags;

	return next[0] ? next : NULL;
}
