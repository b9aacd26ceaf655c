/* The parts of which the names of a directory consist, each added to a reply in turn.
 *
 *   offset   1, 2        . and ..
 *            3 to 15     files of ours, where the directory is an image
 *            1<<56 | n   components of repository names, n-th in the listing of the registry
 *            2<<56 | n   tags, n-th in the listing of the repository; or digests
 *            3<<56       directories and files of ours in a repository
 *
 * Names that two roles have are shown once, by the first. Threads: as the request.
 */
#ifndef ECRFS_FS_READDIR_PARTS_H
#define ECRFS_FS_READDIR_PARTS_H

#include "fs/readdir_reply.h"

#define OFFSET_DOT    1
#define OFFSET_DOTDOT 2
#define OFFSET_FILES  3  /* and on */
#define OFFSET_OTHERS 16 /* and on: registries, platforms, live files */

#define SECTION_SHIFT    56
#define COMPONENTS_START ((off_t)1 << SECTION_SHIFT)
#define TAGS_START       ((off_t)2 << SECTION_SHIFT)
#define HIDDEN_START     ((off_t)3 << SECTION_SHIFT)

/* Behind the hidden directories. */
#define REPOSITORY_FILES_START (HIDDEN_START + 16)

/* What became of adding a part of the names. */
enum part {
	PART_DONE, /* there are no more */
	PART_FULL, /* the reply is */
	PART_WAIT, /* more have not arrived */
	PART_FAILED,
};

/* Adds the names of one part from request->offset on. */
typedef enum part (*part_fn)(struct reply_names *names);

/* The parts of a directory of that kind, NULL behind the last; NULL when it is no directory. */
const part_fn *readdir_parts(enum inode_kind kind);

#endif
