/* Questions about manifests, and their answers. */
#include "base/bytes.h"
#include "cache/manifests_inside.h"
#include "ecr/source.h"

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
		manifest_keep_bytes(manifest, bytes);
	if (bytes)
		learn_size(manifest->owner, bytes->size);
	else
		manifest_leave_stream(manifest);
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
	manifest = manifest_take(manifests, registry, repository, digest);
	if (manifest && !manifest->fetch.under_way) {
		manifest_keep_bytes(manifest, bytes);
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
	        .reader = asker->reader,
	        .size_will_do = !ret_bytes,
	};
	pthread_mutex_lock(&manifests->core->lock);
	manifest = manifest_take(manifests, registry, repository, digest);
	if (manifest) {
		answer = get_locked(manifest, asker, ret_bytes, &ret_use->is_asked, ret_status);
		ret_use->waits = answer == CACHE_WAIT && asker->may_wait ? asker : NULL;
		if (answer != CACHE_WAIT || asker->may_wait)
			manifest_use(manifest, ret_use);
	} else {
		*ret_status = STATUS_NO_MEMORY;
	}
	pthread_mutex_unlock(&manifests->core->lock);
	if (ret_use->is_asked)
		manifests_ask(manifest);
	return answer;
}
