/* Manifests by digest: their bytes while memory lasts, their sizes for longer. */
#ifndef ECRFS_CACHE_MANIFESTS_H
#define ECRFS_CACHE_MANIFESTS_H

#include "cache/core.h"

struct manifest;

struct manifests {
	struct core *core;
	struct manifest *table; /* under lock */
};

void manifests_init(struct manifests *manifests, struct core *core);
void manifests_deinit(struct manifests *manifests);

/* As cache_get_manifest() and cache_manifest_size(). Take the lock. */
enum cache_answer manifests_get(struct manifests *manifests, const struct registry *registry,
                                const char *repository, const struct digest *digest,
                                struct asker *asker, struct bytes **ret_bytes,
                                enum status *ret_status);
/* Keeps bytes that came without being asked for by digest. Takes the lock. */
void manifests_store(struct manifests *manifests, const struct registry *registry,
                     const char *repository, const struct digest *digest, struct bytes *bytes);
bool manifests_size(struct manifests *manifests, const struct registry *registry,
                    const char *repository, const struct digest *digest, size_t *ret_size);

#endif
