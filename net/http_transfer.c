/* Options of libcurl, the body as it arrives, and what became of it all. */
#include "net/http_transfer.h"
#include "base/clock.h"
#include "net/curl_socket.h"
#include "net/curl_status.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Elastic Load Balancing closes a connection that has been idle for 60 s, its default. libcurl
 * would use it for 118 s: it sees before it sends that the other side has closed, but not while the
 * news is under way. */
#define MAX_IDLE_S 50L

/* Room for what libcurl says and a path. */
#define FAILURE_SIZE 1024

static bool make_room(struct http_transfer *transfer, size_t more)
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
	struct http_transfer *transfer = arg;

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

static bool add_header(struct http_transfer *transfer, const char *header)
{
	struct curl_slist *grown = curl_slist_append(transfer->headers, header);

	if (grown)
		transfer->headers = grown;
	return grown;
}

/* With a large body libcurl would ask first whether it may come, and wait for the answer. */
static bool set_headers(struct http_transfer *transfer, const char *const *headers)
{
	if (!add_header(transfer, "Expect:"))
		return false;
	while (headers && *headers)
		if (!add_header(transfer, *headers++))
			return false;
	return true;
}

/* At least one: zero would mean "no limit" to libcurl. */
static long limit_ms(uint64_t limit_ns)
{
	return (long)(limit_ns / NS_PER_MS) + (limit_ns < NS_PER_MS);
}

static long request_limit_ms(const struct http_config *config)
{
	return limit_ms(config->connect_timeout_ns) + limit_ms(config->read_timeout_ns);
}

static void set_limits(CURL *easy, const struct http_config *config, uint64_t limit_ns)
{
	long connect_ms = limit_ms(config->connect_timeout_ns);
	long request_ms = request_limit_ms(config);

	if (limit_ns && limit_ms(limit_ns) < request_ms)
		request_ms = limit_ms(limit_ns);

	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_ms);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, request_ms);
#if LIBCURL_VERSION_NUM >= 0x075700
	/* Else the end of a request, its timeout too, waits for a name server that hangs; and with
	 * it the loop. */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	if (config->ca_bundle)
		curl_easy_setopt(easy, CURLOPT_CAINFO, config->ca_bundle);
	if (config->no_verify_ssl) {
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
	}
}

/* HTTP/2 where a TLS server offers it: then one connection carries all requests that come once it
 * is up, which is measured to be no slower than several. Requests that come earlier connect for
 * themselves: to wait until it is known what the first connection speaks (CURLOPT_PIPEWAIT) would
 * be for nothing with HTTP/1.1, which is what ECR is known to speak. */
static void set_connection(struct http_transfer *transfer, const struct http_config *config,
                           CURLSH *tls_sessions)
{
	CURL *easy = transfer->easy;

	transfer->sockets.silence_ms = (unsigned)(request_limit_ms(config) + 1000);
	curl_sockets_install(easy, &transfer->sockets);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
	curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, MAX_IDLE_S);
	curl_easy_setopt(easy, CURLOPT_SHARE, tls_sessions);
}

static bool set_request(struct http_transfer *transfer, const struct http_request *request,
                        const struct http_config *config)
{
	CURL *easy = transfer->easy;

	if (curl_easy_setopt(easy, CURLOPT_URL, request->url) ||
	    curl_easy_setopt(easy, CURLOPT_USERAGENT, config->user_agent))
		return false;
	if (request->body) {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_size);
		if (curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request->body))
			return false;
	}
	if (request->method && curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method))
		return false;
	if (request->direct && curl_easy_setopt(easy, CURLOPT_NOPROXY, "*"))
		return false;
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
	curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
	set_limits(easy, config, request->limit_ns);
	return true;
}

int http_transfer_new(const struct http_config *config, CURLSH *tls_sessions,
                      const struct http_request *request, http_fn done, void *arg,
                      struct http_transfer **ret_transfer)
{
	struct http_transfer *transfer = calloc(1, sizeof(*transfer));

	if (!transfer)
		return -ENOMEM;
	transfer->max = request->max_answer_bytes;
	transfer->done = done;
	transfer->arg = arg;
	transfer->easy = curl_easy_init();
	if (!transfer->easy || !set_headers(transfer, request->headers) ||
	    !set_request(transfer, request, config)) {
		http_transfer_free(transfer);
		return -ENOMEM;
	}
	set_connection(transfer, config, tls_sessions);
	*ret_transfer = transfer;
	return 0;
}

struct http_transfer *http_transfer_of(CURL *easy)
{
	struct http_transfer *transfer;

	curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&transfer);
	return transfer;
}

/* Tokens are among the headers, and keys in the bodies of those who give them. What libcurl has
 * copied for itself is out of reach. */
static void wipe(struct http_transfer *transfer)
{
	for (struct curl_slist *header = transfer->headers; header; header = header->next)
		explicit_bzero(header->data, strlen(header->data));
	if (transfer->body)
		explicit_bzero(transfer->body, transfer->capacity);
}

void http_transfer_free(struct http_transfer *transfer)
{
	if (transfer->easy)
		curl_easy_cleanup(transfer->easy);
	wipe(transfer);
	curl_slist_free_all(transfer->headers);
	free(transfer->body);
	free(transfer->ca_name);
	free(transfer);
}

/* What there is to say about a failure: libcurl's own words where it has some. */
static const char *failure_text(const struct http_transfer *transfer, CURLcode result,
                                enum status status)
{
	if (result == CURLE_OK)
		return status == STATUS_OK ? "" : "the answer has no HTTP status";
	if (transfer->out_of_memory)
		return "no memory for the answer";
	if (transfer->oversized)
		return "the answer is larger than allowed";
	if (status == STATUS_NO_DESCRIPTORS)
		return "no file descriptor for the connection";
	return transfer->error[0] ? transfer->error : curl_easy_strerror(result);
}

/* The same, with the name of the bundle where that may be the wrong one. */
static const char *failure_with_bundle(const struct http_transfer *transfer, CURLcode result,
                                       enum status status, char buffer[static FAILURE_SIZE])
{
	const char *text = failure_text(transfer, result, status);

	if (result != CURLE_PEER_FAILED_VERIFICATION || !transfer->ca_name)
		return text;
	snprintf(buffer, FAILURE_SIZE, "%s; only certificates of this CA bundle are trusted: %s",
	         text, transfer->ca_name);
	return buffer;
}

static enum status status_of(const struct http_transfer *transfer, CURLcode result)
{
	enum status shortage = curl_sockets_shortage(&transfer->sockets, result);

	if (transfer->out_of_memory)
		return STATUS_NO_MEMORY;
	return shortage != STATUS_OK ? shortage : curl_status(transfer->easy, result);
}

void http_transfer_fail(struct http_transfer *transfer, enum status status, const char *error)
{
	struct http_answer answer = {
	        .status = status, .body = "", .error = error, .transfer = transfer->easy};

	transfer->done(transfer->arg, &answer);
	http_transfer_free(transfer);
}

void http_transfer_finish(struct http_transfer *transfer, CURLcode result)
{
	struct http_answer answer = {.body = "", .transfer = transfer->easy};
	char failure[FAILURE_SIZE];
	long code = 0;

	answer.status = status_of(transfer, result);
	answer.oversized = transfer->oversized;
	answer.broken = curl_is_broken(result, answer.status);
	answer.error = failure_with_bundle(transfer, result, answer.status, failure);
	curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &code);
	answer.heard = code != 0;
	if (answer.status == STATUS_OK) {
		answer.code = code;
		answer.body = transfer->body ? transfer->body : "";
		answer.body_size = transfer->size;
	}
	transfer->done(transfer->arg, &answer);
	http_transfer_free(transfer);
}

const char *http_answer_header(const struct http_answer *answer, const char *name)
{
	struct curl_header *header;

	if (curl_easy_header(answer->transfer, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
		return NULL;
	return header->value;
}
