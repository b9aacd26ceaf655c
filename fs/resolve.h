/* What a name in a directory is: the questions to the cache, and what their answers amount to. */
#ifndef ECRFS_FS_RESOLVE_H
#define ECRFS_FS_RESOLVE_H

#include "cache/cache.h"

struct inode;
struct mount;

enum resolved_kind {
	RESOLVED_DIRECTORY, /* a namespace or repository, and perhaps an image */
	RESOLVED_IMAGE,     /* only an image */
	RESOLVED_HIDDEN,    /* a directory of ours in a repository */
};

struct resolved {
	enum resolved_kind kind;
	struct image
	        *image;    /* RESOLVED_IMAGE: a reference, which the caller gives back; else NULL */
	uint64_t number;   /* for a new inode; 0: any */
	uint64_t until_ns; /* monotonic: the name is good until then */
};

/* What `name` in the directory `parent` ("" for the registry's own) is. The first proof that it
 * exists answers; CACHE_ABSENT takes the word of all who could know. Where repositories may not be
 * listed, or that lasts too long, a name that could be one passes for a directory: the truth comes
 * with what is asked for in it. Threads: as the asker. */
enum cache_answer resolve_name(struct mount *mount, const struct registry *registry,
                               const char *parent, const char *name, struct asker *asker,
                               struct resolved *ret_resolved, enum status *ret_status);

/* The image that the directory `path` is, if it is one: then it shows the files of an image. */
enum cache_answer resolve_image(struct mount *mount, const struct registry *registry,
                                const char *path, enum image_question_how how, struct asker *asker,
                                struct found_image *ret_found, enum status *ret_status);

/* Whether to wait for a new listing of the registry first, which tells if `path` can be an image at
 * all, for one who reads its directory, and so that listing: a question about an image of what is
 * no repository would be in vain, and its failure would hide what is known of the directory. */
bool resolve_awaits_listing(struct mount *mount, const struct registry *registry, const char *path,
                            struct asker *asker);

/* The image of a directory that is bound to it, as it is known now, without asking: a newer record
 * of the same digest, or that of the last lookup. Returns reference, NULL for none. Threads: any.
 */
struct image *resolve_newest_image(struct mount *mount, const struct inode *directory,
                                   uint64_t start_ns);

#endif
