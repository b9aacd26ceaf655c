/* What the parts of ecr/principal share: those who wait until it is prepared. Inside of
 * ecr/principal. Threads: loop.
 */
#ifndef ECRFS_ECR_PRINCIPAL_INSIDE_H
#define ECRFS_ECR_PRINCIPAL_INSIDE_H

#include "ecr/principal.h"

/* In a list of the principal, which owns it until it is answered. */
struct principal_question {
	struct principal_question *next;
	principal_fn done; /* NULL: credentials are wanted */
	void *arg;
	struct principal *principal;
	chain_fn found;
};

/* Has the questions answered that need not wait for the profile: `answer` of struct principal. */
void principal_answer(struct loop_task *task);

#endif
