/* An image as ECR described it at one moment: immutable and counted, so that an inode can keep what
 * it was looked up with.
 */
#ifndef ECRFS_CACHE_IMAGE_H
#define ECRFS_CACHE_IMAGE_H

#include "base/digest.h"
#include "ecr/source.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct image {
	atomic_uint references;
	struct digest digest;
	uint64_t size_bytes; /* of its layers; 0 when not told, as are the times */
	uint64_t pushed_ns;  /* real time */
	uint64_t pulled_ns;  /* real time */
	enum image_state state;
	size_t n_tags;
	const char *media_type; /* NULL when not told, as is the next one */
	const char *artifact_type;
	const char *tags; /* n_tags strings, one behind the other, each with its NUL */
	size_t bytes;     /* of memory, all of it */
	char texts[];
};

/* Copies the record. Returns new, or NULL when out of memory. Threads: any. */
struct image *image_new(const struct image_record *record);

/* Returns reference. Threads: any. */
struct image *image_ref(struct image *image);

/* The last one frees. Accepts NULL. Threads: any. */
void image_unref(struct image *image);

/* Whether ECR has told more of it than its digest and one of its tags. Threads: any. */
static inline bool image_is_described(const struct image *image)
{
	return image->pushed_ns;
}

/* The next of an image's tags: `tag` is the one before, NULL for the first. Threads: any. */
const char *image_next_tag(const struct image *image, const char *tag);

#endif
