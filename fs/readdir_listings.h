/* The parts of a directory's names that ECR lists: components of repository names, tags, digests.
 * Inside of fs/readdir_parts. Threads: as the request.
 */
#ifndef ECRFS_FS_READDIR_LISTINGS_H
#define ECRFS_FS_READDIR_LISTINGS_H

#include "fs/readdir_parts.h"

/* Each as a part_fn. Components also when the request is past them: tags must not repeat them. */
enum part readdir_add_components(struct reply_names *names);
enum part readdir_add_tags(struct reply_names *names);
enum part readdir_add_digests(struct reply_names *names);

/* Whether the directory may have what repositories have. An image is taken for one as well where
 * that is known, or was known when the components were read, or where nobody else can tell. */
bool readdir_may_be_repository(const struct reply_names *names);

#endif
