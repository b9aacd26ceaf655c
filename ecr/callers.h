/* Who asks a registry: with whose credentials, and in which place. Never asks ECR. */
#ifndef ECRFS_ECR_CALLERS_H
#define ECRFS_ECR_CALLERS_H

#include "ecr/source.h"

struct callers;
struct principals;

/* Borrows the principals, for its life. Answers 0 or -ENOMEM. */
int callers_new(struct principals *principals, struct callers **ret_callers);

/* Questions that are still open are answered STATUS_SERVER_ERROR. Then the principals, which may
 * still know one, must be freed before the loop runs again. Accepts NULL. Threads: loop. */
void callers_free(struct callers *callers);

/* As `find_caller` of `ecr/source.h`. Threads: loop. */
int callers_find(struct callers *callers, const struct registry *registry, caller_fn found,
                 void *arg);

#endif
