/* Finds names by their texts: a hash table of places in an array of names that somebody else owns.
 *
 * A place takes five to ten bytes here. Its slot has what bits of the hash there is room for, so
 * that a name's text is looked at only when it is almost certainly the right one. The hash has a
 * key of its own: who may push tags cannot choose ones that collide.
 *
 * All functions: the caller holds the cache's lock. Threads: any.
 */
#ifndef ECRFS_CACHE_NAME_INDEX_H
#define ECRFS_CACHE_NAME_INDEX_H

#include <stddef.h>
#include <stdint.h>

struct name;
struct name_index; /* NULL: an empty one */

/* The name of this text, or NULL. */
struct name *name_index_find(const struct name_index *index, struct name *const *places,
                             const char *text);

/* Puts in the name at place `n`, whose text is not there yet; those before it are in. Answers 0 or
 * a negative errno: then nothing has changed. */
int name_index_add(struct name_index **index, struct name *const *places, size_t n);

/* The `n` names that are left have other places now. Gives back what they do not need. */
void name_index_renew(struct name_index **index, struct name *const *places, size_t n);

/* Accepts NULL. */
void name_index_free(struct name_index *index);

size_t name_index_bytes(const struct name_index *index);

#endif
