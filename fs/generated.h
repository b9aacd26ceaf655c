/* The bytes of files that are made here and not fetched: functions of what they show, so that they
 * can be made again. Return new, NULL when out of memory. Threads: any. */
#ifndef ECRFS_FS_GENERATED_H
#define ECRFS_FS_GENERATED_H

#include <stddef.h>
#include <stdint.h>

struct bytes;
struct digest;
struct image;

/* The image as DescribeImages told of it. */
struct bytes *generated_image_json(const struct image *image);

/* What that is in the directory of that inode number: `ret_digest` is another one for another text
 * or directory. Answers 0 or a negative errno. */
int generated_image_json_identify(const struct image *image, uint64_t directory,
                                  struct digest *ret_digest, size_t *ret_size);

#endif
