/* HTTP on libcurl's multi-socket interface: how many requests go at a time. */
#include "net/http.h"
#include "net/curl_loop.h"
#include "net/http_transfer.h"
#include "net/loop.h"

#include <assert.h>
#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

struct http {
	struct http_config config;
	char *ca_name;      /* what config.ca_bundle is called in errors; NULL: not at all */
	struct http *queue; /* who has what is below: itself, or the one it shares */
	struct curl_loop *curl_loop;
	CURLSH *tls_sessions;            /* of all hosts; libcurl's own store is one per handle */
	struct http_transfer *transfers; /* with libcurl */
	struct http_transfer *waiting;   /* for one of these to end; oldest first */
	unsigned n_transfers;
};

static void transfer_finished(void *arg, CURL *easy, CURLcode result);
static void out_of_memory(void *arg);

/* Without locks: all handles are the loop thread's. */
static CURLSH *tls_sessions_new(void)
{
	CURLSH *sessions = curl_share_init();

	if (sessions)
		curl_share_setopt(sessions, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
	return sessions;
}

int http_new(struct loop *loop, const struct http_config *config, struct http **ret_http)
{
	struct http *http = calloc(1, sizeof(*http));
	int r;

	assert(config->max_connections);
	if (!http)
		return -ENOMEM;
	http->config = *config;
	http->queue = http;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		free(http);
		return -EIO;
	}
	http->tls_sessions = tls_sessions_new();
	r = -ENOMEM;
	if (http->tls_sessions)
		r = curl_loop_new(loop, config->max_connections, transfer_finished, out_of_memory,
		                  http, &http->curl_loop);
	if (r < 0) {
		curl_share_cleanup(http->tls_sessions);
		free(http);
		return r;
	}
	*ret_http = http;
	return 0;
}

int http_new_sharing(struct http *shared, struct http **ret_http)
{
	struct http *http = calloc(1, sizeof(*http));

	if (!http)
		return -ENOMEM;
	http->config = shared->config;
	http->queue = shared->queue;
	*ret_http = http;
	return 0;
}

void http_set_ca_bundle(struct http *http, const char *path, const char *name)
{
	http->config.ca_bundle = path;
	free(http->ca_name);
	http->ca_name = name ? strdup(name) : NULL; /* an error can do without */
}

void http_free(struct http *http)
{
	struct http_transfer *transfer, *next;

	if (!http)
		return;
	free(http->ca_name);
	if (http->queue != http) {
		free(http);
		return;
	}
	DL_FOREACH_SAFE (http->transfers, transfer, next) {
		curl_loop_remove(http->curl_loop, transfer->easy);
		http_transfer_free(transfer);
	}
	DL_FOREACH_SAFE (http->waiting, transfer, next)
		http_transfer_free(transfer);
	curl_loop_free(http->curl_loop);
	curl_share_cleanup(http->tls_sessions);
	free(http);
}

/* Gives it to libcurl, whose time limits run from now on. Answers 0 or -ENOMEM. */
static int start(struct http *http, struct http_transfer *transfer)
{
	int r = curl_loop_add(http->curl_loop, transfer->easy);

	if (r < 0)
		return r;
	DL_APPEND(http->transfers, transfer);
	http->n_transfers++;
	return 0;
}

int http_send(struct http *http, const struct http_request *request, http_fn done, void *arg)
{
	struct http_transfer *transfer;
	int r = http_transfer_new(&http->config, http->queue->tls_sessions, request, done, arg,
	                          &transfer);

	if (r < 0)
		return r;
	if (http->ca_name)
		transfer->ca_name = strdup(http->ca_name);
	http = http->queue;
	if (http->n_transfers >= http->config.max_connections) {
		DL_APPEND(http->waiting, transfer);
		return 0;
	}
	r = start(http, transfer);
	if (r < 0)
		http_transfer_free(transfer);
	return r;
}

static void start_waiting(struct http *http)
{
	while (http->waiting && http->n_transfers < http->config.max_connections) {
		struct http_transfer *transfer = http->waiting;

		DL_DELETE(http->waiting, transfer);
		if (start(http, transfer) < 0)
			http_transfer_fail(transfer, STATUS_NO_MEMORY, "no memory for the request");
	}
}

/* libcurl cannot go on: all that it has ends. */
static void out_of_memory(void *arg)
{
	struct http *http = arg;
	struct http_transfer *lost = http->transfers, *transfer, *next;

	http->transfers = NULL;
	http->n_transfers = 0;
	DL_FOREACH (lost, transfer)
		curl_loop_remove(http->curl_loop, transfer->easy);
	curl_loop_renew(http->curl_loop);
	DL_FOREACH_SAFE (lost, transfer, next)
		http_transfer_fail(transfer, STATUS_NO_MEMORY, "no memory for the connection");
	start_waiting(http);
}

static void transfer_finished(void *arg, CURL *easy, CURLcode result)
{
	struct http *http = arg;
	struct http_transfer *transfer = http_transfer_of(easy);

	DL_DELETE(http->transfers, transfer);
	http->n_transfers--;
	start_waiting(http);
	http_transfer_finish(transfer, result);
}
