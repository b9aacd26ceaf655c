/* Directories of links from an image to others. Threads: as the requests. */
#ifndef ECRFS_FS_LINKS_H
#define ECRFS_FS_LINKS_H

#include "ecr/json_links.h"
#include "fs/request.h"

/* As many characters as a name may have, and the NUL. */
#define LINKS_NAME_SIZE 256

/* A name for the i-th link that its neighbours do not have: its type, with `_` for what no name
 * should have, and as many digits of its digest as tell it apart, 12 or all. Links of one type
 * stand together in what ECR tells, in the order of their digests. Threads: pure. */
void links_name(const struct json_links *links, size_t i, char name[static LINKS_NAME_SIZE]);

/* A name in the directory request->inode. */
enum step links_lookup(struct request *request);

#endif
