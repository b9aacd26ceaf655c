/* Who asks AWS: a profile, the credentials that it leads to, whose they are, and what it says of
 * region, endpoints and certificates. A mount has one of its own, and one for each account that has
 * a profile of its own (ecr/principals.h).
 *
 * Before it is used it must be prepared: the profile has to say which endpoints and which
 * certificates there are. That needs the AWS files only as far as they can be read soon; where they
 * cannot, what was read before counts, or else the settings alone, and the profile is asked again.
 *
 * Threads: loop.
 */
#ifndef ECRFS_ECR_PRINCIPAL_H
#define ECRFS_ECR_PRINCIPAL_H

#include "base/clock.h"
#include "base/status.h"
#include "ecr/chain.h"
#include "ecr/endpoint_choice.h"
#include "ecr/identity.h"
#include "ecr/settings.h"
#include "net/loop.h"

struct ca_bundle;
struct corrected_clock;
struct http;
struct http_answer;
struct imds;
struct log;
struct profile;
struct region;

/* After trouble with the files the profile is not asked again for this long. */
#define PRINCIPAL_RETRY_NS (1 * NS_PER_S)

/* What it works with, borrowed for its life. */
struct principal_parts {
	struct loop *loop;
	const struct clock *clock;
	struct corrected_clock *aws_clock;
	struct log *log;
	struct http *http; /* whose queue and connections are shared */
	const struct aws_settings *settings;
};

struct principal_question;

struct principal {
	_Atomic(struct principal *) next;
	struct principal_parts parts;
	struct aws_settings settings;              /* with the name of this profile */
	char account[REGISTRY_ACCOUNT_DIGITS + 1]; /* that it is for; "": the mount's own */
	struct http *http;                         /* with its certificates */
	struct profile *profile;
	struct imds *imds; /* of the machine: the mount's own principal owns it */
	struct region *region;
	struct chain *chain;
	struct identity identity;
	struct endpoint_choice endpoints; /* when prepared */
	struct ca_bundle *ca_bundle;
	char *ca_path; /* that is loaded, NULL: the system's */
	bool is_prepared;
	bool is_known;                        /* what the profile says was read, at least once */
	uint64_t again_ns;                    /* monotonic, when to prepare again; 0: never */
	enum status trouble;                  /* of the last time */
	struct principal_question *questions; /* that wait until it is prepared */
	bool is_preparing, is_stale;          /* what is found was forgotten before */
	struct loop_task answer;              /* what is known */
	int refused;                          /* the profile could not even be asked: -errno */
};

/* One that has nothing yet but its parts. */
void principal_init(struct principal *principal, const struct principal_parts *parts);

/* The one of the mount. Answers 0, -ENOMEM, or the -errno of getcwd(3). */
int principal_new(const struct principal_parts *parts, struct principal **ret_principal);

/* The one for an account, with that profile of the same files. Borrows `own`, which is freed last.
 * Answers 0 or -ENOMEM. */
int principal_new_for(struct principal *own, const struct account_profile *of,
                      struct principal **ret_principal);

/* After the HTTP client was freed. Questions that are open are not answered any more. Accepts NULL.
 */
void principal_free(struct principal *principal);

/* STATUS_OK: it can be used. Else its certificates cannot be had: STATUS_MISCONFIGURED,
 * STATUS_TIMED_OUT or a shortage, which has been logged. */
typedef void (*principal_fn)(void *arg, enum status status);

/* `done` is called later, never inside this call. Answers 0 or -ENOMEM. */
int principal_prepare(struct principal *principal, principal_fn done, void *arg);

/* Whether principal_prepare() would do nothing. */
bool principal_is_ready(const struct principal *principal);

/* As chain_get(), prepared first. */
int principal_credentials(struct principal *principal, chain_fn done, void *arg);

/* Who says which region is its own: static, or NULL where nobody does. */
const char *principal_region_origin(const struct principal *principal);

/* Files, credentials and region are asked for again. */
void principal_forget(struct principal *principal);

#endif
