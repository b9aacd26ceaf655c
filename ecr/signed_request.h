/* One POST to an AWS API: what an attempt of a call sends. Signed, but where the body vouches for
 * itself. */
#ifndef ECRFS_ECR_SIGNED_REQUEST_H
#define ECRFS_ECR_SIGNED_REQUEST_H

#include "net/http.h"

struct credentials;
struct endpoint;

struct signed_request {
	const struct endpoint *endpoint;
	const char *service; /* as it is signed for: "ecr", "sts" */
	const char *content_type;
	const char *accept; /* NULL: whatever comes */
	const char *target; /* X-Amz-Target, NULL for services without */
	const char *body;
	size_t max_answer_bytes;
	int64_t time_s; /* seconds since 1970 UTC, corrected for skew */
};

/* Signs and sends; copies all of it. Without credentials (NULL) it is not signed. Answers 0, or
 * what sigv4_sign() fails with: then `done` does not follow. Threads: loop. */
int signed_request_send(struct http *http, const struct signed_request *request,
                        const struct credentials *credentials, http_fn done, void *arg);

#endif
