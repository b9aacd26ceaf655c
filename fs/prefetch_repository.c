/* Listing a repository, and asking for its manifests. */
#include "fs/prefetch_repository.h"
#include "base/bytes.h"
#include "ecr/batch.h"
#include "ecr/json_image.h"
#include "ecr/json_links.h"
#include "fs/file_kind.h"
#include "fs/options.h"
#include "fs/prefetch_config.h"
#include "fs/prefetch_work.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include <utlist.h>

/* So many of one repository are named. */
#define NAMED_MAX 20

/* What is asked for in one call, if the disk has none of it. */
struct chunk {
	struct prefetch_repository *repository;
	unsigned n_open;
};

struct prefetch_image {
	UT_hash_handle hh;
	struct prefetch_image *prev, *next; /* of those that are pending */
	struct chunk *chunk;                /* while it is asked for */
	struct digest digest;
};

struct prefetch_repository *prefetch_repository_new(struct prefetch_work *work,
                                                    const struct registry *registry,
                                                    const char *name)
{
	struct prefetch_repository *repository = calloc(1, sizeof(*repository) + strlen(name) + 1);

	if (!repository)
		return NULL;
	repository->work = work;
	repository->registry = registry;
	strcpy(repository->name, name);
	return repository;
}

void prefetch_repository_free(struct prefetch_repository *repository)
{
	struct prefetch_image *image, *next;

	HASH_ITER (hh, repository->images, image, next) {
		HASH_DEL(repository->images, image);
		free(image);
	}
	free(repository);
}

bool prefetch_repository_is_worth_a_call(const struct prefetch_repository *repository)
{
	if (repository->n_pending >= BATCH_MAX_IDS)
		return true;
	return repository->pending && !repository->n_listings && !repository->n_chunks;
}

bool prefetch_repository_is_done(const struct prefetch_repository *repository)
{
	return !repository->n_listings && !repository->n_chunks && !repository->n_configs &&
	       !repository->pending;
}

static void miss_listing(struct prefetch_repository *repository, enum status status)
{
	struct prefetch_work *work = repository->work;

	prefetch_work_miss(work, "%s/%s: its images: %s",
	                   prefetch_registry_name(work, repository->registry), repository->name,
	                   status_text(status));
}

void prefetch_repository_miss(struct prefetch_repository *repository, const struct digest *digest,
                              const char *why)
{
	struct prefetch_work *work = repository->work;
	const char *registry = prefetch_registry_name(work, repository->registry);
	char text[DIGEST_TEXT_SIZE];

	digest_format(digest, text);
	if (repository->n_missing++ < NAMED_MAX)
		prefetch_work_miss(work, "%s/%s@%s: %s", registry, repository->name, text, why);
	else if (repository->n_missing == NAMED_MAX + 1)
		prefetch_work_miss(work, "%s/%s: and others", registry, repository->name);
}

static void miss_manifest(struct prefetch_repository *repository, const struct digest *digest,
                          const char *why)
{
	struct prefetch_work *work = repository->work;

	prefetch_work_count(work, &work->counts.missing, 1);
	prefetch_repository_miss(repository, digest, why);
}

/* Each once. */
static void want(struct prefetch_repository *repository, const struct digest *digest)
{
	struct prefetch_work *work = repository->work;
	struct prefetch_image *image;

	HASH_FIND(hh, repository->images, digest, sizeof(*digest), image);
	if (image)
		return;
	image = calloc(1, sizeof(*image));
	if (image) {
		image->digest = *digest;
		HASH_ADD(hh, repository->images, digest, sizeof(*digest), image);
	}
	prefetch_work_count(work, &work->counts.images, 1);
	if (!image || !image->hh.tbl) {
		free(image);
		miss_manifest(repository, digest, status_text(STATUS_NO_MEMORY));
		return;
	}
	DL_APPEND(repository->pending, image);
	repository->n_pending++;
	work->n_pending++;
}

static bool wants_untagged(const struct prefetch_repository *repository)
{
	return repository->work->options->show & (SHOW_DIGESTS | SHOW_UNTAGGED);
}

static void page_arrived(void *arg, enum status status, const struct image_record *records,
                         size_t n, bool last)
{
	struct prefetch_repository *repository = arg;
	struct prefetch_work *work = repository->work;

	if (work->is_stopping)
		return;
	if (status != STATUS_OK && status != STATUS_ABSENT) /* else it was deleted meanwhile */
		miss_listing(repository, status);
	for (size_t i = 0; i < n; i++) {
		if (records[i].n_tags == 0 && !wants_untagged(repository))
			continue;
		if (records[i].state == IMAGE_ARCHIVED)
			prefetch_work_count(work, &work->counts.archived, 1);
		else
			want(repository, &records[i].digest);
	}
	if (last || status != STATUS_OK) {
		repository->n_listings--;
		work->n_listings--;
	}
	prefetch_work_go_on(work);
}

static void list(struct prefetch_repository *repository, enum image_scope scope)
{
	struct prefetch_work *work = repository->work;

	if (work->source->ops->list_images(work->source, repository->registry, repository->name,
	                                   scope, page_arrived, repository) < 0) {
		miss_listing(repository, STATUS_NO_MEMORY);
		return;
	}
	repository->n_listings++;
	work->n_listings++;
}

/* By this listing a mount knows images by their digests, without asking for each of them. */
static void list_all(struct prefetch_repository *repository)
{
	if (!repository->has_all_listed)
		list(repository, IMAGES_ALL);
	repository->has_all_listed = true;
}

void prefetch_repository_begin(struct prefetch_repository *repository)
{
	list(repository, IMAGES_TAGGED);
	if (wants_untagged(repository))
		list_all(repository);
}

/* What is to be found in the directories `platforms` and `attestations`. */
static void want_children(struct prefetch_repository *repository, const struct bytes *bytes)
{
	struct json_platforms platforms = {0};
	struct json_links attestations = {0};

	if (json_index_read(bytes->data, bytes->size, &platforms) != 0)
		return;
	list_all(repository);
	for (size_t i = 0; i < platforms.n; i++)
		want(repository, &platforms.platforms[i].digest);
	json_index_free(platforms.document);
	if (json_links_read_attestations(bytes->data, bytes->size, &attestations) != 0)
		return;
	for (size_t i = 0; i < attestations.n; i++)
		want(repository, &attestations.links[i].digest);
	json_links_free(attestations.document);
}

/* Those of a signed manifest of schema 1 do not: the digest is that of a part of them. */
static bool can_be_kept(const struct digest *digest, const struct bytes *bytes)
{
	struct digest actual;

	return digest_compute(bytes->data, bytes->size, &actual) == 0 &&
	       digest_equal(&actual, digest);
}

static void take(struct prefetch_repository *repository, const struct prefetch_image *image,
                 const struct bytes *bytes)
{
	struct prefetch_work *work = repository->work;
	bool was_there = work->source->answers_from_disk;

	if (!can_be_kept(&image->digest, bytes)) {
		miss_manifest(repository, &image->digest,
		              "a signed manifest of schema 1, which cannot be kept");
		return;
	}
	prefetch_work_count(work, was_there ? &work->counts.kept : &work->counts.fetched, 1);
	prefetch_work_count(work, &work->counts.bytes, bytes->size);
	want_children(repository, bytes);
	prefetch_config_want(repository, bytes);
}

static void chunk_release(struct chunk *chunk)
{
	if (--chunk->n_open)
		return;
	chunk->repository->n_chunks--;
	chunk->repository->work->n_chunks--;
	free(chunk);
}

static void settle(struct prefetch_image *image, enum status status, const struct bytes *bytes)
{
	struct chunk *chunk = image->chunk;
	struct prefetch_repository *repository = chunk->repository;
	struct prefetch_work *work = repository->work;

	if (bytes)
		take(repository, image, bytes);
	else if (status == STATUS_ABSENT)
		prefetch_work_count(work, &work->counts.gone, 1);
	else if (status == STATUS_ARCHIVED)
		prefetch_work_count(work, &work->counts.archived, 1);
	else
		miss_manifest(repository, &image->digest, status_text(status));
	image->chunk = NULL;
	chunk_release(chunk);
}

static void arrived(void *arg, enum status status, struct bytes *bytes)
{
	struct prefetch_image *image = arg;
	struct prefetch_work *work = image->chunk->repository->work;

	if (work->is_stopping) {
		chunk_release(image->chunk);
		return;
	}
	settle(image, status, bytes);
	prefetch_work_go_on(work);
}

void prefetch_repository_ask(struct prefetch_repository *repository)
{
	struct prefetch_work *work = repository->work;
	struct chunk *chunk = calloc(1, sizeof(*chunk));
	struct prefetch_image *image;

	if (!chunk) /* again when the timer fires */
		return;
	chunk->repository = repository;
	chunk->n_open = 1; /* until all are asked for */
	repository->n_chunks++;
	work->n_chunks++;
	for (unsigned n = 0; n < BATCH_MAX_IDS && (image = repository->pending); n++) {
		DL_DELETE(repository->pending, image);
		repository->n_pending--;
		work->n_pending--;
		image->chunk = chunk;
		chunk->n_open++;
		if (work->source->ops->fetch_manifest(work->source, repository->registry,
		                                      repository->name, &image->digest, arrived,
		                                      image) < 0)
			settle(image, STATUS_NO_MEMORY, NULL);
	}
	chunk_release(chunk);
}
