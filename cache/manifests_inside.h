/* What the sources of cache/manifests.h share: manifests.c, the table; manifests_ask.c, questions
 * and their answers; manifests_use.c, who has used what, for reading ahead.
 *
 * All functions: the caller holds the lock.
 */
#ifndef ECRFS_CACHE_MANIFESTS_INSIDE_H
#define ECRFS_CACHE_MANIFESTS_INSIDE_H

#include "cache/manifests.h"
#include "ecr/name.h"

#include <uthash.h>

struct identity {
	const struct registry *registry;
	struct digest digest;
	char repository[NAME_REPOSITORY_MAX + 1]; /* hashed up to its end */
};

struct manifest {
	UT_hash_handle hh;
	struct manifests *owner;
	struct budget_item item;
	struct fetch fetch;
	struct bytes *bytes; /* NULL: never fetched, or evicted */
	size_t size;         /* 0: not known; no manifest is empty */
	uint64_t sequence;   /* where it was met last in a listing, see struct place */
	enum cache_listing listing;
	bool size_will_do;     /* of the question under way */
	bool has_config_ahead; /* its configuration was fetched ahead, since the bytes are here */
	bool is_from_disk;     /* what is known of it: that has cost no pull */
	bool was_walked;       /* when it was met, and it was not used since */
	bool was_told;   /* it had been fetched ahead; its size was shown, and no more so far */
	uint32_t stream; /* for which it was fetched ahead, and not used yet; 0: none */
	size_t identity_size;
	char identity[]; /* the first identity_size bytes of a struct identity */
};

/* The manifest, or NULL; it does not count as used. */
struct manifest *manifest_peek(struct manifests *owner, const struct registry *registry,
                               const char *repository, const struct digest *digest);

/* The manifest, new if need be, which counts as used; NULL when out of memory. */
struct manifest *manifest_take(struct manifests *owner, const struct registry *registry,
                               const char *repository, const struct digest *digest);

/* `bytes` are borrowed, NULL for none. */
void manifest_keep_bytes(struct manifest *manifest, struct bytes *bytes);

/* What was fetched ahead is used, or will not be. */
void manifest_leave_stream(struct manifest *manifest);

/* It is used: sets was_ahead and its place. */
void manifest_use(struct manifest *manifest, struct manifest_use *ret_use);

#endif
