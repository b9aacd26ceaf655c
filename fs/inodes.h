/* The inodes that the kernel holds: one object for each, from its LOOKUP to its FORGET.
 *
 * An inode is found by what it is: kind, registry, path, digest. What the cache knows about it
 * lives in the cache; only what must outlive the cache is kept here.
 *
 * The kernel knows an inode by its *node*: the address of the object, 1 for the root. It names no
 * node that it has not got from us, and none that it has forgotten; nothing here could tell.
 * Programs know it by its *number* (st_ino), which comes from the listing that shows it. Two that
 * are held at once may have the same number only where they are the same to every program: texts
 * that one generated file had one after the other, and an image in .digests and .untagged.
 */
#ifndef ECRFS_FS_INODES_H
#define ECRFS_FS_INODES_H

#include "base/digest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct bytes;
struct cache;
struct file_kind;
struct image;
struct inodes;
struct registry;

#define INODE_ROOT_NUMBER 1  /* also its node: FUSE_ROOT_ID */
#define INODE_OWN_NUMBER  16 /* and those behind it for its files */

enum inode_kind {
	/* Directories. */
	INODE_ROOT,
	INODE_OWN, /* .ecrfs in the root */
	INODE_REGISTRY,
	INODE_DIRECTORY, /* a namespace or a repository, and perhaps an image as well */
	INODE_IMAGE,     /* nothing but an image: bound to its digest */
	INODE_DIGESTS,   /* .digests of a repository */
	INODE_UNTAGGED,  /* .untagged */
	INODE_LINKS,     /* of an image: links to others, see fs/file_kind.h */
	/* Files. */
	INODE_FILE, /* of an image, see fs/file_kind.h */
	INODE_LIVE, /* in .ecrfs: made when it is looked up; its bytes are kept with it */
	/* Symbolic links; the path is the target. */
	INODE_LINK,
};

/* What an inode is. */
struct inode_identity {
	enum inode_kind kind;
	const struct registry *registry; /* NULL for the root and what is ours in it */
	const char *path;     /* below the registry; of files that tags share: their repository */
	struct digest digest; /* of the image; of a generated file: of its text; else zeros */
	const struct file_kind *file; /* INODE_FILE and INODE_LINKS: which; else NULL */
};

/* Nothing of it ever changes: it is read without a lock as long as it is held. */
struct inode {
	uint64_t number;
	uint64_t parent; /* number of the directory through which it was first found */

	/* Its identity, without a gap: the key of the table. */
	const struct registry *registry;
	struct digest digest;
	const struct file_kind *file;
	enum inode_kind kind;
	char path[];
};

/* What is kept with an inode; borrowed, the inode takes references. */
struct inode_content {
	struct image *image; /* as it was last told of; NULL: none */
	struct bytes *bytes; /* INODE_LIVE */
	size_t size;         /* INODE_FILE; 0: not known */
};

/* Borrows the cache. Answers 0 or -ENOMEM. */
int inodes_new(struct cache *cache, struct inodes **ret_inodes);
void inodes_free(struct inodes *inodes);

/* S_IFDIR, S_IFREG or S_IFLNK. Threads: pure. */
mode_t inodes_type(enum inode_kind kind);

/* The node by which the kernel knows an inode. Threads: pure. */
uint64_t inodes_node(const struct inode *inode);

/* The inode that the kernel holds as this node; borrowed for the request that names it: the kernel
 * does not forget what it is asking about. Threads: any. */
struct inode *inodes_get(struct inodes *inodes, uint64_t node);

/* The inode of this identity, new when need be, with one more lookup. `number` is the one to give
 * to a new inode (0: one that was never given). Answers 0 or -ENOMEM. Threads: any. */
int inodes_lookup(struct inodes *inodes, const struct inode_identity *identity, uint64_t number,
                  uint64_t parent, const struct inode_content *content, struct inode **ret_inode);

/* The number of the held inode of that identity, else `number`. Not for links. Threads: any. */
uint64_t inodes_number(struct inodes *inodes, const struct inode_identity *identity,
                       uint64_t number);

/* The number from which those of the files of the image of that digest are counted, in a directory
 * that is the image: its own, where it is bound to the digest; else one that lasts until the digest
 * is another, so that no two manifests have the same. Threads: any. */
uint64_t inodes_files_number(struct inodes *inodes, struct inode *directory,
                             const struct digest *digest);

/* The kernel, or a reply that it never got, gives `n` lookups back; the last one frees the inode.
 * More than there are is as good as all. Threads: any. */
void inodes_forget(struct inodes *inodes, uint64_t node, uint64_t n);

/* How many inodes the kernel holds. Threads: any. */
size_t inodes_count(struct inodes *inodes);

/* A directory that the kernel holds, and its name in the one above. */
struct held_directory {
	uint64_t node;
	uint64_t parent; /* 0: not one that is held, as of registries, whose names are known
	                    elsewhere */
	enum inode_kind kind;
	char *name;
};

/* The directories at a path of a registry and below it; `registry` NULL: all there are. Heap, in
 * any order; answers how many, 0 also when out of memory. Threads: any. */
size_t inodes_held(struct inodes *inodes, const struct registry *registry, const char *path,
                   struct held_directory **ret_held);
void inodes_held_free(struct held_directory *held, size_t n);

/* What is kept with the inode. Return references, NULL for none. Threads: any. */
struct image *inodes_image(struct inodes *inodes, const struct inode *inode);
struct bytes *inodes_bytes(const struct inode *inode);

/* The size of an INODE_FILE, once it is known. Threads: any. */
bool inodes_size(struct inodes *inodes, const struct inode *inode, size_t *ret_size);
void inodes_set_size(struct inodes *inodes, struct inode *inode, size_t size);

/* The modification time of a directory that has its names since `changed_ns` (0: unknown; answers 0
 * when it always was). `is_good` tells whether the names may still be relied on. A directory that
 * was read and whose names have expired since gets another time, once: that makes the kernel drop
 * its copy of them and read the directory again. Threads: any. */
uint64_t inodes_mtime(struct inodes *inodes, struct inode *inode, uint64_t changed_ns,
                      bool is_good);

/* The kernel reads the directory from its start, and keeps a copy. Threads: any. */
void inodes_reading(struct inodes *inodes, struct inode *inode);

/* A program that goes through image after image reads the directory of this one; and whether one
 * did a moment ago. Threads: any. */
void inodes_note_walk(struct inodes *inodes, struct inode *image, uint64_t now_ns);
bool inodes_was_walked(struct inodes *inodes, struct inode *directory, uint64_t now_ns);

/* Whether it was read as more than its kind says: a directory with the files of an image, an image
 * with the names of a namespace or repository. Threads: any. */
void inodes_read_as(struct inodes *inodes, struct inode *inode, bool is_more);

/* The directory is more than its kind now, or not: where the kernel's copy of its names says
 * otherwise, it gets another modification time. Threads: any. */
void inodes_is_more(struct inodes *inodes, struct inode *inode, bool is_more);

/* The same for an image, whose time is that of its push: the nanoseconds to add to that, 0 or 1. A
 * copy of which it is not `is_known` whether it is right is dropped, too. Threads: any. */
uint64_t inodes_image_shift(struct inodes *inodes, struct inode *inode, bool is_known,
                            bool is_more);

#endif
