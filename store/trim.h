/* Keeps the blobs within their limit: the ones that were used longest ago go first.
 *
 * First all are counted, and how many bytes are of which age; from that it follows which age has to
 * go; then those are removed, until a tenth of the limit is free. So it takes no memory per blob.
 * Both are done in short pieces, beside the other work of the threads, and begin when it is time:
 * at the start, when the limit is passed, when much has been written, and once an hour, since
 * others may write there, too.
 *
 * Threads: loop.
 */
#ifndef ECRFS_STORE_TRIM_H
#define ECRFS_STORE_TRIM_H

#include "store/blobs.h"

struct loop;
struct trim;
struct worker;

/* Borrows all, for its life. Answers 0 or -ENOMEM. */
int trim_new(struct loop *loop, struct worker *worker, struct blobs *blobs, struct trim **ret_trim);

/* Looks whether it is time, and begins then. */
void trim_poke(struct trim *trim);

/* Before the worker ends: nothing more is begun. Accepts NULL. */
void trim_stop(struct trim *trim);

/* After the worker has ended. Accepts NULL. */
void trim_free(struct trim *trim);

/* Which class of ages one of so many seconds belongs to: eight classes each time it doubles.
 * Threads: pure. */
#define TRIM_AGES 512
unsigned trim_age(int64_t age_s);

#endif
