/* The files in the directory of an image: their names and their inodes. */
#ifndef ECRFS_FS_IMAGE_FILES_H
#define ECRFS_FS_IMAGE_FILES_H

#include "fs/file_kind.h"

/* The i-th in the order of listing, NULL behind the last. Threads: pure. */
const struct file_kind *image_file_at(unsigned i);

/* The one of that name, or NULL. Threads: pure. */
const struct file_kind *image_file_find(const char *name);

/* What the file is in the directory of that image, and the number of a new inode. The identity
 * borrows from the directory and from `ret_parts`; its digest is the image's, in the place of that
 * of a text. Answers false when the directory is that of no image. Threads: any. */
bool image_file_identify(struct inodes *inodes, const struct file_kind *file,
                         struct inode *directory, const struct digest *image,
                         struct path_parts *ret_parts, struct inode_identity *ret_identity,
                         uint64_t *ret_number);

/* The listing that shows the directory of an image, under the name `parts->image`. `parts` are
 * those of image_file_identify(). Threads: pure. */
enum cache_listing image_listing(const struct inode *directory, const struct path_parts *parts);

/* Tells the cache, for reading ahead, where a manifest stands that the request is about to look at
 * in the directory of that image. Threads: any. */
void image_file_meet(struct request *request, const struct path_parts *parts,
                     const struct digest *image);

#endif
