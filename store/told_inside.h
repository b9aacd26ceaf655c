/* What the parts of store/told share. Inside of store/told. Threads: loop. */
#ifndef ECRFS_STORE_TOLD_INSIDE_H
#define ECRFS_STORE_TOLD_INSIDE_H

#include "store/told.h"
#include "store/told_caller.h"

/* One thing to be done on disk. */
enum told_work {
	TOLD_KEEP,   /* a listing, instead of the one that may be there */
	TOLD_ADD,    /* answers by name, to those that are there */
	TOLD_REMOVE, /* a listing that is denied, or gone */
};
struct told_order {
	enum told_work work;
	enum listing_kind kind;
	struct listing_writer writer; /* not of TOLD_REMOVE */
	uint64_t told_ns;             /* real time */
	unsigned pages;
};

/* Has it done, if the one who asks now has that key (as struct told_caller has it). Takes the
 * writer of the order, and leaves it empty. */
void told_do(struct told *told, const struct registry *registry, const char *repository,
             const char *key, struct told_order *order);

/* Asks the inner source who asks. Answers as that, or -ENOSYS where there is no telling. */
int told_find_caller(struct told *told, const struct registry *registry, caller_fn found,
                     void *arg);

/* Writes the answers that have come, unless others are being written: `flush` of struct told. */
void told_flush(struct loop_task *task);

/* Has that done soon, if there are any. */
void told_post_flush(struct told *told);

#endif
