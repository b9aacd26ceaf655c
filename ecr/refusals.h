/* What turned out not to be allowed, so that it is not tried again each time: `imageStatus` in the
 * filters of an endpoint, and DescribeImages of a repository.
 *
 * Threads: loop.
 */
#ifndef ECRFS_ECR_REFUSALS_H
#define ECRFS_ECR_REFUSALS_H

#include "base/clock.h"

#include <stdbool.h>

struct log;
struct refusals;
struct registry;

/* After this long DescribeImages is tried again: permissions change. */
#define REFUSALS_DESCRIBE_NS (60 * NS_PER_S)

/* Borrows clock and log, for its life. Answers 0 or -ENOMEM. */
int refusals_new(const struct clock *clock, struct log *log, struct refusals **ret_refusals);

/* Accepts NULL. */
void refusals_free(struct refusals *refusals);

/* The endpoint of this registry does not know `imageStatus`: for its life, since only another
 * version of the server would. Without memory it is not remembered. */
void refusals_add_image_status(struct refusals *refusals, const struct registry *registry);
bool refusals_has_image_status(const struct refusals *refusals, const struct registry *registry);

/* The caller may not describe the images of this repository, but may list them: for
 * REFUSALS_DESCRIBE_NS. Logged once per repository. Without memory it is not remembered. */
void refusals_add_describe(struct refusals *refusals, const struct registry *registry,
                           const char *repository);
bool refusals_has_describe(const struct refusals *refusals, const struct registry *registry,
                           const char *repository);

#endif
