/* The attributes of inodes, as stat(2) shows them, and how long the kernel may keep them. */
#ifndef ECRFS_FS_ATTRIBUTES_H
#define ECRFS_FS_ATTRIBUTES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct fuse_entry_param;
struct inode;
struct mount;

/* Fills in everything that is known without asking. Answers whether that is all: false for a
 * manifest whose size nobody knows yet, which is then 0. Threads: any. */
bool attributes_fill(struct mount *mount, struct inode *inode, struct stat *ret_attributes,
                     double *ret_timeout_s);

/* The reply to the lookup of the inode under a name that is good until then (monotonic). Threads:
 * any. */
void attributes_fill_entry(struct mount *mount, struct inode *inode, uint64_t until_ns,
                           struct fuse_entry_param *ret_entry);

/* Seconds until a time of the monotonic clock, 0 when it has passed. Threads: any. */
double attributes_seconds_until(const struct mount *mount, uint64_t until_ns);

#endif
