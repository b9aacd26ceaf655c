/* Manifests for those who read them, be it themselves or as the way to something else. */
#ifndef ECRFS_FS_MANIFEST_READER_H
#define ECRFS_FS_MANIFEST_READER_H

#include "cache/cache.h"
#include "fs/request.h"

/* As cache_get_manifest(), in the registry of request->inode: with what the cache wants to know of
 * one for whom it may have to ask. Threads: as the request. */
enum cache_answer manifest_read(struct request *request, const char *repository,
                                const struct digest *digest, struct bytes **ret_bytes,
                                enum status *ret_status);

#endif
