/* Configurations that will be wanted soon. */
#include "cache/configs_ahead.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "ecr/config_descriptor.h"
#include "ecr/source.h"

#include <stddef.h>
#include <string.h>

/* However many calls may fly. */
#define AHEAD_MAX 256

/* Manifests that name what is to be fetched, once the lock is released. */
struct plan {
	const struct registry *registry;
	char repository[NAME_REPOSITORY_MAX + 1];
	struct bytes *manifests[AHEAD_MAX];
	size_t n;
};

static void look_after_streams(struct loop_task *task);

void configs_ahead_init(struct configs_ahead *ahead, struct core *core,
                        struct repositories *repositories, struct manifests *manifests,
                        struct documents *documents, _Atomic(struct catalog *) *catalogs)
{
	*ahead = (struct configs_ahead){
	        .core = core,
	        .manifests = manifests,
	        .documents = documents,
	        .follow = {core, repositories, &ahead->streams, catalogs},
	        .task.run = look_after_streams,
	};
}

void configs_ahead_deinit(struct configs_ahead *ahead)
{
	loop_unpost(ahead->core->loop, &ahead->task);
}

/* The names behind the stream's last place, in its order. */
static const struct name *next_name(const struct stream *stream,
                                    const struct image_listing *listing, uint64_t *at)
{
	const struct name *name;

	if (stream->by_name)
		return listing->order ? order_next(listing->order, &listing->names, *at,
		                                   stream->direction, at)
		                      : NULL;
	name = stream->direction < 0 ? names_before(&listing->names, *at)
	                             : names_next(&listing->names, *at);
	if (name)
		*at = name->sequence;
	return name;
}

static size_t names_ahead(const struct configs_ahead *ahead)
{
	size_t calls = ahead->core->config.readahead_calls;

	return 2 * calls < AHEAD_MAX ? 2 * calls : AHEAD_MAX;
}

/* Takes the manifests at hand of the images that come next, each once. The caller holds the lock.
 */
static void plan_stream(struct configs_ahead *ahead, const struct stream *stream, struct plan *plan)
{
	const struct image_listing *listing = repository_listing(
	        ahead->follow.repositories, stream->registry, stream->repository, stream->listing);
	const struct name *name;
	uint64_t at = stream->last;

	plan->registry = stream->registry;
	strcpy(plan->repository, stream->repository);
	for (size_t i = 0; listing && i < names_ahead(ahead); i++) {
		struct bytes *manifest;

		name = next_name(stream, listing, &at);
		if (!name)
			break;
		manifest = manifests_take_for_config(
		        ahead->manifests, stream->registry, stream->repository,
		        &((const struct listed_image *)name)->image->digest);
		if (manifest)
			plan->manifests[plan->n++] = manifest;
	}
}

static void fetch_planned(struct configs_ahead *ahead, struct plan *plan)
{
	uint64_t room = ahead->core->config.max_bytes / 4;

	for (size_t i = 0; i < plan->n; i++) {
		struct bytes *manifest = plan->manifests[i];
		struct config_descriptor descriptor;
		struct document_id id = {.kind = DOCUMENT_CONFIG};

		if (config_descriptor_read(manifest->data, manifest->size, &descriptor) == 0 &&
		    descriptor.size_bytes <= room) {
			room -= descriptor.size_bytes;
			id.digest = descriptor.digest;
			id.size_bytes = descriptor.size_bytes;
			documents_fetch_ahead(ahead->documents, plan->registry, plan->repository,
			                      &id);
		}
		bytes_unref(manifest);
	}
}

/* Sorts the names, if the order is wanted and not known. From here on the task may be posted again.
 */
static void prepare(struct configs_ahead *ahead)
{
	char repository[NAME_REPOSITORY_MAX + 1];
	struct place place;

	pthread_mutex_lock(&ahead->core->lock);
	ahead->is_posted = false;
	place = ahead->place;
	strcpy(repository, ahead->repository);
	pthread_mutex_unlock(&ahead->core->lock);
	place.repository = repository;
	follow_prepare(&ahead->follow, &place);
}

static void look_after_streams(struct loop_task *task)
{
	struct configs_ahead *ahead =
	        (struct configs_ahead *)((char *)task - offsetof(struct configs_ahead, task));

	prepare(ahead);
	for (int i = 0; i < STREAMS_MAX; i++) {
		const struct stream *stream = &ahead->streams.streams[i];
		struct plan plan = {.n = 0};

		pthread_mutex_lock(&ahead->core->lock);
		if (stream_is_live(stream, core_now_ns(ahead->core)) && stream_is_streaming(stream))
			plan_stream(ahead, stream, &plan);
		pthread_mutex_unlock(&ahead->core->lock);
		fetch_planned(ahead, &plan);
	}
}

void configs_ahead_meet(struct configs_ahead *ahead, const struct registry *registry,
                        const char *repository, const struct digest *image)
{
	struct place place = {.registry = registry, .repository = repository};
	SCOPED_LOCK(&ahead->core->lock);

	if (!ahead->core->config.readahead_calls ||
	    !manifests_place(ahead->manifests, registry, repository, image, &place))
		return;
	follow_access(&ahead->follow, &place);
	ahead->place = place;
	strcpy(ahead->repository, repository);
	if (!ahead->is_posted)
		loop_post(ahead->core->loop, &ahead->task);
	ahead->is_posted = true;
}
