/* The kinds of files that images and repositories have: each is a source of its own,
 * fs/file_<name>.c, and a row in fs/image_files.c or fs/repository_files.c. Operations know none of
 * them: they go by what is said here.
 */
#ifndef ECRFS_FS_FILE_KIND_H
#define ECRFS_FS_FILE_KIND_H

#include "cache/cache.h"
#include "ecr/source.h"
#include "fs/inodes.h"
#include "fs/path.h"
#include "fs/request.h"

/* How long what a file shows is good. (A live file, in .ecrfs, is made whenever it is looked up:
 * fs/live.h.) */
enum file_lifetime {
	FILE_IMMUTABLE, /* as long as the image: name, size and bytes never change */
	FILE_LISTING,   /* as what ECR told: asked again after a TTL, and other bytes are another
	                   inode */
};

/* Of new inodes: so many behind the number of the directory, or that of the image's files. */
enum file_number {
	FILE_NUMBER_MANIFEST = 1,
	FILE_NUMBER_DIGEST,
	FILE_NUMBER_IMAGE_JSON,
	FILE_NUMBER_PLATFORMS,
	FILE_NUMBER_DIGESTS, /* the directories of ours in a repository */
	FILE_NUMBER_UNTAGGED,
	FILE_NUMBER_CONFIG,
	FILE_NUMBER_REFERRERS,
	FILE_NUMBER_ATTESTATIONS,
	FILE_NUMBER_SCAN,
	FILE_NUMBER_REPOSITORY,
	FILE_NUMBER_POLICY,
	FILE_NUMBER_LIFECYCLE,
	FILE_NUMBERS, /* behind the last: no more than CACHE_NUMBERS */
};

/* Bits of `show=`: what is listed only then. */
enum show {
	SHOW_DIGESTS = 1,
	SHOW_UNTAGGED = 2,
	SHOW_PLATFORMS = 4,
	SHOW_CONFIG = 8,
	SHOW_REFERRERS = 16,
	SHOW_ATTESTATIONS = 32,
	SHOW_SCAN = 64,
	SHOW_REPOSITORY = 128,
};

/* What a name leads to. */
struct file_facts {
	struct digest digest; /* of the identity: that of the image, or of the text */
	size_t size;          /* 0: not known */
	uint64_t until_ns;    /* monotonic: the name is good until then */
};

/* A link in a directory of links; answers false when it has seen enough. */
typedef bool (*link_fn)(void *arg, unsigned index, const char *name, const struct digest *target);

struct file_kind {
	const char *name;
	enum inode_kind inode; /* INODE_FILE, or INODE_LINKS: a directory of links to images */
	enum file_lifetime lifetime;
	enum file_number number;
	unsigned show;  /* the bits that list it; 0: it always is */
	bool is_shared; /* one inode for all names of the image in its repository */
	bool is_pulled; /* also for callers who may do nothing but pull */

	/* Whether the image has it, for all that is known without asking. NULL: all images do. */
	bool (*may_be)(const struct image *image);

	/* LOOKUP of it in request->inode, which is the image: sets what is to be changed in
	 * `facts`. CACHE_FOUND: it is there, as far as can be told without the bytes. NULL: it is.
	 */
	enum cache_answer (*look_up)(struct request *request, const struct path_parts *parts,
	                             struct image *image, struct file_facts *facts,
	                             enum status *ret_status);

	/* Whether a listing may tell what it is, which must cost no call: as `look_up`. NULL: it
	 * may not, and the kernel looks it up when somebody wants it. */
	bool (*tell)(struct request *request, const struct path_parts *parts, struct image *image,
	             struct file_facts *facts);

	/* What a file of a repository shows; it has no `look_up`. */
	enum document_kind document;

	/* INODE_FILE, in request->inode. The size, if that is known; NULL: from its LOOKUP on. */
	bool (*size)(struct mount *mount, const struct inode *inode, size_t *ret_size);

	/* Finds out a size that is not known, and sets it. NULL: there is none such. */
	enum cache_answer (*measure)(struct request *request, enum status *ret_status);

	/* The bytes, a new reference. CACHE_ABSENT: they are gone. */
	enum cache_answer (*get)(struct request *request, struct bytes **ret_bytes,
	                         enum status *ret_status);

	/* INODE_LINKS, in request->inode: offers all its links, in order. */
	enum cache_answer (*each)(struct request *request, link_fn offer, void *arg,
	                          enum status *ret_status);

	/* INODE_LINKS with FILE_LISTING: since when (real time) its links are what they are, 0 for
	 * not known, and until when (monotonic) they are good. Asks nobody. */
	void (*times)(struct mount *mount, const struct inode *inode, uint64_t *ret_changed_ns,
	              uint64_t *ret_until_ns);
};

/* A `tell` for what has no more to be said about. */
bool file_tell_always(struct request *request, const struct path_parts *parts, struct image *image,
                      struct file_facts *facts);

extern const struct file_kind file_manifest;
extern const struct file_kind file_digest;
extern const struct file_kind file_image_json;
extern const struct file_kind file_platforms;
extern const struct file_kind file_config;
extern const struct file_kind file_referrers;
extern const struct file_kind file_attestations;
extern const struct file_kind file_scan;

/* In fs/repository_files.c. */
extern const struct file_kind file_repository;
extern const struct file_kind file_policy;
extern const struct file_kind file_lifecycle;

#endif
