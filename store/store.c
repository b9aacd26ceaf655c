/* Puts the parts of the store together, and answers the questions of `ecr/source.h` with them. */
#include "store/store.h"
#include "base/bytes.h"
#include "base/log.h"
#include "ecr/source.h"
#include "net/loop.h"
#include "store/blobs.h"
#include "store/lookup.h"
#include "store/opening.h"
#include "store/question.h"
#include "store/told.h"
#include "store/trim.h"
#include "store/worker.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct store {
	struct source source;
	struct loop *loop;
	struct log *log;
	struct source *inner;
	uint64_t max_bytes;
	struct folder *folder;
	struct blobs blobs;
	struct shelf shelf;
	struct worker *worker;
	struct trim *trim;
	struct questions questions;
	struct told told;
	struct opening opening;
};

static struct store *store_of(struct source *source)
{
	return (struct store *)((char *)source - offsetof(struct store, source));
}

static int list_repositories(struct source *source, const struct registry *registry,
                             repositories_fn page, void *arg)
{
	return told_list_repositories(&store_of(source)->told, registry, page, arg);
}

static int find_repository(struct source *source, const struct registry *registry,
                           const char *repository, repository_fn found, void *arg)
{
	return told_find_repository(&store_of(source)->told, registry, repository, found, arg);
}

static int list_images(struct source *source, const struct registry *registry,
                       const char *repository, enum image_scope scope, images_fn page, void *arg)
{
	return told_list_images(&store_of(source)->told, registry, repository, scope, page, arg);
}

static int find_image(struct source *source, const struct registry *registry,
                      const char *repository, const struct image_reference *reference,
                      image_fn found, void *arg)
{
	return told_find_image(&store_of(source)->told, registry, repository, reference, found,
	                       arg);
}

static int find_account(struct source *source, const struct registry *registry, account_fn found,
                        void *arg)
{
	struct source *inner = store_of(source)->inner;

	return inner->ops->find_account(inner, registry, found, arg);
}

static int fetch_manifest(struct source *source, const struct registry *registry,
                          const char *repository, const struct digest *digest, manifest_fn fetched,
                          void *arg)
{
	return questions_ask(&store_of(source)->questions, registry, repository, digest, fetched,
	                     NULL, arg);
}

static int fetch_size(struct source *source, const struct registry *registry,
                      const char *repository, const struct digest *digest, size_fn fetched,
                      void *arg)
{
	return questions_ask(&store_of(source)->questions, registry, repository, digest, NULL,
	                     fetched, arg);
}

/* A tag that is being pulled. */
struct pull {
	struct store *store;
	const struct registry *registry;
	pulled_fn pulled;
	void *arg;
	char repository[];
};

static void pulled(void *arg, enum status status, const struct digest *digest, struct bytes *bytes)
{
	struct pull *pull = arg;

	if (bytes && digest)
		questions_keep(&pull->store->questions, QUESTION_MANIFEST, pull->registry,
		               pull->repository, digest, bytes);
	pull->pulled(pull->arg, status, digest, bytes);
	free(pull);
}

static int pull_tag(struct source *source, const struct registry *registry, const char *repository,
                    const char *tag, pulled_fn done, void *arg)
{
	struct store *store = store_of(source);
	struct pull *pull = calloc(1, sizeof(*pull) + strlen(repository) + 1);
	int r;

	if (!pull)
		return -ENOMEM;
	pull->store = store;
	pull->registry = registry;
	pull->pulled = done;
	pull->arg = arg;
	strcpy(pull->repository, repository);
	r = told_pull_tag(&store->told, registry, repository, tag, pulled, pull);
	if (r < 0)
		free(pull);
	return r;
}

static int fetch_document(struct source *source, const struct registry *registry,
                          const char *repository, const struct document_id *id, document_fn fetched,
                          void *arg)
{
	struct store *store = store_of(source);
	struct source *inner = store->inner;

	if (id->kind == DOCUMENT_CONFIG)
		return questions_ask_config(&store->questions, registry, repository, id, fetched,
		                            arg);
	return inner->ops->fetch_document(inner, registry, repository, id, fetched, arg);
}

static int find_caller(struct source *source, const struct registry *registry, caller_fn found,
                       void *arg)
{
	struct source *inner = store_of(source)->inner;

	return inner->ops->find_caller(inner, registry, found, arg);
}

static int recall_registry(struct source *source, const struct registry *registry,
                           recalled_fn recalled, void *arg)
{
	return told_recall_registry(&store_of(source)->told, registry, recalled, arg);
}

static int recall_repository(struct source *source, const struct registry *registry,
                             const char *repository, recalled_fn recalled, void *arg)
{
	return told_recall_repository(&store_of(source)->told, registry, repository, recalled, arg);
}

static const struct source_ops store_ops = {
        .list_repositories = list_repositories,
        .find_repository = find_repository,
        .list_images = list_images,
        .find_image = find_image,
        .fetch_manifest = fetch_manifest,
        .fetch_size = fetch_size,
        .pull_tag = pull_tag,
        .fetch_document = fetch_document,
        .find_account = find_account,
        .find_caller = find_caller,
        .recall_registry = recall_registry,
        .recall_repository = recall_repository,
};

/* The directory is there. */
static void opened(void *arg)
{
	struct store *store = arg;

	trim_poke(store->trim);
	told_sweep(&store->told);
}

static void shelf_init(struct store *store, const struct store_config *config,
                       const struct clock *clock)
{
	store->blobs.folder = store->folder;
	store->blobs.clock = clock;
	store->blobs.max_bytes = config->max_bytes;
	store->shelf = (struct shelf){
	        .folder = store->folder,
	        .blobs = &store->blobs,
	        .clock = clock,
	        .ttl_ns = config->digest_ttl_ns,
	        .stale_ns = config->stale_ttl_ns,
	};
}

static void questions_build(struct store *store, const struct store_config *config)
{
	struct questions *questions = &store->questions;

	questions->loop = store->loop;
	questions->worker = store->worker;
	questions->inner = store->inner;
	questions->outer = &store->source;
	questions->trim = store->trim;
	questions->shelf = &store->shelf;
	questions->region = config->region ? config->region : "";
	questions->no_pull = config->no_pull;
	questions_init(questions);
}

static void told_build(struct store *store, const struct clock *clock)
{
	struct told_parts parts = {
	        .loop = store->loop,
	        .clock = clock,
	        .worker = store->worker,
	        .folder = store->folder,
	        .blobs = &store->blobs,
	        .trim = store->trim,
	        .inner = store->inner,
	};

	told_init(&store->told, &parts);
}

int store_new(struct loop *loop, const struct clock *clock, struct log *log, struct source *inner,
              const struct store_config *config, struct store **ret_store)
{
	struct store *store = calloc(1, sizeof(*store));
	int r;

	if (!store)
		return -ENOMEM;
	store->source.ops = &store_ops;
	store->loop = loop;
	store->log = log;
	store->inner = inner;
	store->max_bytes = config->max_bytes;
	r = folder_new(&config->folder, clock, log, &store->folder);
	shelf_init(store, config, clock);
	if (r == 0)
		r = worker_new(loop, clock, folder_probe, store->folder, &store->worker);
	if (r == 0)
		r = trim_new(loop, store->worker, &store->blobs, &store->trim);
	opening_init(&store->opening, loop, store->worker, store->folder, opened, store);
	if (r < 0) {
		store_free(store);
		return r;
	}
	questions_build(store, config);
	told_build(store, clock);
	*ret_store = store;
	return 0;
}

int store_start(struct store *store, char why[FOLDER_WHY_SIZE])
{
	int r = worker_start(store->worker);

	if (r < 0) {
		snprintf(why, FOLDER_WHY_SIZE, "no thread can be started: %s", strerror(-r));
		return r;
	}
	if (opening_wait(&store->opening, &r, why))
		return r;
	log_write(store->log, LEVEL_WARNING,
	          "cache_dir: the disk does not answer; going on without it until it does");
	return 0;
}

struct source *store_source(struct store *store)
{
	return &store->source;
}

size_t store_backlog(const struct store *store)
{
	return store->questions.waiting_bytes + store->told.waiting_bytes;
}

bool store_is_idle(const struct store *store)
{
	const struct told *told = &store->told;

	return !store_backlog(store) && !told->is_posted && !told->n_adding &&
	       worker_jobs(store->worker) == 0;
}

void store_figures(struct store *store, struct store_figures *ret_figures)
{
	*ret_figures = (struct store_figures){
	        .hits = atomic_load(&store->questions.hits),
	        .misses = atomic_load(&store->questions.misses),
	        .damaged = atomic_load(&store->blobs.removed),
	        .written = atomic_load(&store->blobs.written),
	        .skipped = atomic_load(&store->questions.skipped),
	        .evicted = atomic_load(&store->blobs.evicted),
	        .errors = folder_errors(store->folder),
	        .late = worker_late_jobs(store->worker),
	        .listings_read = atomic_load(&store->told.files.n_read),
	        .listings_written = atomic_load(&store->told.files.n_written),
	        .listings_damaged = atomic_load(&store->told.files.n_damaged),
	        .listings_skipped = atomic_load(&store->told.n_skipped),
	        .bytes = atomic_load(&store->blobs.bytes),
	        .max_bytes = store->max_bytes,
	        .is_hung = worker_is_hung(store->worker),
	};
}

bool store_free(struct store *store)
{
	if (!store)
		return true;
	if (store->questions.loop)
		questions_close(&store->questions);
	if (store->told.loop)
		told_close(&store->told);
	trim_stop(store->trim);
	opening_cancel(&store->opening);
	if (!worker_free(store->worker))
		return false;
	trim_free(store->trim);
	folder_free(store->folder);
	opening_deinit(&store->opening);
	free(store);
	return true;
}
