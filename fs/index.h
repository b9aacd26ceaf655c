/* Images that are an index, or a docker manifest list: what is made of their children. */
#ifndef ECRFS_FS_INDEX_H
#define ECRFS_FS_INDEX_H

#include "cache/cache.h"
#include "ecr/json_image.h"
#include "ecr/json_links.h"
#include "fs/request.h"

/* Whether the image is an index, or may be one for all that is known. Threads: pure. */
bool index_may_be(const struct image *image);

/* The children of the index that the directory of links request->inode belongs to; that is a pull
 * of it. CACHE_FOUND: `ret_platforms` are the caller's; none when it is no index after all.
 * Threads: as the request. */
enum cache_answer index_read(struct request *request, struct json_platforms *ret_platforms,
                             enum status *ret_status);

/* The attestations among its children, likewise. */
enum cache_answer index_read_attestations(struct request *request, struct json_links *ret_links,
                                          enum status *ret_status);

/* Room for "os-architecture-variant-version". */
#define INDEX_NAME_SIZE 256

/* The name of the i-th platform: <os>-<architecture>[-<variant>]; where an earlier one has that,
 * its version is added. Answers false when no file can have the name. Threads: pure. */
bool index_platform_name(const struct json_platforms *platforms, size_t i,
                         char name[static INDEX_NAME_SIZE]);

#endif
