/* Which retry mode holds, and how many attempts: what option or environment say, else the profile,
 * else `standard` and 3.
 *
 * Nobody waits for the profile's files, since a home directory may hang: until they have been read,
 * the defaults hold.
 *
 * Threads: loop.
 */
#ifndef ECRFS_ECR_RETRY_RULES_H
#define ECRFS_ECR_RETRY_RULES_H

#include "ecr/settings.h"

#include <stdatomic.h>

struct log;
struct profile;

/* AWS SDKs, standard retry mode. */
#define RETRY_RULES_MAX_ATTEMPTS 3

struct retry_rules {
	struct profile *profile;
	struct log *log;
	bool asked;               /* the profile, or nothing is to be asked of it */
	atomic_bool adaptive;     /* changed on the loop thread alone, as */
	atomic_uint max_attempts; /* are the next ones; read on any */
	atomic_bool mode_of_profile, attempts_of_profile;
	bool mode_given, attempts_given;
};

/* Borrows profile and log. */
void retry_rules_init(struct retry_rules *rules, const struct aws_settings *settings,
                      struct profile *profile, struct log *log);

/* The profile's answer is not awaited any more. */
void retry_rules_deinit(struct retry_rules *rules);

/* A call starts: has the profile read, where that is still to be done. */
void retry_rules_complete(struct retry_rules *rules);

#endif
