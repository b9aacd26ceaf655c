/* The bytes of files that are made here and not fetched. Return new, NULL when out of memory.
 * Threads: any. */
#ifndef ECRFS_FS_GENERATED_H
#define ECRFS_FS_GENERATED_H

struct bytes;
struct digest;
struct image;

/* "sha256:<hex>" and a newline. */
struct bytes *generated_digest(const struct digest *digest);

/* The image as DescribeImages told of it. */
struct bytes *generated_image_json(const struct image *image);

#endif
