/* The one seam that the cache asks: what a registry holds, as questions with asynchronous answers.
 *
 * `ecr/client.c` answers them from Amazon ECR; tests put a source of their own in its place.
 *
 * All on the loop thread. An answer never comes inside the call that asks. Everything in an answer
 * is borrowed for the callback. A function answers 0, or -ENOMEM, or -ECANCELED while the source is
 * being freed: then its callback does not follow.
 */
#ifndef ECRFS_ECR_SOURCE_H
#define ECRFS_ECR_SOURCE_H

#include "base/digest.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes;
struct registry;
struct source;

struct repository_record {
	const char *name;
	uint64_t created_ns; /* real time, 0 when not told */
};

enum image_state {
	IMAGE_ACTIVE,
	IMAGE_ARCHIVED,
	IMAGE_ACTIVATING,
};

/* An image as DescribeImages tells of it. */
struct image_record {
	struct digest digest;
	const char *const *tags; /* none for an untagged image */
	size_t n_tags;
	uint64_t size_bytes;    /* of its layers, 0 when not told */
	uint64_t pushed_ns;     /* real time, 0 when not told */
	uint64_t pulled_ns;     /* real time, 0 when not told */
	const char *media_type; /* NULL when not told, as are the others */
	const char *artifact_type;
	enum image_state state;
};

/* One page of a listing. `last` ends it; a status other than STATUS_OK ends it too, with no
 * records. */
typedef void (*repositories_fn)(void *arg, enum status status,
                                const struct repository_record *records, size_t n, bool last);
typedef void (*images_fn)(void *arg, enum status status, const struct image_record *records,
                          size_t n, bool last);

/* The answer to a question by name: STATUS_OK with the record, STATUS_ABSENT, or why there is none.
 */
typedef void (*repository_fn)(void *arg, enum status status,
                              const struct repository_record *record);
typedef void (*image_fn)(void *arg, enum status status, const struct image_record *record);

/* `bytes` hash to the digest that was asked for: they have been verified. NULL unless STATUS_OK. */
typedef void (*manifest_fn)(void *arg, enum status status, struct bytes *bytes);

struct source_ops {
	/* All repositories of a registry, page by page. */
	int (*list_repositories)(struct source *source, const struct registry *registry,
	                         repositories_fn page, void *arg);

	/* One repository by name. */
	int (*find_repository)(struct source *source, const struct registry *registry,
	                       const char *repository, repository_fn found, void *arg);

	/* All tagged images of a repository, page by page. */
	int (*list_images)(struct source *source, const struct registry *registry,
	                   const char *repository, images_fn page, void *arg);

	/* One image by tag. Not a pull. */
	int (*find_image)(struct source *source, const struct registry *registry,
	                  const char *repository, const char *tag, image_fn found, void *arg);

	/* The bytes of a manifest by digest. ECR records this as a pull of the image. */
	int (*fetch_manifest)(struct source *source, const struct registry *registry,
	                      const char *repository, const struct digest *digest,
	                      manifest_fn fetched, void *arg);
};

struct source {
	const struct source_ops *ops;
};

#endif
