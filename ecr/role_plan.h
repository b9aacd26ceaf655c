/* How a profile's role is come by: which roles are assumed, one after the other, starting from
 * whose credentials. As the AWS CLI follows `source_profile`:
 *
 *   [profile a]  role_arn = A, source_profile = b      last step
 *   [profile b]  role_arn = B, source_profile = c      first step
 *   [profile c]  keys, SSO, a process, …               the source
 *
 * Threads: any.
 */
#ifndef ECRFS_ECR_ROLE_PLAN_H
#define ECRFS_ECR_ROLE_PLAN_H

#include <stdbool.h>
#include <stddef.h>

struct profile_content;

/* Each step is a call, and a chain that a person wrote is not longer. */
#define ROLE_PLAN_MAX_STEPS 16

enum role_source {
	ROLE_SOURCE_PROFILE, /* what the profile `source_profile` itself has */
	ROLE_SOURCE_ENVIRONMENT,
	ROLE_SOURCE_CONTAINER,
	ROLE_SOURCE_INSTANCE,
	N_ROLE_SOURCES,
};

/* All strings are of heap; NULL where the profile does not say. */
struct role_step {
	char *arn, *session_name, *external_id;
	char *duration; /* digits */
};

struct role_plan {
	struct role_step steps[ROLE_PLAN_MAX_STEPS]; /* the last one first */
	size_t n_steps;                              /* 0: the profile has no role */
	enum role_source source;
	char *source_profile; /* NULL for the other sources */
};

#define ROLE_PLAN_ERROR_SIZE 512

/* Reads the profile in use. Answers 0; -EINVAL for a role that cannot be assumed so, with why and
 * what to do in `error`; or -ENOMEM. Deinit follows in any case. */
int role_plan_init(struct role_plan *plan, const struct profile_content *content,
                   char error[static ROLE_PLAN_ERROR_SIZE]);
void role_plan_deinit(struct role_plan *plan);

#endif
