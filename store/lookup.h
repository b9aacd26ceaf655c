/* Manifests and configurations, looked for on disk or kept there: what the threads of the store do.
 */
#ifndef ECRFS_STORE_LOOKUP_H
#define ECRFS_STORE_LOOKUP_H

#include "store/blobs.h"
#include "store/sizes.h"
#include "store/worker.h"

#include <stdbool.h>
#include <stdint.h>

struct clock;
struct question;
struct questions;

/* What both work on. */
struct shelf {
	struct folder *folder;
	struct blobs *blobs;
	const struct clock *clock;
	uint64_t ttl_ns;   /* so long what a repository has handed out is taken for its own */
	uint64_t stale_ns; /* and so long after that while ECR cannot be reached */
};

/* Several are looked for by one thread, one after the other: so many that the others have some,
 * too, when a hundred are wanted. */
#define LOOKUP_MAX 16

struct wanted {
	struct question *question; /* the loop's, until it has ended or is late */
	struct digest digest;
	struct sizes_key key;
	bool size_will_do;
	/* What was found, once the lookup has ended: */
	struct bytes *bytes; /* a reference, or NULL */
	size_t size;         /* 0: nothing was found */
	bool is_old;         /* it is for those only who cannot ask ECR */
};

struct lookup {
	struct worker_job job; /* first */
	const struct shelf *shelf;
	unsigned n; /* a step of the job each */
	struct wanted wanted[];
};

/* The `work` of a lookup: one of them each time. Threads: disk. */
void lookup_work(struct worker_job *job);

struct keeping {
	struct worker_job job;   /* first */
	struct questions *owner; /* the loop's */
	const struct shelf *shelf;
	struct digest digest;
	struct sizes_key key;
	struct bytes *bytes; /* a reference */
};

void keeping_work(struct worker_job *job);

#endif
