/* Manifests by registry, repository and digest.
 *
 * The repository belongs to the identity: bytes that one repository gave prove nothing about what
 * another has, or lets this caller read.
 */
#include "cache/manifests.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "ecr/name.h"
#include "ecr/source.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
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
	bool was_told;   /* it had been fetched ahead; its size was shown, and no more so far */
	uint32_t stream; /* for which it was fetched ahead, and not used yet; 0: none */
	size_t identity_size;
	char identity[]; /* the first identity_size bytes of a struct identity */
};

void manifests_init(struct manifests *manifests, struct core *core)
{
	*manifests = (struct manifests){.core = core};
}

/* What was fetched ahead is used, or will not be. */
static void leave_stream(struct manifest *manifest)
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
	leave_stream(manifest);
}

static void use(struct manifest *manifest, struct manifest_use *ret_use)
{
	ret_use->was_ahead = manifest->stream || manifest->was_told;
	if (ret_use->was_ahead)
		counts_event(&manifest->owner->core->counts, CACHE_AHEAD_USED, 1);
	leave_stream(manifest);
	manifest->was_told = false;
	ret_use->listing = manifest->listing;
	ret_use->sequence = manifest->sequence;
}

/* The walk has come to it. That is a step, but nothing more is fetched for that. */
static void tell(struct manifest *manifest, struct manifest_use *ret_use)
{
	manifest->was_told |= manifest->stream != 0;
	leave_stream(manifest);
	ret_use->listing = manifest->listing;
	ret_use->sequence = manifest->sequence;
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

/* The caller holds the lock, as for the next ones. */
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

static struct manifest *peek(struct manifests *owner, const struct registry *registry,
                             const char *repository, const struct digest *digest)
{
	struct identity identity;
	size_t identity_size = make_identity(registry, repository, digest, &identity);
	struct manifest *manifest;

	HASH_FIND(hh, owner->table, &identity, identity_size, manifest);
	return manifest;
}

/* The manifest, which counts as used; NULL when out of memory. */
static struct manifest *take(struct manifests *owner, const struct registry *registry,
                             const char *repository, const struct digest *digest)
{
	struct manifest *manifest = peek(owner, registry, repository, digest);

	if (!manifest)
		manifest = manifest_new(owner, registry, repository, digest);
	if (manifest)
		budget_touch(&owner->core->budget, &manifest->item);
	return manifest;
}

/* The caller holds the lock. `bytes` are borrowed, NULL for none. */
static void keep_bytes(struct manifest *manifest, struct bytes *bytes)
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

/* A running average: a sixteenth of it is new each time. */
static void learn_size(struct manifests *owner, size_t size)
{
	size_t average = owner->average_bytes ? owner->average_bytes : size;

	owner->average_bytes = (15 * average + size) / 16;
}

static void manifest_arrived(void *arg, enum status status, struct bytes *bytes)
{
	struct manifest *manifest = arg;
	struct core *core = manifest->owner->core;

	if (bytes && !core->source->answers_from_disk)
		counts_event(&core->counts, CACHE_PULLED, 1);
	pthread_mutex_lock(&core->lock);
	core_count_answer(core, &manifest->fetch);
	manifest->is_from_disk = core->source->answers_from_disk;
	if (bytes || !status_is_transient(status)) /* else older ones are as good as it gets */
		keep_bytes(manifest, bytes);
	if (bytes)
		learn_size(manifest->owner, bytes->size);
	else
		leave_stream(manifest);
	fetch_finish(&manifest->fetch, status, core_now_ns(core), &core->ready);
	core_unlock(core);
}

/* The size came without the bytes: who waits for that looks again, and who wants them asks again.
 */
static void size_arrived(struct manifest *manifest, size_t size)
{
	struct core *core = manifest->owner->core;

	pthread_mutex_lock(&core->lock);
	core_count_answer(core, &manifest->fetch);
	manifest->is_from_disk = core->source->answers_from_disk;
	manifest->size = size;
	manifest->fetch.under_way = false;
	fetch_wake(&manifest->fetch, &core->ready);
	core_unlock(core);
}

static void manifest_or_size_arrived(void *arg, enum status status, struct bytes *bytes,
                                     size_t size)
{
	if (status == STATUS_OK && !bytes)
		size_arrived(arg, size);
	else
		manifest_arrived(arg, status, bytes);
}

void manifests_store(struct manifests *manifests, const struct registry *registry,
                     const char *repository, const struct digest *digest, struct bytes *bytes)
{
	struct core *core = manifests->core;
	struct manifest *manifest;

	pthread_mutex_lock(&core->lock);
	manifest = take(manifests, registry, repository, digest);
	if (manifest && !manifest->fetch.under_way) {
		keep_bytes(manifest, bytes);
		fetch_finish(&manifest->fetch, STATUS_OK, core_now_ns(core), &core->ready);
	}
	core_unlock(core);
}

/* Whether the source has manifests that need not be pulled. */
static bool is_kept(const struct core *core)
{
	return core->source->ops->fetch_size != NULL;
}

/* `ret_bytes` may be NULL: then the size will do. */
static enum cache_answer get_locked(struct manifest *manifest, struct asker *asker,
                                    struct bytes **ret_bytes, bool *ret_ask,
                                    enum status *ret_status)
{
	struct core *core = manifest->owner->core;
	enum cache_answer answer;
	uint64_t until_ns;

	*ret_ask = false;
	if (!ret_bytes && manifest->size)
		return CACHE_FOUND;
	if (core->config.no_pull && !is_kept(core)) { /* so there are no bytes */
		*ret_status = STATUS_NOT_PULLED;
		return CACHE_FAILED;
	}
	answer = core_find(core, &manifest->fetch, core->config.digest_ttl_ns, asker, &until_ns,
	                   ret_ask, ret_status);
	if (answer == CACHE_FOUND && ret_bytes)
		*ret_bytes = bytes_ref(manifest->bytes);
	if (*ret_ask)
		manifest->size_will_do = !ret_bytes;
	return answer;
}

void manifests_ask(struct manifest *manifest)
{
	struct core *core = manifest->owner->core;
	const struct identity *identity = (const struct identity *)manifest->identity;

	const struct source_ops *ops = core->source->ops;
	int r;

	if (!is_kept(core)) /* else the source knows what ECR is asked for */
		counts_event(&core->counts, CACHE_IDS_FETCHED, 1);
	if (manifest->size_will_do && ops->fetch_size)
		r = ops->fetch_size(core->source, identity->registry, identity->repository,
		                    &identity->digest, manifest_or_size_arrived, manifest);
	else
		r = ops->fetch_manifest(core->source, identity->registry, identity->repository,
		                        &identity->digest, manifest_arrived, manifest);
	if (r < 0)
		core_refused(core, &manifest->fetch);
}

enum cache_answer manifests_get(struct manifests *manifests, const struct registry *registry,
                                const char *repository, const struct digest *digest,
                                struct asker *asker, struct bytes **ret_bytes,
                                struct manifest_use *ret_use, enum status *ret_status)
{
	enum cache_answer answer = CACHE_FAILED;
	struct manifest *manifest;

	*ret_use = (struct manifest_use){
	        .walked = asker->walked,
	        .may_be_cut_off = asker->may_be_cut_off,
	        .size_will_do = !ret_bytes,
	};
	pthread_mutex_lock(&manifests->core->lock);
	manifest = take(manifests, registry, repository, digest);
	if (manifest) {
		answer = get_locked(manifest, asker, ret_bytes, &ret_use->is_asked, ret_status);
		if (answer != CACHE_WAIT || asker->may_wait)
			use(manifest, ret_use);
	} else {
		*ret_status = STATUS_NO_MEMORY;
	}
	pthread_mutex_unlock(&manifests->core->lock);
	if (ret_use->is_asked)
		manifests_ask(manifest);
	return answer;
}

static void meet(struct manifest *manifest, const struct place *place)
{
	if (!place->sequence)
		return;
	manifest->listing = place->listing;
	manifest->sequence = place->sequence;
}

bool manifests_tell_size(struct manifests *manifests, const struct place *place,
                         const struct digest *digest, size_t *ret_size,
                         struct manifest_use *ret_use)
{
	SCOPED_LOCK(&manifests->core->lock);
	struct manifest *manifest = peek(manifests, place->registry, place->repository, digest);

	*ret_use = (struct manifest_use){0};
	if (!manifest || !manifest->size || (manifest->stream && !manifest->is_from_disk))
		return false;
	budget_touch(&manifests->core->budget, &manifest->item);
	meet(manifest, place);
	tell(manifest, ret_use);
	*ret_size = manifest->size;
	return true;
}

void manifests_meet(struct manifests *manifests, const struct place *place,
                    const struct digest *digest, struct manifest_use *ret_use)
{
	SCOPED_LOCK(&manifests->core->lock);
	struct manifest *manifest = take(manifests, place->registry, place->repository, digest);

	*ret_use = (struct manifest_use){0};
	if (!manifest)
		return;
	meet(manifest, place);
	if (manifest->size)
		use(manifest, ret_use);
}

bool manifests_place(struct manifests *manifests, const struct registry *registry,
                     const char *repository, const struct digest *digest, struct place *place)
{
	const struct manifest *manifest = peek(manifests, registry, repository, digest);

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
	struct manifest *manifest = peek(manifests, registry, repository, digest);

	if (!manifest || !manifest->bytes || manifest->has_config_ahead)
		return NULL;
	manifest->has_config_ahead = true;
	return bytes_ref(manifest->bytes);
}

struct manifest *manifests_begin(struct manifests *manifests, const struct registry *registry,
                                 const char *repository, const struct digest *digest,
                                 struct stream *stream)
{
	struct manifest *manifest = peek(manifests, registry, repository, digest);
	struct asker nobody = {.start_ns = UINT64_MAX};

	if (manifest && (manifest->fetch.under_way || manifest->bytes ||
	                 (stream->size_will_do && manifest->size) ||
	                 core_has_failed(manifests->core, &manifest->fetch, &nobody)))
		return NULL;
	manifest = take(manifests, registry, repository, digest);
	if (!manifest)
		return NULL;
	fetch_begin(&manifest->fetch, core_now_ns(manifests->core));
	manifest->size_will_do = stream->size_will_do;
	manifest->stream = stream->id;
	stream->unused++;
	return manifest;
}

bool manifests_size(struct manifests *manifests, const struct registry *registry,
                    const char *repository, const struct digest *digest, size_t *ret_size,
                    struct manifest_use *ret_use)
{
	SCOPED_LOCK(&manifests->core->lock);
	struct manifest *manifest = peek(manifests, registry, repository, digest);

	*ret_use = (struct manifest_use){0};
	if (!manifest || !manifest->size)
		return false;
	*ret_size = manifest->size;
	use(manifest, ret_use);
	return true;
}

void manifests_cancel(struct manifest *manifest)
{
	manifest->fetch.under_way = false;
	leave_stream(manifest);
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
	struct manifest *manifest = peek(manifests, registry, repository, digest);

	if (manifest)
		forget(manifest);
}
