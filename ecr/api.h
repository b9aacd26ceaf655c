/* One call of the ECR API: region, credentials, signature, HTTP, retries; then one answer.
 *
 * Every call names its registry, also that of the caller as soon as its account is known: without,
 * ECR would answer for whomever the credentials belong to by then.
 */
#ifndef ECRFS_ECR_API_H
#define ECRFS_ECR_API_H

#include "base/clock.h"
#include "base/status.h"
#include "ecr/endpoint.h"

#include <stdbool.h>
#include <stddef.h>

struct api;
struct api_counts;
struct aws_settings;
struct corrected_clock;
struct credentials;
struct log;
struct loop;
struct principals;
struct registry;
struct retry_rules;
struct standing;

/* What an api works with, borrowed for its life. */
struct api_parts {
	struct loop *loop;
	const struct clock *clock;
	struct corrected_clock *aws_clock; /* is corrected by what answers tell */
	struct log *log;
	struct principals *principals; /* with whose credentials, by registry */
	const struct aws_settings *settings;
};

enum api_service {
	API_ECR,
	API_STS, /* at the STS endpoint of the registry's region */
};

struct api_request {
	enum api_service service;
	const struct registry *registry; /* borrowed until the answer */
	const char *operation;           /* static: "BatchGetImage" */
	const char *subject;             /* for the log: the repository, or "" ; copied */

	/* Of ECR a JSON object with at least one member, without `registryId`; taken, also on
	 * failure; NULL counts as -ENOMEM. */
	char *body;
	size_t max_answer_bytes;

	/* The caller has another way when it is denied, or when its filter is not understood: such
	 * a failure is for the debug log only. */
	bool may_be_denied;
	bool filter_may_be_refused;
};

struct api_answer {
	enum status status;
	bool oversized;         /* STATUS_PROTOCOL because of max_answer_bytes */
	bool invalid_parameter; /* the server would not look for such a name */
	bool filter_refused;    /* the server does not understand all of the filter */
	bool repository_absent; /* STATUS_ABSENT because of the repository, whatever was asked of it
	                         */
	const char *body;       /* when STATUS_OK */
	size_t body_size;
	bool unencrypted;                      /* the endpoint is spoken to by plain http */
	const char *request_id;                /* "" when the server named none */
	const struct credentials *credentials; /* that it was signed with, when STATUS_OK */
};

/* `answer` is borrowed for the call. On the loop thread. */
typedef void (*api_fn)(void *arg, const struct api_answer *answer);

/* Answers 0 or -ENOMEM. */
int api_new(const struct api_parts *parts, struct api **ret_api);

/* Ends every call under way with STATUS_SERVER_ERROR, then frees. Then http client and
 * principals, which still know these calls, must be freed before the loop runs again. Accepts NULL.
 * Threads: loop. */
void api_free(struct api *api);

/* Calls; `done` follows exactly once, never inside this call. A failure is logged here, with
 * operation, subject, code, message and request id; "not found" at debug only. Answers 0, -ENOMEM,
 * or -ECANCELED when the api is being freed (then `done` does not follow). While its endpoint is
 * offline (ecr/breaker.h), a call ends at once, unsent. Threads: loop. */
int api_call(struct api *api, const struct api_request *request, api_fn done, void *arg);

/* What it works with. Borrowed. */
const struct api_parts *api_parts(const struct api *api);

/* How calls are sent again. Borrowed. Threads: any, for what may be read on any. */
const struct retry_rules *api_rules(const struct api *api);

/* How long it takes, as a rule, until a call that was sent has its answer; 0: there was none yet.
 * Threads: loop. */
uint64_t api_usual_ns(const struct api *api);

/* How the calls have ended so far. Borrowed. Threads: any. */
const struct api_counts *api_counted(const struct api *api);

/* An endpoint that calls went to. */
struct api_endpoint {
	char host[ENDPOINT_URL_SIZE];
	enum status offline;      /* why nobody can be reached there; STATUS_OK: somebody can */
	uint64_t offline_since_s; /* 1970 UTC, where it is offline */
};

/* The i-th one. Answers false when there are no more. Threads: any. */
bool api_endpoint(const struct api *api, size_t i, struct api_endpoint *ret_endpoint);

/* How a registry has answered last. Answers false when it was never called. Threads: any. */
bool api_standing(struct api *api, const struct registry *registry, struct standing *ret_standing);

/* One log line about an answer that was fine as a call, but not what was asked for. `what` says it
 * in words. Threads: loop. */
void api_complain(struct api *api, const struct registry *registry, const char *operation,
                  const char *subject, const char *request_id, const char *what);

#endif
