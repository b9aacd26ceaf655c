/* HTTP on libcurl's multi-socket interface: requests, their answers, and what an error means. */
#include "net/http.h"
#include "base/clock.h"
#include "net/curl_loop.h"
#include "net/loop.h"

#include <assert.h>
#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

struct http {
	struct http_config config;
	struct curl_loop *curl_loop;
	struct transfer *transfers; /* with libcurl */
	struct transfer *waiting;   /* for one of these to end; oldest first */
	unsigned n_transfers;
};

struct transfer {
	struct transfer *prev, *next; /* in http->transfers or http->waiting */
	struct http *http;
	CURL *easy;
	struct curl_slist *headers;
	char *body;
	size_t size, capacity, max;
	bool oversized;
	bool out_of_memory;
	char error[CURL_ERROR_SIZE];
	http_fn done;
	void *arg;
};

static void transfer_finished(void *arg, CURL *easy, CURLcode result);

int http_new(struct loop *loop, const struct http_config *config, struct http **ret_http)
{
	struct http *http = calloc(1, sizeof(*http));
	int r;

	assert(config->max_connections);
	if (!http)
		return -ENOMEM;
	http->config = *config;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		free(http);
		return -EIO;
	}
	r = curl_loop_new(loop, config->max_connections, transfer_finished, http, &http->curl_loop);
	if (r < 0) {
		free(http);
		return r;
	}
	*ret_http = http;
	return 0;
}

static void transfer_free(struct transfer *transfer)
{
	if (transfer->easy)
		curl_easy_cleanup(transfer->easy);
	curl_slist_free_all(transfer->headers);
	free(transfer->body);
	free(transfer);
}

void http_free(struct http *http)
{
	struct transfer *transfer, *next;

	if (!http)
		return;
	DL_FOREACH_SAFE (http->transfers, transfer, next) {
		curl_loop_remove(http->curl_loop, transfer->easy);
		transfer_free(transfer);
	}
	DL_FOREACH_SAFE (http->waiting, transfer, next)
		transfer_free(transfer);
	curl_loop_free(http->curl_loop);
	free(http);
}

static bool make_room(struct transfer *transfer, size_t more)
{
	size_t needed = transfer->size + more + 1; /* the NUL that follows the body */
	size_t capacity = transfer->capacity ? transfer->capacity : 4096;
	char *grown;

	if (needed <= transfer->capacity)
		return true;
	while (capacity < needed)
		capacity *= 2;
	grown = realloc(transfer->body, capacity);
	if (!grown)
		return false;
	transfer->body = grown;
	transfer->capacity = capacity;
	return true;
}

static size_t receive(char *data, size_t one, size_t size, void *arg)
{
	struct transfer *transfer = arg;

	(void)one; /* libcurl: always 1 */
	if (size > transfer->max - transfer->size) {
		transfer->oversized = true;
		return 0;
	}
	if (!make_room(transfer, size)) {
		transfer->out_of_memory = true;
		return 0;
	}
	memcpy(transfer->body + transfer->size, data, size);
	transfer->size += size;
	transfer->body[transfer->size] = '\0';
	return size;
}

static bool set_headers(struct transfer *transfer, const char *const *headers)
{
	static const char *const none[] = {NULL};

	for (headers = headers ? headers : none; *headers; headers++) {
		struct curl_slist *grown = curl_slist_append(transfer->headers, *headers);

		if (!grown)
			return false;
		transfer->headers = grown;
	}
	return true;
}

/* At least one: zero would mean "no limit" to libcurl. */
static long limit_ms(uint64_t limit_ns)
{
	return (long)(limit_ns / NS_PER_MS) + (limit_ns < NS_PER_MS);
}

static void set_limits(CURL *easy, const struct http_config *config)
{
	long connect_ms = limit_ms(config->connect_timeout_ns);
	long read_ms = limit_ms(config->read_timeout_ns);

	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_ms);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, connect_ms + read_ms);
#if LIBCURL_VERSION_NUM >= 0x075700
	/* Else the end of a request, its timeout too, waits for a name server that hangs; and with
	 * it the loop. */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
	if (config->ca_bundle)
		curl_easy_setopt(easy, CURLOPT_CAINFO, config->ca_bundle);
	if (config->no_verify_ssl) {
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
	}
}

static bool set_request(struct transfer *transfer, const struct http_request *request)
{
	CURL *easy = transfer->easy;

	if (curl_easy_setopt(easy, CURLOPT_URL, request->url) ||
	    curl_easy_setopt(easy, CURLOPT_USERAGENT, transfer->http->config.user_agent))
		return false;
	if (request->body) {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_size);
		if (curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request->body))
			return false;
	}
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
	set_limits(easy, &transfer->http->config);
	return true;
}

/* Gives it to libcurl, whose time limits run from now on. Answers 0 or -ENOMEM. */
static int start(struct transfer *transfer)
{
	struct http *http = transfer->http;
	int r = curl_loop_add(http->curl_loop, transfer->easy);

	if (r < 0)
		return r;
	DL_APPEND(http->transfers, transfer);
	http->n_transfers++;
	return 0;
}

int http_send(struct http *http, const struct http_request *request, http_fn done, void *arg)
{
	struct transfer *transfer = calloc(1, sizeof(*transfer));

	if (!transfer)
		return -ENOMEM;
	transfer->http = http;
	transfer->max = request->max_answer_bytes;
	transfer->done = done;
	transfer->arg = arg;
	transfer->easy = curl_easy_init();
	if (!transfer->easy || !set_headers(transfer, request->headers) ||
	    !set_request(transfer, request)) {
		transfer_free(transfer);
		return -ENOMEM;
	}
	if (http->n_transfers >= http->config.max_connections) {
		DL_APPEND(http->waiting, transfer);
	} else if (start(transfer) < 0) {
		transfer_free(transfer);
		return -ENOMEM;
	}
	return 0;
}

static enum status connect_status(CURL *easy)
{
	long os_error = 0;

	curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &os_error);
	switch (os_error) {
	case ECONNREFUSED:
		return STATUS_REFUSED;
	case ETIMEDOUT:
		return STATUS_TIMED_OUT;
	case ENOMEM:
	case EMFILE:
	case ENFILE:
		return STATUS_NO_MEMORY;
	default:
		return STATUS_UNRESOLVED;
	}
}

static enum status transfer_status(CURL *easy, CURLcode result)
{
	switch ((int)result) {
	case CURLE_OK:
		return STATUS_OK;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
		return STATUS_UNRESOLVED;
	case CURLE_COULDNT_CONNECT:
		return connect_status(easy);
	case CURLE_OPERATION_TIMEDOUT:
		return STATUS_TIMED_OUT;
	case CURLE_OUT_OF_MEMORY:
		return STATUS_NO_MEMORY;
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_GOT_NOTHING:
		return STATUS_SERVER_ERROR; /* the connection broke */
	default:
		return STATUS_PROTOCOL; /* TLS, cut or garbled bodies, bad encodings, our own limit
		                         */
	}
}

/* What there is to say about a failure: libcurl's own words where it has some. */
static const char *failure_text(const struct transfer *transfer, CURLcode result)
{
	if (result == CURLE_OK)
		return "";
	if (transfer->out_of_memory)
		return "no memory for the answer";
	if (transfer->oversized)
		return "the answer is larger than allowed";
	return transfer->error[0] ? transfer->error : curl_easy_strerror(result);
}

static void fail(struct transfer *transfer, enum status status, const char *error)
{
	struct http_answer answer = {
	        .status = status, .body = "", .error = error, .transfer = transfer->easy};

	transfer->done(transfer->arg, &answer);
	transfer_free(transfer);
}

static void start_waiting(struct http *http)
{
	while (http->waiting && http->n_transfers < http->config.max_connections) {
		struct transfer *transfer = http->waiting;

		DL_DELETE(http->waiting, transfer);
		if (start(transfer) < 0)
			fail(transfer, STATUS_NO_MEMORY, "no memory for the request");
	}
}

static void transfer_finished(void *arg, CURL *easy, CURLcode result)
{
	struct http *http = arg;
	struct transfer *transfer;
	struct http_answer answer = {.body = "", .transfer = easy};

	curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&transfer);
	DL_DELETE(http->transfers, transfer);
	http->n_transfers--;
	start_waiting(http);
	answer.status = transfer->out_of_memory ? STATUS_NO_MEMORY : transfer_status(easy, result);
	answer.oversized = transfer->oversized;
	answer.error = failure_text(transfer, result);
	if (answer.status == STATUS_OK) {
		curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &answer.code);
		answer.body = transfer->body ? transfer->body : "";
		answer.body_size = transfer->size;
	}
	transfer->done(transfer->arg, &answer);
	transfer_free(transfer);
}

const char *http_answer_header(const struct http_answer *answer, const char *name)
{
	struct curl_header *header;

	if (curl_easy_header(answer->transfer, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
		return NULL;
	return header->value;
}
