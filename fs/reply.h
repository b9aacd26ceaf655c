/* Replies to the kernel, and the errno of each status. The only senders of replies to requests. */
#ifndef ECRFS_FS_REPLY_H
#define ECRFS_FS_REPLY_H

#include "base/status.h"
#include "fs/request.h"

struct inode_content;
struct inode_identity;

/* The errno that a user sees; the table is in docs/SEMANTICS.md. Threads: pure. */
int reply_errno_of(enum status status);

/* Each sends one reply, after which the request is over. Always answer STEP_ANSWERED, so that an
 * operation can return them. Threads: as the request. */
enum step reply_error(struct request *request, int error);
enum step reply_status(struct request *request, enum status status);
enum step reply_attributes(struct request *request, const struct stat *attributes,
                           double timeout_s);
enum step reply_data(struct request *request, const void *data, size_t size);

enum step reply_ioctl(struct request *request, const void *data, size_t size);
enum step reply_target(struct request *request, const char *target);
enum step reply_xattr_size(struct request *request, size_t size);

/* The inode of this identity, found in request->inode by inodes_lookup(), under a name that is good
 * until then. Its lookup is given back when the kernel does not get the reply. */
enum step reply_inode(struct request *request, const struct inode_identity *identity,
                      uint64_t number, const struct inode_content *content, uint64_t until_ns);

/* "No such name", nor ever one. */
enum step reply_never(struct request *request);

/* "No such name" now. What was learnt during this request, the kernel may remember for the negative
 * TTL since its start; what was known before may be older. */
enum step reply_no_name(struct request *request);

/* What the cache answered that found nothing: its status, or "no such name" now. STEP_WAIT, without
 * a reply, where that was its answer. */
enum step reply_not_found(struct request *request, enum cache_answer answer, enum status status);

#endif
