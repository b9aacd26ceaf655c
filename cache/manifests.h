/* Manifests by digest: their bytes while memory lasts, their sizes for longer. */
#ifndef ECRFS_CACHE_MANIFESTS_H
#define ECRFS_CACHE_MANIFESTS_H

#include "cache/core.h"
#include "cache/streams.h"

struct manifest;

struct manifests {
	struct core *core;
	struct manifest *table; /* under lock */
	struct streams streams; /* under lock */
	size_t average_bytes;   /* under lock: of those that came lately; 0: none did */
};

/* What came of asking for a manifest, for reading ahead. */
struct manifest_use {
	bool is_asked;       /* a question about it has begun */
	struct asker *waits; /* for it, or NULL */
	bool size_will_do;   /* which is about its size alone */
	struct reader reader;
	bool was_walked;            /* as in manifests_meet() */
	bool was_ahead;             /* it had been fetched ahead, and this is its first use */
	enum cache_listing listing; /* where it was met last, see struct place */
	uint64_t sequence;
};

void manifests_init(struct manifests *manifests, struct core *core);
void manifests_deinit(struct manifests *manifests);

/* As cache_get_manifest() and cache_manifest_size(). Take the lock. `ret_use` is always set.
 * `ret_bytes` may be NULL: then the size will do, and cache_manifest_size() has it when this has
 * answered CACHE_FOUND. */
enum cache_answer manifests_get(struct manifests *manifests, const struct registry *registry,
                                const char *repository, const struct digest *digest,
                                struct asker *asker, struct bytes **ret_bytes,
                                struct manifest_use *ret_use, enum status *ret_status);

/* Keeps bytes that came without being asked for by digest. Takes the lock. */
void manifests_store(struct manifests *manifests, const struct registry *registry,
                     const char *repository, const struct digest *digest, struct bytes *bytes);

bool manifests_size(struct manifests *manifests, const struct registry *registry,
                    const char *repository, const struct digest *digest, size_t *ret_size,
                    struct manifest_use *ret_use);

/* As cache_tell_manifest_size(), of the manifest at `place`. Takes the lock. */
bool manifests_tell_size(struct manifests *manifests, const struct place *place,
                         const struct digest *digest, size_t *ret_size,
                         struct manifest_use *ret_use);

/* The manifest is at `place`, and about to be used there. If its size is known, that was its use,
 * and `ret_use` says so; else it is all zero. `was_walked` as in cache_meet_manifest(). Takes the
 * lock. */
void manifests_meet(struct manifests *manifests, const struct place *place,
                    const struct digest *digest, bool was_walked, struct manifest_use *ret_use);

/* Forgets the manifests of the repositories of that name, or below that path ("" for all of them),
 * or the one of the repository with that digest. The caller holds the lock. Threads: loop. */
void manifests_forget(struct manifests *manifests, const struct registry *registry,
                      const char *path);
void manifests_forget_one(struct manifests *manifests, const struct registry *registry,
                          const char *repository, const struct digest *digest);

/* Where the manifest was met last, if its bytes are here: sets listing and sequence. The caller
 * holds the lock. */
bool manifests_place(struct manifests *manifests, const struct registry *registry,
                     const char *repository, const struct digest *digest, struct place *place);

/* The bytes of a manifest, a new reference, for fetching ahead the configuration that it names;
 * NULL where they are not here, or were taken for that before. The caller holds the lock. */
struct bytes *manifests_take_for_config(struct manifests *manifests,
                                        const struct registry *registry, const char *repository,
                                        const struct digest *digest);

/* Whether the manifest is here because somebody read it. The caller holds the lock. */
bool manifests_was_read(struct manifests *manifests, const struct registry *registry,
                        const char *repository, const struct digest *digest);

/* Begins a question for a manifest that nobody has asked for yet: it is fetched for the stream.
 * Answers NULL when that is not needed or out of memory. The caller holds the lock, and then lets
 * go of it and calls manifests_ask(). */
struct manifest *manifests_begin(struct manifests *manifests, const struct registry *registry,
                                 const char *repository, const struct digest *digest,
                                 struct stream *stream);

/* Takes that back; the lock has been held since. */
void manifests_cancel(struct manifest *manifest);

/* Asks the source for a manifest about which a question has begun. Threads: loop. */
void manifests_ask(struct manifest *manifest);

#endif
