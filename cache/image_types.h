/* The types of an image: of its manifest, and of what it is. Of a million images nearly all have
 * the same few, so they share them; counted, since images live longer than the cache's lock is
 * held, and longer than the cache.
 */
#ifndef ECRFS_CACHE_IMAGE_TYPES_H
#define ECRFS_CACHE_IMAGE_TYPES_H

#include <stdatomic.h>
#include <stdbool.h>

/* Immutable. */
struct image_types {
	atomic_uint references;
	const char *media_type; /* NULL when not told, as is the next one */
	const char *artifact_type;
	char texts[];
};

/* The last ones that were new, where those who need the same find them: so few are compared in no
 * time. Of a server with more kinds, or with longer texts than RFC 6838 allows, images have types
 * of their own, which count as theirs. */
#define KNOWN_TYPES_MAX  16
#define KNOWN_TYPE_CHARS 255 /* 127, a slash, 127 */

struct known_types {
	struct image_types *types[KNOWN_TYPES_MAX]; /* references */
	unsigned turn;                              /* which is the next one to be replaced */
};

/* The types of these texts. `ret_types`: reference, NULL when both texts are; `ret_new`: nobody had
 * them. `known` may be NULL; else the caller holds its lock. Answers 0 or -ENOMEM. Threads: any. */
int image_types_get(struct known_types *known, const char *media_type, const char *artifact_type,
                    struct image_types **ret_types, bool *ret_new);

/* The last one frees. Accepts NULL. Threads: any. */
void image_types_unref(struct image_types *types);

void known_types_deinit(struct known_types *known);

#endif
