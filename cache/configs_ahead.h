/* Reading ahead configurations of images, for those who read one after the other.
 *
 * Each is a call and a download, so what counts is how many are under way at a time: who reads in
 * the order of a listing, or of its names, has those of the images that come next fetched, twice as
 * many as calls may fly. Their manifests must be here already: reading a configuration reads its
 * manifest, and so cache/readahead fetches those. No pull is made for this, and no more than a
 * quarter of the cache's memory is asked for at once.
 */
#ifndef ECRFS_CACHE_CONFIGS_AHEAD_H
#define ECRFS_CACHE_CONFIGS_AHEAD_H

#include "cache/documents.h"
#include "cache/follow.h"
#include "cache/manifests.h"

struct configs_ahead {
	struct core *core;
	struct manifests *manifests;
	struct documents *documents;
	struct streams streams; /* of those who read configurations; under lock */
	struct follow follow;
	struct loop_task task;
	bool is_posted;     /* under lock */
	struct place place; /* under lock: of the last access, as the next one */
	char repository[NAME_REPOSITORY_MAX + 1];
};

/* Borrows all. */
void configs_ahead_init(struct configs_ahead *ahead, struct core *core,
                        struct repositories *repositories, struct manifests *manifests,
                        struct documents *documents, _Atomic(struct catalog *) *catalogs);

/* Before the others go. */
void configs_ahead_deinit(struct configs_ahead *ahead);

/* As cache_meet_config(). Takes the lock. Threads: any. */
void configs_ahead_meet(struct configs_ahead *ahead, const struct registry *registry,
                        const char *repository, const struct digest *image);

#endif
