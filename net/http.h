/* HTTP requests on the loop thread: libcurl's multi interface, bounded answers, reused connections.
 *
 * HTTP/2 where TLS offers it, else HTTP/1.1. A connection that has been idle for long, or that the
 * server has closed meanwhile, is replaced; a new one resumes a TLS session of that host. Answers
 * may come as gzip. A request never waits for "100 Continue".
 *
 * The only user of libcurl. A request ends exactly once, always later than http_send().
 */
#ifndef ECRFS_NET_HTTP_H
#define ECRFS_NET_HTTP_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http;
struct loop;

struct http_config {
	const char *user_agent; /* borrowed for the life of the client, as are the others */
	const char *ca_bundle;  /* PEM file, or NULL for the system's */
	bool no_verify_ssl;
	unsigned max_connections;    /* requests at the same time, and connections; at least 1 */
	uint64_t connect_timeout_ns; /* name, TCP and TLS; not the wait for a free connection */
	uint64_t read_timeout_ns;    /* the rest of one request */
};

struct http_request {
	const char *url;
	const char *const *headers; /* "Name: value", NULL at the end */
	const char *method;         /* static; NULL: GET, or POST where there is a body */
	bool direct;                /* to an address of this host or link: never through a proxy */
	const void *body;           /* NULL: none */
	size_t body_size;
	size_t max_answer_bytes; /* a longer answer, unpacked, is STATUS_PROTOCOL, and not read on
	                          */
	uint64_t limit_ns;       /* of all of it, where that is less than the client's; 0: that */
};

struct http_answer {
	/* STATUS_OK: the server answered, with whatever code. Else why it did not. */
	enum status status;
	bool oversized;   /* STATUS_PROTOCOL because of max_answer_bytes */
	bool broken;      /* connecting failed, or the connection did: it may work another time */
	bool heard;       /* there was an answer, or the head of one at least */
	long code;        /* HTTP status; 0 unless STATUS_OK */
	const char *body; /* NUL follows the last byte; "" when empty */
	size_t body_size;
	/* What went wrong below HTTP, for the log; "" when nothing did. Of a certificate that does
	 * not hold also which bundle was to vouch for it. */
	const char *error;
	void *transfer; /* for http_answer_header() */
};

/* `answer` and all in it are borrowed for the call. On the loop thread. */
typedef void (*http_fn)(void *arg, const struct http_answer *answer);

/* Borrows loop and config strings. Answers 0, -ENOMEM or -EIO (libcurl does not start). */
int http_new(struct loop *loop, const struct http_config *config, struct http **ret_http);

/* Another client, with the limits, queue and connections of `shared`, but certificates of its own,
 * at first the same. Borrows `shared`, which is freed first and ends its requests, too. Answers 0
 * or -ENOMEM. */
int http_new_sharing(struct http *shared, struct http **ret_http);

/* From the next request on trusts the PEM file at this path, borrowed; NULL: the system's. Another
 * file has another path. `name`: what it is called in errors, copied. Threads: loop. */
void http_set_ca_bundle(struct http *http, const char *path, const char *name);

/* Accepts NULL. Requests under way end silently: `done` is not called. Threads: loop. */
void http_free(struct http *http);

/* Sends; copies all of the request. Answers 0, or -ENOMEM (then `done` is not called).
 * Threads: loop. */
int http_send(struct http *http, const struct http_request *request, http_fn done, void *arg);

/* A response header by name (any case), or NULL. Borrowed for the callback. */
const char *http_answer_header(const struct http_answer *answer, const char *name);

#endif
