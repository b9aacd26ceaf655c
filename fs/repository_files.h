/* The files in the directory of a repository: their names and their inodes. */
#ifndef ECRFS_FS_REPOSITORY_FILES_H
#define ECRFS_FS_REPOSITORY_FILES_H

#include "fs/file_kind.h"

/* The i-th in the order of listing, NULL behind the last. Threads: pure. */
const struct file_kind *repository_file_at(unsigned i);

/* The one of that name, or NULL. Threads: pure. */
const struct file_kind *repository_file_find(const char *name);

/* LOOKUP of it in request->inode, which is a repository, maybe among other things. What ECR has
 * under that name, a tag or a component, is not hidden by it: then, and where there is no such
 * file, CACHE_ABSENT. CACHE_FOUND: `ret_identity`, which borrows from the directory, and
 * `ret_facts` say what it is. Threads: as the request. */
enum cache_answer repository_file_look_up(struct request *request, const struct file_kind *file,
                                          struct inode_identity *ret_identity,
                                          struct file_facts *ret_facts, enum status *ret_status);

/* READ of one, in request->inode: a file_kind's `get`. */
enum cache_answer repository_file_get(struct request *request, struct bytes **ret_bytes,
                                      enum status *ret_status);

/* Whether a listing at hand shows something of ECR under that name. Asks nobody. */
bool repository_file_is_hidden(const struct request *request, const struct file_kind *file);

#endif
