/* What the sources of fs/inodes.h share. */
#ifndef ECRFS_FS_INODES_ENTRY_H
#define ECRFS_FS_INODES_ENTRY_H

#include "fs/inodes.h"

#include <pthread.h>
#include <uthash.h>

/* The files of the image that a directory is among other things. */
struct files {
	struct digest digest;
	uint64_t number;
};

/* What changes about an inode: right in front of it, in the same block. All under lock. */
struct entry {
	UT_hash_handle hh;
	uint64_t lookups;    /* as wide as the kernel counts them: days of one hot name are many */
	struct image *image; /* as it was last told of */
	union {
		struct bytes *bytes; /* INODE_LIVE; never changes */
		size_t size;         /* INODE_FILE, 0: not known */
		struct {
			uint64_t changed_ns; /* since when it has its names, as last told */
			uint64_t mtime_ns; /* that, or later; of an image: what is added, 0 or 1 */
			struct files *files;   /* INODE_DIRECTORY, NULL: none was asked for */
			bool was_read;         /* since the time was moved: the kernel has a copy */
			bool was_read_as_more; /* than its kind says */
			uint32_t walked_s; /* monotonic: when a walk came through; 0: none did */
		} directory;
	};
};

struct inodes {
	struct cache *cache;
	struct inode *root; /* before the first request */
	pthread_mutex_t lock;
	struct entry *by_key; /* under lock */
};

static inline struct inode *inode_of(struct entry *entry)
{
	return (struct inode *)(entry + 1);
}

static inline struct entry *entry_of(const struct inode *inode)
{
	return (struct entry *)inode - 1;
}

/* The entry of that identity, or NULL. The caller holds the lock. */
struct entry *inodes_find_locked(struct inodes *inodes, const struct inode_identity *identity);

#endif
