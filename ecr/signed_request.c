/* Signature and headers of a request. */
#include "ecr/signed_request.h"
#include "base/cleanup.h"
#include "ecr/credentials.h"
#include "ecr/endpoint.h"
#include "ecr/sigv4.h"

#include <errno.h>
#include <string.h>

/* All that there may be, and the NULL. */
#define MAX_HEADERS 7

#define HEADER_SIZE 160

static int sign(const struct signed_request *request, const struct credentials *credentials,
                struct sigv4_signature *ret_signature)
{
	struct sigv4_request to_sign = {
	        .service = request->service,
	        .region = request->endpoint->region,
	        .host = request->endpoint->host,
	        .content_type = request->content_type,
	        .target = request->target,
	        .body = request->body,
	        .body_size = strlen(request->body),
	        .time_s = request->time_s,
	};

	return sigv4_sign(&to_sign, credentials, ret_signature);
}

int signed_request_send(struct http *http, const struct signed_request *request,
                        const struct credentials *credentials, http_fn done, void *arg)
{
	const char *token = credentials ? credentials_session_token(credentials) : NULL;
	CLEANUP(wipe_string) char *token_header = NULL;
	char type_header[HEADER_SIZE], target_header[HEADER_SIZE], accept_header[HEADER_SIZE];
	char date_header[HEADER_SIZE], authorization[SIGV4_AUTHORIZATION_SIZE + 32];
	const char *headers[MAX_HEADERS] = {type_header};
	struct http_request unsigned_request = {
	        .url = request->endpoint->url,
	        .headers = headers,
	        .body = request->body,
	        .body_size = strlen(request->body),
	        .max_answer_bytes = request->max_answer_bytes,
	};
	struct sigv4_signature signature;
	size_t n = 1;
	int r = credentials ? sign(request, credentials, &signature) : 0;

	if (r < 0)
		return r;
	snprintf(type_header, sizeof(type_header), "Content-Type: %s", request->content_type);
	if (credentials) {
		snprintf(date_header, sizeof(date_header), "X-Amz-Date: %s", signature.date);
		snprintf(authorization, sizeof(authorization), "Authorization: %s",
		         signature.authorization);
		headers[n++] = date_header;
		headers[n++] = authorization;
	}
	if (request->target) {
		snprintf(target_header, sizeof(target_header), "X-Amz-Target: %s", request->target);
		headers[n++] = target_header;
	}
	if (request->accept) {
		snprintf(accept_header, sizeof(accept_header), "Accept: %s", request->accept);
		headers[n++] = accept_header;
	}
	if (token && asprintf(&token_header, "X-Amz-Security-Token: %s", token) < 0) {
		token_header = NULL;
		return -ENOMEM;
	}
	headers[n] = token_header;
	return http_send(http, &unsigned_request, done, arg);
}
