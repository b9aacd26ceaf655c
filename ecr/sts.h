/* Temporary credentials of a role, from STS: AssumeRole, signed with other credentials, and
 * AssumeRoleWithWebIdentity, which a token vouches for.
 *
 * Sent to the endpoint of the mount's region, again by the rules of `ecr/retry.h`, and once more
 * with another time where the clock here is wrong. Threads: loop.
 */
#ifndef ECRFS_ECR_STS_H
#define ECRFS_ECR_STS_H

#include "base/status.h"

struct credentials;
struct provider_parts;
struct sts;

struct sts_role {
	const char *arn;
	const char *session_name;   /* NULL: ecrfs-PID-TIME */
	const char *external_id;    /* NULL: none */
	const char *duration;       /* seconds, digits; NULL: STS's own, an hour */
	const char *token;          /* of the web identity, NULL: AssumeRole */
	struct credentials *source; /* that sign AssumeRole; NULL with a token */
};

/* `credentials` is a new reference with STATUS_OK, else NULL: what went wrong has been logged, with
 * what to do. */
typedef void (*sts_fn)(void *arg, enum status status, struct credentials *credentials);

/* `provider` (static) is the name of whose the credentials are. Borrows the members of the parts.
 * Returns new, or NULL when out of memory. */
struct sts *sts_new(const struct provider_parts *parts, const char *provider);

/* While no call is under way, or after the http client was freed. Accepts NULL. */
void sts_free(struct sts *sts);

/* Asks for credentials; copies the role. `done` is called later on the loop thread, never inside
 * this call. One call at a time. */
void sts_assume(struct sts *sts, const struct sts_role *role, sts_fn done, void *arg);

#endif
