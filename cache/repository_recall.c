/* What an earlier life was told of a repository. */
#include "cache/promise.h"
#include "cache/repository.h"

static void take_by_name(struct repository *repository, const struct recalled *recalled)
{
	uint64_t then_ns = core_recalled_ns(repository->owner->core, recalled);

	if (!then_ns || repository->by_name.answered_ns ||
	    (recalled->status == STATUS_OK && !recalled->n))
		return;
	if (recalled->status == STATUS_OK)
		repository->promise = promise_new(recalled->repositories);
	fetch_recall(&repository->by_name, recalled->status, then_ns);
}

static void take(struct repository *repository, const struct recalled *recalled)
{
	switch (recalled->kind) {
	case RECALLED_REPOSITORY:
		take_by_name(repository, recalled);
		break;
	case RECALLED_TAGS:
		image_listing_recall_page(&repository->images.tags, recalled);
		break;
	case RECALLED_DIGESTS:
		image_listing_recall_page(&repository->images.digests, recalled);
		break;
	case RECALLED_IMAGE:
		images_recall_answer(&repository->images, recalled);
		break;
	case RECALLED_ACCOUNT:
	case RECALLED_REPOSITORIES:
		break; /* of registries */
	}
}

static void finish(struct repository *repository)
{
	image_listing_recall_end(&repository->images.tags);
	image_listing_recall_end(&repository->images.digests);
	recall_finish(repository->owner->core, &repository->recall);
}

static void arrived(void *arg, const struct recalled *recalled)
{
	struct repository *repository = arg;
	struct core *core = repository->owner->core;

	pthread_mutex_lock(&core->lock);
	repository->recall.has_told |= recalled != NULL;
	if (recalled)
		take(repository, recalled);
	else
		finish(repository);
	repository_measure(repository);
	core_unlock(core);
}

void repository_recall(struct repository *repository)
{
	struct source *source = repository->owner->core->source;

	if (source->ops->recall_repository(source, repository->registry, repository->name, arrived,
	                                   repository) < 0)
		arrived(repository, NULL);
}
