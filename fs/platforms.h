/* The directory `platforms` of an index: a link to the image of each platform.
 *
 * Looking into it needs the index, which is a pull of it. Threads: as the requests.
 */
#ifndef ECRFS_FS_PLATFORMS_H
#define ECRFS_FS_PLATFORMS_H

#include "base/status.h"
#include "fs/request.h"

struct image;

/* Whether the image is an index, or may be one for all that is known. Threads: pure. */
bool platforms_may_be(const struct image *image);

/* A name in the directory request->inode. */
enum step platforms_lookup(struct request *request);

/* Room for "os-architecture-variant-version". */
#define PLATFORM_NAME_SIZE 256

/* The names in the directory: calls `add` for each, in order, until it answers false. Answers
 * CACHE_FOUND when all were offered or `add` had enough. */
typedef bool (*platforms_add_fn)(void *arg, unsigned index, const char *name);
enum cache_answer platforms_list(struct request *request, platforms_add_fn add, void *arg,
                                 enum status *ret_status);

#endif
