/* The mount's region: for registries whose name does not tell theirs.
 *
 * The option or environment first, else the profile in use, whose files are read on the disk pool,
 * else the metadata service of the instance. */
#ifndef ECRFS_ECR_REGION_H
#define ECRFS_ECR_REGION_H

#include "base/status.h"

struct imds;
struct log;
struct loop;
struct profile;
struct region;

/* `name` is borrowed for the call, NULL unless STATUS_OK. */
typedef void (*region_fn)(void *arg, enum status status, const char *name);

/* `known` is what option or environment say, or NULL: then the others are asked. Borrows all.
 * Answers 0 or -ENOMEM. */
int region_new(struct loop *loop, struct log *log, struct profile *profile, struct imds *imds,
               const char *known, struct region **ret_region);

/* Accepts NULL. Open questions are not answered any more. Threads: loop. */
void region_free(struct region *region);

/* Who told the region when it was not known before: static, NULL where nobody has. Threads: loop.
 */
const char *region_origin(const struct region *region);

/* Unless it was known from the start, it is looked for again. Threads: loop. */
void region_forget(struct region *region);

/* Asks; `done` is called later on the loop thread, never inside this call. STATUS_MISCONFIGURED,
 * logged, where nothing names a region; a shortage, or what the metadata service failed with. The
 * next question looks again; where there is no such service, `ecr/imds.h` says how soon. Answers 0
 * or -ENOMEM. Threads: loop. */
int region_get(struct region *region, region_fn done, void *arg);

/* What it is, where that has been found out already, else NULL. Borrowed. Threads: any. */
const char *region_known(const struct region *region);

#endif
