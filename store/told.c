/* Writing down what ECR told. */
#include "store/told.h"
#include "store/told_inside.h"
#include "store/trim.h"
#include "store/worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* So many bytes at most wait to be written: what comes faster than that is not kept. */
#define WAITING_MAX (2 * LISTING_MAX_BYTES)

struct writing {
	struct worker_job job; /* first */
	struct told *told;
	const struct registry *registry;
	char key[DIGEST_HEX_SIZE]; /* of who was told */
	struct told_caller caller;
	struct told_order order;
	size_t size; /* of what it has to write */
	char repository[];
};

void told_init(struct told *told, const struct told_parts *parts)
{
	told->loop = parts->loop;
	told->worker = parts->worker;
	told->trim = parts->trim;
	told->inner = parts->inner;
	told->files.folder = parts->folder;
	told->files.blobs = parts->blobs;
	told->files.clock = parts->clock;
	told->flush.run = told_flush;
}

int told_find_caller(struct told *told, const struct registry *registry, caller_fn found, void *arg)
{
	const struct source_ops *ops = told->inner->ops;

	return ops->find_caller ? ops->find_caller(told->inner, registry, found, arg) : -ENOSYS;
}

static void add_answers(struct writing *writing, const char *key)
{
	struct listing_writer *fresh = &writing->order.writer;
	struct listing_reader reader;

	if (listing_writer_end(fresh, "", writing->order.told_ns, 1) &&
	    listing_reader_open(fresh->data, fresh->size, LISTING_ANSWERS, "", &reader))
		(void)told_files_add(&writing->told->files, key, &reader);
}

/* What fails has been logged by the folder. Without it the next life asks. */
static void write_down(struct worker_job *job)
{
	struct writing *writing = (struct writing *)job;
	struct told_files *files = &writing->told->files;
	struct told_order *order = &writing->order;
	struct told_identity identity;
	char key[TOLD_KEY_SIZE];

	if (!told_caller_identify(files, &writing->caller, &identity) || identity.is_guess ||
	    !told_caller_key(&writing->caller, &identity, writing->registry, writing->repository,
	                     key))
		return;
	told_caller_remember(files, &writing->caller, &identity);
	switch (order->work) {
	case TOLD_KEEP:
		(void)told_files_write(files, order->kind, key, &order->writer, order->told_ns,
		                       order->pages);
		break;
	case TOLD_ADD:
		add_answers(writing, key);
		break;
	case TOLD_REMOVE:
		(void)told_files_remove(files, order->kind, key);
		break;
	}
}

/* It has been written, or is not waited for any more. */
static void ended(struct worker_job *job)
{
	const struct writing *writing = (struct writing *)job;
	struct told *told = writing->told;

	if (told->trim)
		trim_poke(told->trim);
	if (writing->order.work == TOLD_ADD && --told->n_adding == 0)
		told_post_flush(told);
}

static void is_late(struct worker_job *job)
{
	atomic_fetch_add(&((struct writing *)job)->told->n_skipped, 1);
	ended(job);
}

static void writing_free(struct worker_job *job)
{
	struct writing *writing = (struct writing *)job;

	writing->told->waiting_bytes -= writing->size;
	listing_writer_deinit(&writing->order.writer);
	free(writing);
}

static void skip(struct writing *writing)
{
	is_late(&writing->job);
	writing_free(&writing->job);
}

/* Nobody else's: who was told and who asks now are one. */
static void caller_found(void *arg, enum status status, const struct caller *caller)
{
	struct writing *writing = arg;
	struct told *told = writing->told;

	if (status != STATUS_OK || !told_caller_copy(caller, &writing->caller) ||
	    strcmp(writing->caller.key, writing->key) != 0 || told->waiting_bytes > WAITING_MAX ||
	    worker_submit(told->worker, &writing->job) < 0)
		skip(writing);
}

void told_do(struct told *told, const struct registry *registry, const char *repository,
             const char *key, struct told_order *order)
{
	struct writing *writing = calloc(1, sizeof(*writing) + strlen(repository) + 1);

	if (!writing) {
		atomic_fetch_add(&told->n_skipped, 1);
		listing_writer_deinit(&order->writer);
		return;
	}
	writing->job = (struct worker_job){
	        .work = write_down,
	        .ended = ended,
	        .late = is_late,
	        .free = writing_free,
	};
	writing->told = told;
	writing->registry = registry;
	strcpy(writing->key, key);
	strcpy(writing->repository, repository);
	writing->order = *order;
	order->writer = (struct listing_writer){.data = NULL};
	writing->size = writing->order.writer.size;
	told->waiting_bytes += writing->size;
	told->n_adding += order->work == TOLD_ADD;
	if (!key[0] || told->is_closing || folder_is_shared(told->files.folder) ||
	    told_find_caller(told, registry, caller_found, writing) < 0)
		skip(writing);
}

struct sweep {
	struct worker_job job; /* first */
	struct told *told;
	struct folder_names *names;
	bool has_more;
};

static void sweep_some(struct worker_job *job)
{
	struct sweep *sweep = (struct sweep *)job;

	sweep->has_more = told_files_sweep(&sweep->told->files, &sweep->names);
}

static void go_on_sweeping(struct worker_job *job)
{
	struct sweep *sweep = (struct sweep *)job, *next;

	next = sweep->has_more ? malloc(sizeof(*next)) : NULL;
	if (!next)
		return;
	*next = *sweep;
	sweep->names = NULL;
	if (worker_submit(next->told->worker, &next->job) < 0)
		next->job.free(&next->job);
}

static void sweep_is_late(struct worker_job *job)
{
	(void)job; /* the next life begins anew */
}

static void sweep_free(struct worker_job *job)
{
	folder_names_close(((struct sweep *)job)->names);
	free(job);
}

void told_sweep(struct told *told)
{
	struct sweep *sweep = calloc(1, sizeof(*sweep));

	if (!sweep)
		return;
	sweep->job = (struct worker_job){
	        .work = sweep_some,
	        .ended = go_on_sweeping,
	        .late = sweep_is_late,
	        .free = sweep_free,
	};
	sweep->told = told;
	if (worker_submit(told->worker, &sweep->job) < 0)
		sweep_free(&sweep->job);
}
