/* Who has used which manifest, and which ones are fetched before anybody does. */
#include "base/bytes.h"
#include "base/cleanup.h"
#include "cache/manifests_inside.h"

void manifest_use(struct manifest *manifest, struct manifest_use *ret_use)
{
	ret_use->was_ahead = manifest->stream || manifest->was_told;
	if (ret_use->was_ahead)
		counts_event(&manifest->owner->core->counts, CACHE_AHEAD_USED, 1);
	streams_note_use(&manifest->owner->streams, manifest->stream);
	manifest_leave_stream(manifest);
	ret_use->was_walked = manifest->was_walked;
	manifest->was_told = manifest->was_walked = false;
	ret_use->listing = manifest->listing;
	ret_use->sequence = manifest->sequence;
}

/* The walk has come to it. That is a step, but nothing more is fetched for that. */
static void tell(struct manifest *manifest, struct manifest_use *ret_use)
{
	manifest->was_told |= manifest->stream != 0;
	manifest_leave_stream(manifest);
	ret_use->listing = manifest->listing;
	ret_use->sequence = manifest->sequence;
}

static void meet(struct manifest *manifest, const struct place *place)
{
	manifest->listing = place->listing;
	manifest->sequence = place->sequence;
}

bool manifests_tell_size(struct manifests *manifests, const struct place *place,
                         const struct digest *digest, size_t *ret_size,
                         struct manifest_use *ret_use)
{
	SCOPED_LOCK(&manifests->core->lock);
	struct manifest *manifest =
	        manifest_peek(manifests, place->registry, place->repository, digest);

	*ret_use = (struct manifest_use){0};
	if (!manifest || !manifest->size || (manifest->stream && !manifest->is_from_disk))
		return false;
	*ret_size = manifest->size;
	if (!place->sequence)
		return true;
	budget_touch(&manifests->core->budget, &manifest->item);
	meet(manifest, place);
	tell(manifest, ret_use);
	return true;
}

void manifests_meet(struct manifests *manifests, const struct place *place,
                    const struct digest *digest, bool was_walked, struct manifest_use *ret_use)
{
	SCOPED_LOCK(&manifests->core->lock);
	struct manifest *manifest =
	        manifest_take(manifests, place->registry, place->repository, digest);

	*ret_use = (struct manifest_use){0};
	if (!manifest)
		return;
	meet(manifest, place);
	manifest->was_walked = was_walked;
	if (manifest->size)
		manifest_use(manifest, ret_use);
}

bool manifests_size(struct manifests *manifests, const struct registry *registry,
                    const char *repository, const struct digest *digest, size_t *ret_size,
                    struct manifest_use *ret_use)
{
	SCOPED_LOCK(&manifests->core->lock);
	struct manifest *manifest = manifest_peek(manifests, registry, repository, digest);

	*ret_use = (struct manifest_use){0};
	if (!manifest || !manifest->size)
		return false;
	*ret_size = manifest->size;
	manifest_use(manifest, ret_use);
	return true;
}

bool manifests_place(struct manifests *manifests, const struct registry *registry,
                     const char *repository, const struct digest *digest, struct place *place)
{
	const struct manifest *manifest = manifest_peek(manifests, registry, repository, digest);

	if (!manifest || !manifest->bytes || !manifest->sequence)
		return false;
	place->listing = manifest->listing;
	place->sequence = manifest->sequence;
	return true;
}

struct bytes *manifests_take_for_config(struct manifests *manifests,
                                        const struct registry *registry, const char *repository,
                                        const struct digest *digest)
{
	struct manifest *manifest = manifest_peek(manifests, registry, repository, digest);

	if (!manifest || !manifest->bytes || manifest->has_config_ahead)
		return NULL;
	manifest->has_config_ahead = true;
	return bytes_ref(manifest->bytes);
}

bool manifests_was_read(struct manifests *manifests, const struct registry *registry,
                        const char *repository, const struct digest *digest)
{
	const struct manifest *manifest = manifest_peek(manifests, registry, repository, digest);

	return manifest && manifest->bytes && !manifest->stream;
}

struct manifest *manifests_begin(struct manifests *manifests, const struct registry *registry,
                                 const char *repository, const struct digest *digest,
                                 struct stream *stream)
{
	struct manifest *manifest = manifest_peek(manifests, registry, repository, digest);
	struct asker nobody = {.start_ns = UINT64_MAX};

	if (manifest && (manifest->fetch.under_way || manifest->bytes ||
	                 (stream->size_will_do && manifest->size) ||
	                 core_has_failed(manifests->core, &manifest->fetch, &nobody)))
		return NULL;
	manifest = manifest_take(manifests, registry, repository, digest);
	if (!manifest)
		return NULL;
	fetch_begin(&manifest->fetch, core_now_ns(manifests->core));
	manifest->size_will_do = stream->size_will_do;
	manifest->is_from_disk = false; /* until the answer tells */
	manifest->stream = stream->id;
	stream->unused++;
	return manifest;
}

void manifests_cancel(struct manifest *manifest)
{
	manifest->fetch.under_way = false;
	manifest_leave_stream(manifest);
}
