/* Directories of links from an image to others. Threads: as the requests. */
#ifndef ECRFS_FS_LINKS_H
#define ECRFS_FS_LINKS_H

#include "fs/request.h"

/* A name in the directory request->inode. */
enum step links_lookup(struct request *request);

#endif
