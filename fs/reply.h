/* Replies to the kernel, and the errno of each status. The only senders of replies to requests. */
#ifndef ECRFS_FS_REPLY_H
#define ECRFS_FS_REPLY_H

#include "base/status.h"
#include "fs/request.h"

struct bytes;

/* The errno that a user sees; the table is in docs/SEMANTICS.md. Threads: pure. */
int reply_errno_of(enum status status);

/* Each sends one reply, after which the request is over. Always answer STEP_ANSWERED, so that an
 * operation can return them. Threads: as the request. */
enum step reply_error(struct request *request, int error);
enum step reply_status(struct request *request, enum status status);
enum step reply_attributes(struct request *request, const struct stat *attributes,
                           double timeout_s);
enum step reply_data(struct request *request, const void *data, size_t size);

enum step reply_target(struct request *request, const char *target);
enum step reply_xattr_size(struct request *request, size_t size);

/* An entry whose lookup was counted: it is given back when the kernel does not get the reply. */
enum step reply_entry(struct request *request, const struct fuse_entry_param *entry);

/* "No such name", which the kernel remembers for `timeout_s`. */
enum step reply_absent(struct request *request, double timeout_s);

#endif
