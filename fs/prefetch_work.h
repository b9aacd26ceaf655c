/* What is fetched ahead of any mount, and in which order.
 *
 *   registries ─► repositories ─► images with tags ─► manifests ─► children of those that are
 * indexes
 *
 * As many repositories are listed at a time, and as many chunks of up to 100 manifests asked for,
 * as there may be calls. All questions go through the store, which answers what it has, and keeps
 * the rest. Of a repository nothing stays in memory when it is done.
 *
 * Threads: loop, except where said.
 */
#ifndef ECRFS_FS_PREFETCH_WORK_H
#define ECRFS_FS_PREFETCH_WORK_H

#include "ecr/source.h"
#include "net/loop.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct options;
struct prefetch_registry;
struct prefetch_repository;
struct store;

struct prefetch_counts {
	uint64_t repositories;
	uint64_t images;   /* manifests that are wanted, as far as is known */
	uint64_t fetched;  /* from ECR */
	uint64_t kept;     /* there already */
	uint64_t gone;     /* deleted since they were listed */
	uint64_t archived; /* ECR does not hand their manifests out */
	uint64_t missing;
	uint64_t bytes; /* of manifests that are there */
};

/* One line about what is missing. */
struct prefetch_missing {
	struct prefetch_missing *prev, *next;
	char text[];
};

struct prefetch_work {
	const struct options *options;
	struct loop *loop;
	struct store *store;
	struct source *source; /* that of the store */
	struct loop_task begin;
	struct loop_timer *timer; /* looks whether there is room for more, and for the end */
	struct prefetch_registry *registries;
	struct prefetch_repository *waiting; /* not begun yet */
	struct prefetch_repository *active;
	unsigned n_open; /* registries that are being listed */
	unsigned n_listings;
	unsigned n_chunks;
	size_t n_configs; /* under way */
	size_t n_pending; /* manifests of active repositories that were not asked for yet */
	bool is_stopping;

	pthread_mutex_t lock;
	pthread_cond_t ended; /* on the monotonic clock */
	bool has_ended;       /* under lock, as the next ones */
	bool was_interrupted;
	struct prefetch_counts counts;
	struct prefetch_missing *missing;
};

/* Borrows all for its life. Answers 0 or -ENOMEM. Threads: main. */
int prefetch_work_init(struct prefetch_work *work, const struct options *options, struct loop *loop,
                       struct store *store);

/* Begins. Threads: any. */
void prefetch_work_begin(struct prefetch_work *work);

/* Ends before all is done: answers that come later are let go. */
void prefetch_work_interrupt(struct prefetch_work *work);

/* Waits for the end, for `patience_ns` at most. Answers whether it has come; what there is so far
 * is copied to `ret_counts`. Threads: main. */
bool prefetch_work_wait(struct prefetch_work *work, uint64_t patience_ns,
                        struct prefetch_counts *ret_counts);

/* When nobody answers any more: after the store was freed. Threads: main. */
void prefetch_work_deinit(struct prefetch_work *work);

/* Inside of fs/prefetch*: */

/* Begins what there is room for. */
void prefetch_work_go_on(struct prefetch_work *work);

/* Something is missing, as printf() would write it. */
__attribute__((format(printf, 2, 3))) void prefetch_work_miss(struct prefetch_work *work,
                                                              const char *format, ...);

/* Adds to one of the counts. */
void prefetch_work_count(struct prefetch_work *work, uint64_t *count, uint64_t n);

/* The name of a registry as it was given, for messages. */
const char *prefetch_registry_name(const struct prefetch_work *work,
                                   const struct registry *registry);

#endif
