/* What a call looks like on the wire, by service. */
#ifndef ECRFS_ECR_API_WIRE_H
#define ECRFS_ECR_API_WIRE_H

#include "ecr/api.h"
#include "ecr/endpoint.h"
#include "ecr/json.h"
#include "net/http.h"

/* One attempt. */
struct api_wire_call {
	enum api_service service;
	const char *operation;
	const char *account; /* that names the registry, NULL: not named. Of ECR alone */
	const char *body;    /* as in struct api_request */
	size_t max_answer_bytes;
	const struct endpoint *endpoint;
	int64_t time_s; /* seconds since 1970 UTC, corrected for skew */
};

/* Signs and sends, as signed_request_send(). Threads: loop. */
int api_wire_send(struct http *http, const struct api_wire_call *call,
                  const struct credentials *credentials, http_fn done, void *arg);

/* A response header, "" when there is none. Borrowed for the callback. */
const char *api_wire_header(const struct http_answer *http, const char *name);

/* Code and message of an error, "" where it has none. Threads: loop. */
void api_wire_read_error(enum api_service service, const struct http_answer *http,
                         char code[static JSON_CODE_SIZE], char message[static JSON_MESSAGE_SIZE]);

#endif
