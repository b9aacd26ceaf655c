/* One call of the ECR API: region, credentials, signature, HTTP, retries; then one answer. */
#ifndef ECRFS_ECR_API_H
#define ECRFS_ECR_API_H

#include "base/clock.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

struct api;
struct aws_settings;
struct chain;
struct http;
struct log;
struct loop;
struct region;
struct registry;

struct api_request {
	const struct registry *registry; /* borrowed until the answer */
	const char *operation;           /* static: "BatchGetImage" */
	const char *subject;             /* for the log: the repository, or "" ; copied */
	char *body;                      /* JSON; taken, also on failure; NULL counts as -ENOMEM */
	size_t max_answer_bytes;
};

struct api_answer {
	enum status status;
	bool oversized;         /* STATUS_PROTOCOL because of max_answer_bytes */
	bool invalid_parameter; /* the server would not look for such a name */
	bool repository_absent; /* STATUS_ABSENT because of the repository, whatever was asked of it
	                         */
	const char *body;       /* when STATUS_OK */
	size_t body_size;
	const char *request_id; /* "" when the server named none */
};

/* `answer` is borrowed for the call. On the loop thread. */
typedef void (*api_fn)(void *arg, const struct api_answer *answer);

/* Borrows all, for its life. Answers 0 or -ENOMEM. */
int api_new(struct loop *loop, const struct clock *clock, struct log *log, struct http *http,
            struct chain *chain, struct region *region, const struct aws_settings *settings,
            struct api **ret_api);

/* Ends every call under way with STATUS_SERVER_ERROR, then frees. Then http client, chain and
 * region, which still know these calls, must be freed before the loop runs again. Accepts NULL.
 * Threads: loop. */
void api_free(struct api *api);

/* Calls; `done` follows exactly once, never inside this call. A failure is logged here, with
 * operation, subject, code, message and request id; "not found" at debug only. Answers 0, -ENOMEM,
 * or -ECANCELED when the api is being freed (then `done` does not follow). Threads: loop. */
int api_call(struct api *api, const struct api_request *request, api_fn done, void *arg);

/* One log line about an answer that was fine as a call, but not what was asked for. `what` says it
 * in words. Threads: loop. */
void api_complain(struct api *api, const struct registry *registry, const char *operation,
                  const char *subject, const char *request_id, const char *what);

#endif
