/* Memory that has become free is given back to the system: malloc keeps it, and after a walk over a
 * million names that would be a lot for a daemon that does nothing.
 */
#ifndef ECRFS_FS_TIDY_H
#define ECRFS_FS_TIDY_H

#include "net/loop.h"

#include <stdatomic.h>
#include <stddef.h>

struct tidy {
	struct loop *loop;
	struct loop_task task;
	struct loop_timer *timer;
	atomic_size_t forgotten; /* inodes, since it was last tidied */
	atomic_bool is_posted;
};

/* Answers 0 or -ENOMEM. */
int tidy_init(struct tidy *tidy, struct loop *loop);

/* After loop_stop(). */
void tidy_deinit(struct tidy *tidy);

/* The kernel has forgotten `n` inodes. Once many are gone and a second has passed, their memory is
 * given back. Threads: any. */
void tidy_forgotten(struct tidy *tidy, size_t n);

#endif
