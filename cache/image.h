/* An image as ECR described it at one moment: immutable and counted, so that an inode can keep what
 * it was looked up with.
 */
#ifndef ECRFS_CACHE_IMAGE_H
#define ECRFS_CACHE_IMAGE_H

#include "base/digest.h"
#include "cache/image_types.h"
#include "ecr/source.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* There may be a million of them: it has no byte too many. */
struct image {
	uint64_t size_bytes;       /* of its layers; 0 when not told, as are the times */
	uint64_t pushed_ns;        /* real time */
	uint64_t pulled_ns;        /* real time */
	struct image_types *types; /* NULL when none is told */
	struct digest digest;
	atomic_uint references;
	uint32_t n_tags;
	uint8_t state;    /* enum image_state */
	bool bears_types; /* it was the first one with these types: their memory is counted as its
	                   */
	char tags[];      /* each with its NUL, behind the last one an empty one */
};

/* Copies the record. Returns new, or NULL when out of memory. Its types are shared with other
 * images when `known` (NULL: they are not) has them; then the caller holds the cache's lock.
 * Threads: any. */
struct image *image_new(const struct image_record *record, struct known_types *known);

/* Returns reference. Threads: any. */
struct image *image_ref(struct image *image);

/* The last one frees. Accepts NULL. Threads: any. */
void image_unref(struct image *image);

/* What it takes of the heap. Threads: any. */
size_t image_bytes(const struct image *image);

/* NULL when not told, as the next one. Threads: any. */
static inline const char *image_media_type(const struct image *image)
{
	return image->types ? image->types->media_type : NULL;
}

static inline const char *image_artifact_type(const struct image *image)
{
	return image->types ? image->types->artifact_type : NULL;
}

/* For CLEANUP(). */
static inline void unref_image(struct image **image)
{
	image_unref(*image);
}

/* Whether ECR has told more of it than its digest and one of its tags. Threads: any. */
static inline bool image_is_described(const struct image *image)
{
	return image->pushed_ns;
}

/* The next of an image's tags: `tag` is the one before, NULL for the first. Threads: any. */
const char *image_next_tag(const struct image *image, const char *tag);

#endif
