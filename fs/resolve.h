/* What a name in a directory is: the questions to the cache, and what their answers amount to. */
#ifndef ECRFS_FS_RESOLVE_H
#define ECRFS_FS_RESOLVE_H

#include "cache/cache.h"

struct mount;

struct resolved {
	bool is_directory;  /* a namespace or repository (and perhaps an image); else only an image
	                     */
	struct image image; /* when it is only an image */
	uint64_t number;    /* for a new inode; 0: any */
	uint64_t until_ns;  /* monotonic: the name is good until then */
};

/* What `name` in the directory `parent` ("" for the registry's own) is. The first proof that it
 * exists answers; CACHE_ABSENT takes the word of all who could know. Threads: as the asker. */
enum cache_answer resolve_name(struct mount *mount, const struct registry *registry,
                               const char *parent, const char *name, struct asker *asker,
                               struct resolved *ret_resolved, enum status *ret_status);

/* The image that the directory `path` is, if it is one: then it shows a manifest.json. `listed`: a
 * good listing of its repository is proof enough that there is none. */
enum cache_answer resolve_image(struct mount *mount, const struct registry *registry,
                                const char *path, bool listed, struct asker *asker,
                                struct image *ret_image, enum status *ret_status);

#endif
