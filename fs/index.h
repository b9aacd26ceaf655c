/* Images that are an index, or a docker manifest list: what is made of their children. */
#ifndef ECRFS_FS_INDEX_H
#define ECRFS_FS_INDEX_H

#include "cache/cache.h"
#include "ecr/json_image.h"
#include "fs/request.h"

/* Whether the image is an index, or may be one for all that is known. Threads: pure. */
bool index_may_be(const struct image *image);

/* The children of the index that the directory of links request->inode belongs to; that is a pull
 * of it. CACHE_FOUND: `ret_platforms` are the caller's; none when it is no index after all.
 * Threads: as the request. */
enum cache_answer index_read(struct request *request, struct json_platforms *ret_platforms,
                             enum status *ret_status);

#endif
