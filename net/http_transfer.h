/* One HTTP request with libcurl, from its options to its answer.
 *
 * Of `net/http.c`, which decides when it starts. Threads: loop.
 */
#ifndef ECRFS_NET_HTTP_TRANSFER_H
#define ECRFS_NET_HTTP_TRANSFER_H

#include "net/curl_socket.h"
#include "net/http.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

struct http_transfer {
	struct http_transfer *prev, *next; /* in a list of the client's */
	CURL *easy;                        /* to be given to libcurl, and removed from it */
	struct curl_slist *headers;
	struct curl_sockets sockets;
	char *body;
	size_t size, capacity, max;
	bool oversized;
	bool out_of_memory;
	char error[CURL_ERROR_SIZE];
	char *ca_name; /* heap: of the bundle that is to vouch for the other side; NULL: none */
	http_fn done;
	void *arg;
};

/* Copies the request, borrows the rest. Answers 0 or -ENOMEM. */
int http_transfer_new(const struct http_config *config, CURLSH *tls_sessions,
                      const struct http_request *request, http_fn done, void *arg,
                      struct http_transfer **ret_transfer);

/* Without an answer. Headers and body are wiped, here and after an answer. */
void http_transfer_free(struct http_transfer *transfer);

/* The transfer that has this handle. */
struct http_transfer *http_transfer_of(CURL *easy);

/* Tells what became of it, and frees it: when libcurl has ended it; when libcurl never had it, or
 * has lost it. */
void http_transfer_finish(struct http_transfer *transfer, CURLcode result);
void http_transfer_fail(struct http_transfer *transfer, enum status status, const char *error);

#endif
