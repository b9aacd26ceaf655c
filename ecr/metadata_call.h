/* One question to a credential server of this host or link: IMDS, or a container's own.
 *
 * Sent again after failures that may pass. Never through a proxy, and bounded in size and time.
 * Threads: loop.
 */
#ifndef ECRFS_ECR_METADATA_CALL_H
#define ECRFS_ECR_METADATA_CALL_H

#include "net/http.h"

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct metadata_call;

#define METADATA_MAX_HEADERS 2

/* Any of their answers has less than 8 KiB: keys, a session token, an error. */
#define METADATA_MAX_BYTES (64u * 1024)

struct metadata_question {
	const char *url;
	const char *method;                            /* as in `struct http_request` */
	const char *headers[METADATA_MAX_HEADERS + 1]; /* likewise */
	uint64_t timeout_ns;                           /* of one attempt */
	unsigned attempts;                             /* at least 1 */
	uint64_t pause_ns;                             /* between two of them */
};

/* Asks; copies the question. `done` is called once, later, with the last attempt's answer. Then
 * `ret_call` is freed. Answers 0 or -ENOMEM. */
int metadata_call_start(struct loop *loop, struct http *http,
                        const struct metadata_question *question, http_fn done, void *arg,
                        struct metadata_call **ret_call);

/* Of one that is not done: it is not any more. After http_free(), since HTTP requests cannot be
 * taken back. Accepts NULL. */
void metadata_call_free(struct metadata_call *call);

/* Whether nobody was there: no answer in time, refused, no route, or no such name. */
bool metadata_call_unanswered(const struct http_answer *answer);

#endif
