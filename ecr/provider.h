/* A credential provider: one way to come by credentials, one file each.
 *
 * The chain (`ecr/chain.h`) asks its providers in order. "Not configured" passes on to the next;
 * "configured but failing" ends the chain with that status: falling through would sign with the
 * wrong identity.
 */
#ifndef ECRFS_ECR_PROVIDER_H
#define ECRFS_ECR_PROVIDER_H

#include "base/status.h"

#include <stdbool.h>

struct aws_settings;
struct clock;
struct corrected_clock;
struct credentials;
struct http;
struct imds;
struct log;
struct loop;
struct profile;
struct provider;
struct region;

enum provider_answer {
	PROVIDER_FOUND,          /* with credentials */
	PROVIDER_NOT_CONFIGURED, /* ask the next one */
	PROVIDER_FAILED,         /* with a status; the provider has logged what and what to do */
};

/* `credentials` is a new reference when found, else NULL; `status` is STATUS_OK unless failed. */
typedef void (*provider_fn)(void *arg, enum provider_answer answer, enum status status,
                            struct credentials *credentials);

struct provider_ops {
	const char *name; /* as in `aws configure list`: "env", "shared-credentials-file", … */

	/* Who renews these credentials may fail to in time, and they are honoured all the same:
	 * expired ones are used on, and asked for again, as VALIDITY_OUTLAST_NS says. */
	bool outlasts;

	/* Asks once; `done` is called later on the loop thread, never inside this call. At most one
	 * question at a time (the chain sees to it). Threads: loop. */
	void (*fetch)(struct provider *provider, provider_fn done, void *arg);

	/* A few words on why it is not configured, where that is not seen in files and variables;
	 * "" for none. Borrowed until the next question. May be NULL. Threads: loop. */
	const char *(*remark)(const struct provider *provider);
	void (*free)(struct provider *provider);
};

struct provider {
	const struct provider_ops *ops;
};

/* What a provider may use, for its life. The constructors borrow the members, not the struct. */
struct provider_parts {
	struct loop *loop;
	const struct clock *clock;         /* AWS's time: */
	struct corrected_clock *aws_clock; /* the same, for who learns of AWS what it is */
	struct log *log;
	struct http *http;
	struct imds *imds;
	struct profile *profile;      /* whose credentials are looked for */
	struct profile *main_profile; /* the one in use, whose settings count: mostly the same */
	struct region *region;        /* for STS */
	const struct aws_settings *settings;

	/* Somebody chose the profile for its credentials: variables that name others (keys, a web
	 * identity) do not count. */
	bool profile_alone;
};

#endif
