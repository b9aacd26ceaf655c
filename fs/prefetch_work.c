/* Registries and repositories, one after the other. */
#include "fs/prefetch_work.h"
#include "base/cleanup.h"
#include "ecr/name.h"
#include "fs/options.h"
#include "fs/prefetch_repository.h"
#include "store/store.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <utlist.h>

/* How often it is looked whether the disk has caught up. */
#define LOOK_NS (20 * NS_PER_MS)

/* Nothing is asked for while so much waits to be written: the store would not keep it. */
#define BACKLOG_BYTES ((size_t)16 << 20)

/* So many manifests, for each call that may be in flight, are known before the next repository is
 * listed. */
#define AHEAD_PER_CALL 200

struct prefetch_registry {
	struct prefetch_work *work;
	const struct named_registry *named;
	bool has_matched;
};

static void begin(struct loop_task *task);
static void look(void *arg);

int prefetch_work_init(struct prefetch_work *work, const struct options *options, struct loop *loop,
                       struct store *store)
{
	pthread_condattr_t attributes;

	*work = (struct prefetch_work){
	        .options = options,
	        .loop = loop,
	        .store = store,
	        .source = store_source(store),
	        .begin.run = begin,
	};
	pthread_mutex_init(&work->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&work->ended, &attributes);
	pthread_condattr_destroy(&attributes);
	work->registries = calloc(options->n_registries + 1, sizeof(*work->registries));
	return work->registries ? loop_timer_new(loop, look, work, &work->timer) : -ENOMEM;
}

void prefetch_work_deinit(struct prefetch_work *work)
{
	struct prefetch_repository *repository, *next;
	struct prefetch_missing *missing, *other;

	if (!work->loop)
		return;
	DL_FOREACH_SAFE (work->active, repository, next) {
		prefetch_repository_free(repository);
	}
	DL_FOREACH_SAFE (work->waiting, repository, next) {
		prefetch_repository_free(repository);
	}
	DL_FOREACH_SAFE (work->missing, missing, other) {
		free(missing);
	}
	free(work->registries);
	loop_timer_free(work->timer);
	pthread_cond_destroy(&work->ended);
	pthread_mutex_destroy(&work->lock);
}

void prefetch_work_count(struct prefetch_work *work, uint64_t *count, uint64_t n)
{
	SCOPED_LOCK(&work->lock);
	*count += n;
}

void prefetch_work_miss(struct prefetch_work *work, const char *format, ...)
{
	CLEANUP(free_string) char *text = NULL;
	struct prefetch_missing *missing = NULL;
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		text = NULL;
	va_end(arguments);
	if (text)
		missing = malloc(sizeof(*missing) + strlen(text) + 1);
	SCOPED_LOCK(&work->lock);

	if (!missing) { /* it cannot be named, but is missing all the same */
		work->counts.missing++;
		return;
	}
	strcpy(missing->text, text);
	DL_APPEND(work->missing, missing);
}

const char *prefetch_registry_name(const struct prefetch_work *work,
                                   const struct registry *registry)
{
	const struct options *options = work->options;

	for (size_t i = 0; i < options->n_registries; i++)
		if (&options->registries[i].registry == registry)
			return options->registries[i].name;
	return "?";
}

static void end(struct prefetch_work *work, bool was_interrupted)
{
	work->is_stopping = true;
	loop_timer_stop(work->timer);
	SCOPED_LOCK(&work->lock);

	work->was_interrupted = was_interrupted;
	work->has_ended = true;
	pthread_cond_signal(&work->ended);
}

void prefetch_work_interrupt(struct prefetch_work *work)
{
	if (!work->is_stopping)
		end(work, true);
}

static void add_repository(struct prefetch_registry *registry, const char *name)
{
	struct prefetch_work *work = registry->work;
	const char *path = work->options->prefetch_path;
	struct prefetch_repository *repository;

	if (!name_is_repository(name) || (path && !name_is_below(name, path)))
		return;
	registry->has_matched = true;
	prefetch_work_count(work, &work->counts.repositories, 1);
	repository = prefetch_repository_new(work, &registry->named->registry, name);
	if (repository)
		DL_APPEND(work->waiting, repository);
	else
		prefetch_work_miss(work, "%s/%s: %s", registry->named->name, name,
		                   status_text(STATUS_NO_MEMORY));
}

static void close_registry(struct prefetch_registry *registry, enum status status)
{
	struct prefetch_work *work = registry->work;
	const char *name = registry->named->name;

	if (status != STATUS_OK && work->options->prefetch_path)
		prefetch_work_miss(work, "%s/%s: %s", name, work->options->prefetch_path,
		                   status_text(status));
	else if (status != STATUS_OK)
		prefetch_work_miss(work, "%s: its repositories: %s", name, status_text(status));
	work->n_open--;
}

static void repository_found(void *arg, enum status status, const struct repository_record *record)
{
	struct prefetch_registry *registry = arg;

	if (registry->work->is_stopping)
		return;
	if (record)
		add_repository(registry, record->name);
	if (status == STATUS_DENIED) { /* its images may be permitted */
		add_repository(registry, registry->work->options->prefetch_path);
		status = STATUS_OK;
	}
	close_registry(registry, status);
	prefetch_work_go_on(registry->work);
}

/* For one who may not list repositories, but look at this one. Answers whether it is asked for. */
static bool ask_by_name(struct prefetch_registry *registry)
{
	struct prefetch_work *work = registry->work;

	return work->options->prefetch_path && name_is_repository(work->options->prefetch_path) &&
	       work->source->ops->find_repository(work->source, &registry->named->registry,
	                                          work->options->prefetch_path, repository_found,
	                                          registry) == 0;
}

static void repositories_arrived(void *arg, enum status status,
                                 const struct repository_record *records, size_t n, bool last)
{
	struct prefetch_registry *registry = arg;
	struct prefetch_work *work = registry->work;

	if (work->is_stopping)
		return;
	for (size_t i = 0; i < n; i++)
		add_repository(registry, records[i].name);
	if (status == STATUS_DENIED && ask_by_name(registry))
		return;
	if (status == STATUS_OK && last && work->options->prefetch_path && !registry->has_matched)
		status = STATUS_ABSENT;
	if (last || status != STATUS_OK)
		close_registry(registry, status);
	prefetch_work_go_on(work);
}

static void begin(struct loop_task *task)
{
	struct prefetch_work *work =
	        (struct prefetch_work *)((char *)task - offsetof(struct prefetch_work, begin));
	struct source *source = work->source;

	if (work->is_stopping)
		return;
	for (size_t i = 0; i < work->options->n_registries; i++) {
		struct prefetch_registry *registry = &work->registries[i];

		registry->work = work;
		registry->named = &work->options->registries[i];
		work->n_open++;
		if (source->ops->list_repositories(source, &registry->named->registry,
		                                   repositories_arrived, registry) < 0)
			close_registry(registry, STATUS_NO_MEMORY);
	}
	loop_timer_set(work->timer, LOOK_NS);
}

void prefetch_work_begin(struct prefetch_work *work)
{
	loop_post(work->loop, &work->begin);
}

static bool has_room_for_listing(const struct prefetch_work *work)
{
	unsigned max_calls = work->options->aws.max_connections;

	return work->n_listings < max_calls && work->n_pending < (size_t)AHEAD_PER_CALL * max_calls;
}

static void begin_repositories(struct prefetch_work *work)
{
	struct prefetch_repository *repository;

	while ((repository = work->waiting) && has_room_for_listing(work)) {
		DL_DELETE(work->waiting, repository);
		DL_APPEND(work->active, repository);
		prefetch_repository_begin(repository);
	}
}

/* Each manifest may bring a configuration, and those come one by one. */
static bool has_room_for_answers(const struct prefetch_work *work)
{
	return store_backlog(work->store) < BACKLOG_BYTES &&
	       work->n_configs < (size_t)AHEAD_PER_CALL * work->options->aws.max_connections;
}

static void ask_for_manifests(struct prefetch_work *work)
{
	struct prefetch_repository *repository, *next;

	DL_FOREACH_SAFE (work->active, repository, next) {
		while (prefetch_repository_is_worth_a_call(repository) &&
		       work->n_chunks < work->options->aws.max_connections &&
		       has_room_for_answers(work))
			prefetch_repository_ask(repository);
		if (prefetch_repository_is_done(repository)) {
			DL_DELETE(work->active, repository);
			prefetch_repository_free(repository);
		}
	}
}

void prefetch_work_go_on(struct prefetch_work *work)
{
	begin_repositories(work);
	ask_for_manifests(work);
	begin_repositories(work); /* those that are done have made room */
}

static bool is_on_disk(const struct prefetch_work *work)
{
	struct store_figures figures;

	store_figures(work->store, &figures);
	return store_is_idle(work->store) || figures.is_hung;
}

static void look(void *arg)
{
	struct prefetch_work *work = arg;

	if (work->is_stopping)
		return;
	prefetch_work_go_on(work);
	if (!work->n_open && !work->waiting && !work->active && is_on_disk(work))
		end(work, false);
	else
		loop_timer_set(work->timer, LOOK_NS);
}

bool prefetch_work_wait(struct prefetch_work *work, uint64_t patience_ns,
                        struct prefetch_counts *ret_counts)
{
	struct timespec until = clock_deadline(patience_ns);
	int r = 0;

	SCOPED_LOCK(&work->lock);
	while (r == 0 && !work->has_ended)
		r = pthread_cond_timedwait(&work->ended, &work->lock, &until);
	*ret_counts = work->counts;
	return work->has_ended;
}
