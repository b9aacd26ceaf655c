/* Manifests by registry, repository and digest.
 *
 * The repository belongs to the identity: bytes that one repository gave prove nothing about what
 * another has, or lets this caller read.
 */
#include "cache/manifests.h"
#include "base/bytes.h"
#include "cache/manifests_inside.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

void manifests_init(struct manifests *manifests, struct core *core)
{
	*manifests = (struct manifests){.core = core};
}

void manifest_leave_stream(struct manifest *manifest)
{
	struct stream *stream = streams_find(&manifest->owner->streams, manifest->stream);

	manifest->stream = 0;
	if (stream && stream->unused)
		stream->unused--;
}

/* What was fetched ahead has to go before it is used: there is no room for more. */
static void thwart_stream(struct manifest *manifest)
{
	struct stream *stream = streams_find(&manifest->owner->streams, manifest->stream);

	if (stream)
		stream->is_thwarted = true;
	manifest_leave_stream(manifest);
}

static void manifest_free(struct manifest *manifest)
{
	HASH_DEL(manifest->owner->table, manifest);
	budget_remove(&manifest->owner->core->budget, &manifest->item);
	bytes_unref(manifest->bytes);
	free(manifest);
}

void manifests_deinit(struct manifests *manifests)
{
	struct manifest *manifest, *next;

	HASH_ITER (hh, manifests->table, manifest, next) {
		manifest_free(manifest);
	}
}

static size_t bare_bytes(const struct manifest *manifest)
{
	return sizeof(*manifest) + manifest->identity_size;
}

/* Bytes go first; the size stays, so that a `stat` does not pull the image again. */
static void manifest_evict(struct budget_item *item)
{
	struct manifest *manifest =
	        (struct manifest *)((char *)item - offsetof(struct manifest, item));

	if (fetch_in_use(&manifest->fetch))
		return;
	thwart_stream(manifest);
	if (!manifest->bytes) {
		manifest_free(manifest);
		return;
	}
	bytes_unref(manifest->bytes);
	manifest->bytes = NULL;
	manifest->has_config_ahead = manifest->was_told = false;
	manifest->fetch.answered_ns = manifest->fetch.good_ns = 0;
	budget_shrink(&manifest->owner->core->budget, item, bare_bytes(manifest));
}

static size_t make_identity(const struct registry *registry, const char *repository,
                            const struct digest *digest, struct identity *identity)
{
	size_t length = strnlen(repository, NAME_REPOSITORY_MAX);

	identity->registry = registry;
	identity->digest = *digest;
	memcpy(identity->repository, repository, length);
	identity->repository[length] = '\0';
	return offsetof(struct identity, repository) + length;
}

static struct manifest *manifest_new(struct manifests *owner, const struct registry *registry,
                                     const char *repository, const struct digest *digest)
{
	struct identity identity;
	size_t identity_size = make_identity(registry, repository, digest, &identity);
	struct manifest *manifest = calloc(1, sizeof(*manifest) + identity_size + 1);

	if (!manifest)
		return NULL;
	manifest->owner = owner;
	manifest->item.evict = manifest_evict;
	manifest->fetch.may_be_kept = true;
	manifest->identity_size = identity_size;
	memcpy(manifest->identity, &identity, identity_size); /* its last byte stays NUL */
	HASH_ADD_KEYPTR(hh, owner->table, manifest->identity, identity_size, manifest);
	if (!manifest->hh.tbl) { /* out of memory */
		free(manifest);
		return NULL;
	}
	manifest->item.bytes = bare_bytes(manifest);
	budget_add(&owner->core->budget, &manifest->item);
	return manifest;
}

struct manifest *manifest_peek(struct manifests *owner, const struct registry *registry,
                               const char *repository, const struct digest *digest)
{
	struct identity identity;
	size_t identity_size = make_identity(registry, repository, digest, &identity);
	struct manifest *manifest;

	HASH_FIND(hh, owner->table, &identity, identity_size, manifest);
	return manifest;
}

struct manifest *manifest_take(struct manifests *owner, const struct registry *registry,
                               const char *repository, const struct digest *digest)
{
	struct manifest *manifest = manifest_peek(owner, registry, repository, digest);

	if (!manifest)
		manifest = manifest_new(owner, registry, repository, digest);
	if (manifest)
		budget_touch(&owner->core->budget, &manifest->item);
	return manifest;
}

void manifest_keep_bytes(struct manifest *manifest, struct bytes *bytes)
{
	struct budget *budget = &manifest->owner->core->budget;

	bytes_unref(manifest->bytes);
	manifest->bytes = bytes ? bytes_ref(bytes) : NULL;
	manifest->has_config_ahead = false;
	if (bytes)
		manifest->size = bytes->size;
	else
		manifest->fetch.good_ns = 0;
	budget_resize(budget, &manifest->item, bare_bytes(manifest) + (bytes ? bytes->size : 0));
	budget_touch(budget, &manifest->item);
}

/* Bytes go, and then the rest, unless somebody waits for it. */
static void forget(struct manifest *manifest)
{
	bool has_bytes = manifest->bytes;

	manifest->fetch.forgotten_ns = core_now_ns(manifest->owner->core);
	if (has_bytes && !fetch_in_use(&manifest->fetch))
		manifest_evict(&manifest->item);
	manifest_evict(&manifest->item);
}

void manifests_forget(struct manifests *manifests, const struct registry *registry,
                      const char *path)
{
	struct manifest *manifest, *next;

	HASH_ITER (hh, manifests->table, manifest, next) {
		const struct identity *identity = (const struct identity *)manifest->identity;

		if (identity->registry == registry && name_is_below(identity->repository, path))
			forget(manifest);
	}
}

void manifests_forget_one(struct manifests *manifests, const struct registry *registry,
                          const char *repository, const struct digest *digest)
{
	struct manifest *manifest = manifest_peek(manifests, registry, repository, digest);

	if (manifest)
		forget(manifest);
}
