/* Files that show a document: what ECR told last, for a TTL. Threads: as the requests. */
#ifndef ECRFS_FS_DOCUMENT_FILE_H
#define ECRFS_FS_DOCUMENT_FILE_H

#include "ecr/source.h"
#include "fs/file_kind.h"

/* LOOKUP of such a file: has ECR asked, unless it has told lately. Other bytes are another inode:
 * the digest of the identity is that of text and `id`. */
enum cache_answer document_file_look_up(struct request *request, const char *repository,
                                        const struct document_id *id, struct file_facts *facts,
                                        enum status *ret_status);

/* READ in request->inode: its own text, however old, asked for again where it was evicted.
 * CACHE_ABSENT: it is another one by now, or none. */
enum cache_answer document_file_get(struct request *request, const char *repository,
                                    const struct document_id *id, struct bytes **ret_bytes,
                                    enum status *ret_status);

#endif
