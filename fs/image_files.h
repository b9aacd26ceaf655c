/* The files in the directory of an image: their names and their inodes. */
#ifndef ECRFS_FS_IMAGE_FILES_H
#define ECRFS_FS_IMAGE_FILES_H

#include "fs/inodes.h"
#include "fs/path.h"

struct cache;

struct image_file {
	const char *name;
	enum inode_kind kind;
	unsigned number;   /* of a new inode: so many behind that of its directory or image */
	unsigned is_shown; /* bit of `show=` that lists it; 0: always listed */
};

/* Directories that `show=` lists. */
enum show {
	SHOW_DIGESTS = 1,
	SHOW_UNTAGGED = 2,
	SHOW_PLATFORMS = 4,
};

/* Numbers of new inodes, which are counted from the directory's, too. */
#define NUMBER_DIGESTS  5
#define NUMBER_UNTAGGED 6

/* The i-th in the order of listing, NULL behind the last. Threads: pure. */
const struct image_file *image_file_at(unsigned i);

/* The one of that name, or NULL. Threads: pure. */
const struct image_file *image_file_find(const char *name);

/* What the file is in the directory of that image, and the number of a new inode: the same for all
 * texts that an image.json shows, whose digest is not computed here. The identity borrows from the
 * directory and from `ret_parts`. Answers false when the directory is that of no image. Threads:
 * any. */
bool image_file_identify(struct inodes *inodes, const struct image_file *file,
                         struct inode *directory, const struct digest *image,
                         struct path_parts *ret_parts, struct inode_identity *ret_identity,
                         uint64_t *ret_number);

/* Tells the cache, for reading ahead, where a manifest stands that is about to be looked at, or
 * whose size is shown, in the directory of that image. `parts` are those of image_file_identify().
 * Threads: any. */
void image_file_meet(struct cache *cache, const struct inode *directory,
                     const struct path_parts *parts, const struct digest *image);

#endif
