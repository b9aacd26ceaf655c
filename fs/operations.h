/* What the kernel asks for: one function for each operation, run by fs/request.c from its start as
 * often as something is not at hand. Threads: any for the first run, loop for the others.
 */
#ifndef ECRFS_FS_OPERATIONS_H
#define ECRFS_FS_OPERATIONS_H

#include "fs/request.h"

/* request->inode is the directory, request->name the name. */
enum step operation_lookup(struct request *request);

/* request->inode. */
enum step operation_getattr(struct request *request);
enum step operation_readlink(struct request *request);

/* request->inode, offset, size. */
enum step operation_read(struct request *request);
enum step operation_readdir(struct request *request);
enum step operation_readdirplus(struct request *request);

/* request->inode, name, size; see fs/xattr.c. */
enum step operation_getxattr(struct request *request);
enum step operation_listxattr(struct request *request);

/* request->inode; size: the command, 0 for one about a file. */
enum step operation_ioctl(struct request *request);

#endif
