/* The files in the directory of an image. Threads: pure. */
#ifndef ECRFS_FS_IMAGE_FILES_H
#define ECRFS_FS_IMAGE_FILES_H

#include "fs/inodes.h"

struct image_file {
	const char *name;
	enum inode_kind kind;
	unsigned number;   /* of a new inode: so many behind the directory's */
	unsigned is_shown; /* bit of `show=` that lists it; 0: always listed */
};

/* Directories that `show=` lists. */
enum show {
	SHOW_DIGESTS = 1,
	SHOW_UNTAGGED = 2,
	SHOW_PLATFORMS = 4,
};

/* The i-th in the order of listing, NULL behind the last. */
const struct image_file *image_file_at(unsigned i);

/* The one of that name, or NULL. */
const struct image_file *image_file_find(const char *name);

#endif
