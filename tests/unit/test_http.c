/* HTTP on the loop, against a real server on 127.0.0.1. */
#include "net/http.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "net/loop.h"
#include "tests/unit/http_server.h"
#include "tests/unit/pump.h"
#include "tests/unit/unit_test.h"

#include <curl/curl.h>
#include <malloc.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_ANSWER_BYTES 1000
#define MAX_CONNECTIONS  2
#define SHORT_NS         (20 * NS_PER_MS)

/* 1,000 times "a", by gzip. */
static const unsigned char thousand_bytes_gzipped[] = {
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x4b, 0x4c, 0x1c, 0x05, 0xa3,
        0x60, 0x14, 0x0c, 0x77, 0x00, 0x00, 0x03, 0xda, 0x38, 0x9a, 0xe8, 0x03, 0x00, 0x00,
};

/* What one request got. */
struct result {
	bool done;
	enum status status;
	bool heard;
	bool oversized;
	long code;
	char body[2 * MAX_ANSWER_BYTES];
	size_t body_size;
	char error[256];
	char request_id[64];
};

struct fixture {
	struct loop *loop;
	struct http *http;
	struct http_server *server;
	struct result result;
};

static struct fixture f;

/* Names are resolved while it is open. Never destroyed: a thread of libcurl may outlive its test.
 */
static sem_t resolver;

/* In place of the C library's: a name server in the hands of the test. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **ret_result)
{
	(void)name;
	(void)service;
	(void)hints;
	(void)ret_result;
	sem_wait(&resolver);
	sem_post(&resolver);
	return EAI_NONAME;
}

static unsigned nodelays; /* sockets that wait for no more bytes before they send */
static int silence_ms;    /* after which the kernel ends a connection */

/* In place of the C library's: libcurl's calls are counted. */
int setsockopt(int fd, int level, int name, const void *value, socklen_t size)
{
	if (level == IPPROTO_TCP && name == TCP_NODELAY && *(const int *)value)
		nodelays++;
	if (level == IPPROTO_TCP && name == TCP_USER_TIMEOUT)
		silence_ms = *(const int *)value;
	return (int)syscall(SYS_setsockopt, fd, level, name, value, size);
}

static bool bodies_fail, handles_fail; /* for want of memory */
static unsigned handles_added;         /* to libcurl */

void *__real_realloc(void *memory, size_t size);
void *__wrap_realloc(void *memory, size_t size);

/* In place of the C library's for our own code (see CMakeLists.txt). */
void *__wrap_realloc(void *memory, size_t size)
{
	return bodies_fail ? NULL : __real_realloc(memory, size);
}

CURLMcode __real_curl_multi_add_handle(CURLM *multi, CURL *easy);
CURLMcode __wrap_curl_multi_add_handle(CURLM *multi, CURL *easy);

CURLMcode __wrap_curl_multi_add_handle(CURLM *multi, CURL *easy)
{
	handles_added++;
	return handles_fail ? CURLM_OUT_OF_MEMORY : __real_curl_multi_add_handle(multi, easy);
}

#define SECRET "a/secret+value"
static _Thread_local bool watching; /* whether this thread frees memory that still has it */
static unsigned leaks;

void __real_free(void *memory);
void __wrap_free(void *memory);

void __wrap_free(void *memory)
{
	if (watching && memory &&
	    memmem(memory, malloc_usable_size(memory), SECRET, strlen(SECRET)))
		leaks++;
	__real_free(memory);
}

void __real_curl_slist_free_all(struct curl_slist *list);
void __wrap_curl_slist_free_all(struct curl_slist *list);

void __wrap_curl_slist_free_all(struct curl_slist *list)
{
	for (const struct curl_slist *header = list; watching && header; header = header->next)
		if (strstr(header->data, SECRET))
			leaks++;
	__real_curl_slist_free_all(list);
}

static int set_up_with(uint64_t connect_timeout_ns, uint64_t read_timeout_ns)
{
	struct http_config config = {
	        .user_agent = "a test",
	        .max_connections = MAX_CONNECTIONS,
	        .connect_timeout_ns = connect_timeout_ns,
	        .read_timeout_ns = read_timeout_ns,
	};

	memset(&f, 0, sizeof(f));
	handles_added = nodelays = 0;
	silence_ms = 0;
	bodies_fail = handles_fail = false;
	setenv("no_proxy", "*", 1);
	f.server = http_server_new();
	assert_int_equal(loop_new(&f.loop), 0);
	return http_new(f.loop, &config, &f.http);
}

static int set_up(void **state)
{
	(void)state;
	return set_up_with(20 * NS_PER_S, 20 * NS_PER_S);
}

static int set_up_with_no_time(void **state)
{
	(void)state;
	return set_up_with(0, 0);
}

/* Time is real here: the network's cannot be had from a clock. */
static int set_up_impatient(void **state)
{
	(void)state;
	return set_up_with(SHORT_NS, SHORT_NS);
}

static int tear_down(void **state)
{
	(void)state;
	http_free(f.http);
	http_server_free(f.server);
	loop_free(f.loop);
	return 0;
}

static void received(void *arg, const struct http_answer *answer)
{
	struct result *result = arg;
	const char *id = http_answer_header(answer, "x-amzn-requestid");

	assert_false(result->done);
	result->done = true;
	result->status = answer->status;
	result->oversized = answer->oversized;
	result->heard = answer->heard;
	result->code = answer->code;
	result->body_size = answer->body_size;
	assert_true(answer->body_size < sizeof(result->body));
	assert_int_equal(answer->body[answer->body_size], '\0');
	memcpy(result->body, answer->body, answer->body_size + 1);
	strncpy(result->error, answer->error, sizeof(result->error) - 1);
	strncpy(result->request_id, id ? id : "(none)", sizeof(result->request_id) - 1);
}

static void start(const struct http_request *request, struct result *result)
{
	memset(result, 0, sizeof(*result));
	assert_int_equal(http_send(f.http, request, received, result), 0);
	assert_false(result->done);
}

static void fetch(const struct http_request *request)
{
	start(request, &f.result);
	pump_until(f.loop, &f.result.done);
}

static void get(const char *url)
{
	struct http_request request = {.url = url, .max_answer_bytes = MAX_ANSWER_BYTES};

	fetch(&request);
}

static void get_from_server(void)
{
	get(http_server_url(f.server));
}

static void assert_no_answer(enum status status)
{
	assert_int_equal(f.result.status, status);
	assert_int_equal(f.result.code, 0);
	assert_string_equal(f.result.body, "");
	assert_true(f.result.error[0]);
}

static void status_headers_and_body_arrive(void **state)
{
	(void)state;
	http_server_answer(f.server, 200, "X-Amzn-RequestId: id-1\r\n", "the body");
	get_from_server();
	assert_int_equal(f.result.status, STATUS_OK);
	assert_int_equal(f.result.code, 200);
	assert_string_equal(f.result.body, "the body");
	assert_int_equal(f.result.body_size, strlen("the body"));
	assert_string_equal(f.result.request_id, "id-1");
	assert_string_equal(f.result.error, "");
}

static void an_empty_body_is_an_empty_string(void **state)
{
	(void)state;
	http_server_answer(f.server, 200, "", "");
	get_from_server();
	assert_int_equal(f.result.status, STATUS_OK);
	assert_string_equal(f.result.body, "");
	assert_int_equal(f.result.body_size, 0);
	assert_string_equal(f.result.request_id, "(none)");
}

static void an_error_of_the_server_is_an_answer(void **state)
{
	(void)state;
	http_server_answer(f.server, 503, "", "down");
	get_from_server();
	assert_int_equal(f.result.status, STATUS_OK);
	assert_int_equal(f.result.code, 503);
	assert_string_equal(f.result.body, "down");
}

static void a_request_may_have_another_method(void **state)
{
	static const char *const headers[] = {"X-A-Token-Ttl: 60", NULL};
	CLEANUP(free_string) char *sent = NULL;
	struct http_request request = {
	        .url = http_server_url(f.server),
	        .method = "PUT",
	        .headers = headers,
	        .max_answer_bytes = MAX_ANSWER_BYTES,
	};

	(void)state;
	http_server_answer(f.server, 200, "", "token");
	fetch(&request);
	assert_string_equal(f.result.body, "token");
	sent = http_server_request(f.server, 0);
	assert_ptr_equal(strstr(sent, "PUT / HTTP/1.1\r\n"), sent);
	assert_non_null(strstr(sent, "\r\nX-A-Token-Ttl: 60\r\n"));
}

static void a_proxy_gets_only_what_is_for_the_outside(void **state)
{
	struct http_request request = {.url = "http://ecrfs.invalid/",
	                               .max_answer_bytes = MAX_ANSWER_BYTES};
	CLEANUP(free_string) char *sent = NULL;

	(void)state;
	assert_int_equal(unsetenv("no_proxy"), 0);
	assert_int_equal(setenv("http_proxy", http_server_url(f.server), 1), 0);
	http_server_answer(f.server, 200, "", "by proxy");
	fetch(&request);
	assert_string_equal(f.result.body, "by proxy");
	sent = http_server_request(f.server, 0);
	assert_ptr_equal(strstr(sent, "GET http://ecrfs.invalid/ HTTP/1.1\r\n"), sent);
	request.url = "http://127.0.0.1:1/";
	request.direct = true;
	fetch(&request);
	assert_int_equal(unsetenv("http_proxy"), 0);
	assert_no_answer(STATUS_REFUSED);
	assert_int_equal(http_server_requests(f.server), 1);
}

static void body_and_headers_are_sent_as_given(void **state)
{
	static const char *const headers[] = {"Content-Type: application/x-amz-json-1.1",
	                                      "Expect:", "X-Amz-Target: Something", NULL};
	CLEANUP(free_string) char *sent = NULL;
	struct http_request request = {
	        .url = http_server_url(f.server),
	        .headers = headers,
	        .body = "{\"a\":1}ignored",
	        .body_size = 7,
	        .max_answer_bytes = MAX_ANSWER_BYTES,
	};

	(void)state;
	http_server_answer(f.server, 200, "", "");
	fetch(&request);
	sent = http_server_request(f.server, 0);
	assert_ptr_equal(strstr(sent, "POST / HTTP/1.1\r\n"), sent);
	assert_non_null(strstr(sent, "\r\nContent-Type: application/x-amz-json-1.1\r\n"));
	assert_non_null(strstr(sent, "\r\nX-Amz-Target: Something\r\n"));
	assert_non_null(strstr(sent, "\r\nUser-Agent: a test\r\n"));
	assert_non_null(strstr(sent, "\r\nContent-Length: 7\r\n"));
	assert_non_null(strstr(sent, "\r\n\r\n{\"a\":1}"));
	assert_null(strstr(sent, "Expect"));
	assert_null(strstr(sent, "ignored"));
}

/* Whoever sends may reuse all of it at once. */
static void secrets_are_wiped(void **state)
{
	static const char *const headers[] = {"Authorization: " SECRET, NULL};
	struct http_request request = {
	        .url = http_server_url(f.server),
	        .headers = headers,
	        .max_answer_bytes = MAX_ANSWER_BYTES,
	};

	(void)state;
	leaks = 0;
	http_server_answer(f.server, 200, "", "{\"Token\": \"" SECRET "\"}");
	watching = true;
	fetch(&request);
	watching = false;
	assert_non_null(strstr(f.result.body, SECRET));
	assert_int_equal(leaks, 0);
}

static void the_request_is_copied(void **state)
{
	char url[64], body[] = "body", header[] = "X-Header: value";
	const char *headers[] = {header, NULL};
	struct http_request request = {
	        .url = url,
	        .headers = headers,
	        .body = body,
	        .body_size = 4,
	        .max_answer_bytes = MAX_ANSWER_BYTES,
	};
	CLEANUP(free_string) char *sent = NULL;

	(void)state;
	strcpy(url, http_server_url(f.server));
	http_server_answer(f.server, 200, "", "");
	start(&request, &f.result);
	memset(url, 'x', sizeof(url));
	memset(body, 'x', sizeof(body));
	memset(header, 'x', sizeof(header));
	pump_until(f.loop, &f.result.done);
	assert_int_equal(f.result.code, 200);
	sent = http_server_request(f.server, 0);
	assert_non_null(strstr(sent, "\r\nX-Header: value\r\n"));
	assert_non_null(strstr(sent, "\r\n\r\nbody"));
}

static void answer_of_size(size_t size)
{
	CLEANUP(free_string) char *body = calloc(1, size + 1);

	memset(body, 'b', size);
	http_server_answer(f.server, 200, "", body);
}

static void an_answer_may_be_as_large_as_allowed(void **state)
{
	(void)state;
	answer_of_size(MAX_ANSWER_BYTES);
	get_from_server();
	assert_int_equal(f.result.status, STATUS_OK);
	assert_int_equal(f.result.body_size, MAX_ANSWER_BYTES);
}

static void a_larger_answer_is_told_apart(void **state)
{
	(void)state;
	answer_of_size(MAX_ANSWER_BYTES + 1);
	get_from_server();
	assert_no_answer(STATUS_PROTOCOL);
	assert_true(f.result.oversized);
	assert_string_equal(f.result.error, "the answer is larger than allowed");
}

static void a_body_without_memory_is_not_the_servers_fault(void **state)
{
	(void)state;
	answer_of_size(10);
	bodies_fail = true;
	get_from_server();
	bodies_fail = false;
	assert_no_answer(STATUS_NO_MEMORY);
}

static void answer_gzipped(void)
{
	char answer[512];
	int head = snprintf(answer, sizeof(answer),
	                    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
	                    "Content-Length: %zu\r\n\r\n",
	                    sizeof(thousand_bytes_gzipped));

	memcpy(answer + head, thousand_bytes_gzipped, sizeof(thousand_bytes_gzipped));
	http_server_answer_bytes(f.server, answer, (size_t)head + sizeof(thousand_bytes_gzipped));
}

static void a_compressed_answer_is_unpacked(void **state)
{
	(void)state;
	answer_gzipped();
	get_from_server();
	assert_int_equal(f.result.status, STATUS_OK);
	assert_int_equal(f.result.body_size, 1000);
	assert_int_equal(strspn(f.result.body, "a"), 1000);
}

/* A small answer that unpacks to a large one must not fill the memory. */
static void the_limit_counts_unpacked_bytes(void **state)
{
	struct http_request request = {.url = http_server_url(f.server), .max_answer_bytes = 999};

	(void)state;
	answer_gzipped();
	fetch(&request);
	assert_no_answer(STATUS_PROTOCOL);
	assert_true(f.result.oversized);
}

static void an_answer_in_chunks_is_put_together(void **state)
{
	static const char answer[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	                             "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";

	(void)state;
	http_server_answer_bytes(f.server, answer, strlen(answer));
	get_from_server();
	assert_string_equal(f.result.body, "abcde");
}

static void a_redirection_is_not_followed(void **state)
{
	(void)state;
	http_server_answer(f.server, 302, "Location: http://127.0.0.1:1/\r\n", "");
	get_from_server();
	assert_int_equal(f.result.status, STATUS_OK);
	assert_int_equal(f.result.code, 302);
	assert_int_equal(http_server_requests(f.server), 1);
}

/* A connection needs one. */
static void a_missing_descriptor_is_not_the_servers_fault(void **state)
{
	struct rlimit before, none;

	(void)state;
	answer_of_size(10);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){.rlim_cur = 3, .rlim_max = before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	get_from_server();
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_no_answer(STATUS_NO_DESCRIPTORS);
	assert_string_equal(f.result.error, "no file descriptor for the connection");
	get_from_server();
	assert_int_equal(f.result.status, STATUS_OK);
}

static void a_refused_connection_is_told_apart(void **state)
{
	char url[64];

	(void)state;
	strcpy(url, http_server_url(f.server));
	http_server_free(f.server);
	f.server = NULL;
	get(url);
	assert_no_answer(STATUS_REFUSED);
}

static void a_name_that_does_not_resolve_is_told_apart(void **state)
{
	(void)state;
	get("http://no-such-name.invalid/");
	assert_no_answer(STATUS_UNRESOLVED);
}

static void a_server_that_does_not_answer_times_out(void **state)
{
	(void)state;
	get_from_server();
	assert_no_answer(STATUS_TIMED_OUT);
}

/* Of whom the head came is known that somebody is there. */
static void an_answer_that_has_begun_is_told_apart_from_silence(void **state)
{
	static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n";

	(void)state;
	http_server_answer_bytes(f.server, head, strlen(head));
	get_from_server();
	assert_no_answer(STATUS_TIMED_OUT);
	assert_true(f.result.heard);
	get_from_server();
	assert_no_answer(STATUS_TIMED_OUT);
	assert_false(f.result.heard);
	http_server_answer_and_close(f.server, head);
	get_from_server();
	assert_no_answer(STATUS_PROTOCOL);
	assert_true(f.result.heard);
}

static void a_request_may_have_a_shorter_limit(void **state)
{
	struct http_request request = {
	        .url = http_server_url(f.server),
	        .max_answer_bytes = MAX_ANSWER_BYTES,
	        .limit_ns = 20 * NS_PER_MS,
	};
	struct result longer;

	(void)state;
	start(&request, &f.result);
	request.limit_ns = 0;
	start(&request, &longer);
	pump_until(f.loop, &f.result.done);
	assert_no_answer(STATUS_TIMED_OUT);
	assert_false(longer.done);
}

/* Zero would mean "no limit" to libcurl. */
static void no_time_is_not_all_the_time(void **state)
{
	(void)state;
	get_from_server();
	assert_no_answer(STATUS_TIMED_OUT);
}

static void a_connection_that_breaks_is_an_error_of_the_server(void **state)
{
	(void)state;
	http_server_answer_and_close(f.server, "");
	get_from_server();
	assert_no_answer(STATUS_SERVER_ERROR);
}

static void a_body_that_is_cut_is_not_taken_for_whole(void **state)
{
	(void)state;
	http_server_answer_and_close(f.server, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
	get_from_server();
	assert_no_answer(STATUS_PROTOCOL);
	assert_false(f.result.oversized);
}

/* With these libcurl is content. */
static void an_answer_without_a_status_is_malformed(void **state)
{
	static const char *const answers[] = {"HTTP/2 000 OK\r\n\r\nbody", "HTTP/2 -7 OK\r\n\r\n",
	                                      "HTTP/2 1000 OK\r\n\r\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		http_server_answer_and_close(f.server, answers[i]);
		get_from_server();
		assert_no_answer(STATUS_PROTOCOL);
		assert_string_equal(f.result.error, "the answer has no HTTP status");
	}
}

static void what_is_not_http_is_malformed(void **state)
{
	(void)state;
	http_server_answer_and_close(f.server, "220 mail.example ESMTP\r\n");
	get_from_server();
	assert_no_answer(STATUS_PROTOCOL);
}

static void only_http_and_https_are_spoken(void **state)
{
	(void)state;
	get("file:///etc/passwd");
	assert_no_answer(STATUS_PROTOCOL);
}

static void a_connection_is_used_again(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		http_server_answer(f.server, 200, "", "");
		get_from_server();
		assert_int_equal(f.result.code, 200);
	}
	assert_int_equal(http_server_requests(f.server), 5);
	assert_int_equal(http_server_connections(f.server), 1);
}

static void requests_are_sent_at_once(void **state)
{
	(void)state;
	http_server_answer(f.server, 200, "", "");
	get_from_server();
	assert_int_equal(nodelays, 1);
}

/* But not before a request that hangs has timed out, which says better what happened. */
static void a_connection_that_nobody_acknowledges_is_given_up(void **state)
{
	(void)state;
	http_server_answer(f.server, 200, "", "");
	get_from_server();
	assert_int_equal(silence_ms, 41000);
}

/* "Expect: 100-continue" would cost a round trip. */
static void a_body_of_any_size_is_sent_at_once(void **state)
{
	static const size_t sizes[] = {10, 2000, 1200 * 1024};

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		CLEANUP(free_string) char *body = malloc(sizes[i]), *sent = NULL;
		struct http_request request = {
		        .url = http_server_url(f.server),
		        .body = memset(body, 'x', sizes[i]),
		        .body_size = sizes[i],
		        .max_answer_bytes = MAX_ANSWER_BYTES,
		};

		http_server_answer(f.server, 200, "", "");
		fetch(&request);
		assert_int_equal(f.result.code, 200);
		sent = http_server_request(f.server, i);
		assert_null(strcasestr(sent, "expect"));
		assert_int_equal(strlen(strstr(sent, "\r\n\r\n") + 4), sizes[i]);
	}
}

static void a_connection_that_was_closed_while_idle_is_no_error(void **state)
{
	(void)state;
	http_server_answer_and_close(f.server, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	get_from_server();
	assert_int_equal(f.result.code, 200);
	http_server_answer(f.server, 201, "", "");
	get_from_server();
	assert_int_equal(f.result.code, 201);
	assert_int_equal(http_server_connections(f.server), 2);
}

/* As when a server closes an idle connection just when it is used again. */
static void a_kept_connection_that_is_reset_is_replaced(void **state)
{
	(void)state;
	http_server_answer(f.server, 200, "", "");
	get_from_server();
	http_server_reset(f.server);
	http_server_answer(f.server, 201, "", "");
	get_from_server();
	assert_int_equal(f.result.status, STATUS_OK);
	assert_int_equal(f.result.code, 201);
	assert_int_equal(http_server_connections(f.server), 2);
}

static void connections_are_bounded(void **state)
{
	struct http_request request = {.url = http_server_url(f.server),
	                               .max_answer_bytes = MAX_ANSWER_BYTES};
	struct result results[10];

	(void)state;
	for (unsigned i = 0; i < 10; i++)
		start(&request, &results[i]);
	for (unsigned i = 0; i < 10; i++)
		http_server_answer(f.server, 200, "", "");
	for (unsigned i = 0; i < 10; i++)
		pump_until(f.loop, &results[i].done);
	assert_int_equal(http_server_requests(f.server), 10);
	assert_int_equal(http_server_connections(f.server), MAX_CONNECTIONS);
}

/* libcurl's time limits run from the moment at which it is given a request. */
static void the_limits_do_not_run_while_a_request_waits_for_a_connection(void **state)
{
	struct http_request request = {.url = http_server_url(f.server),
	                               .max_answer_bytes = MAX_ANSWER_BYTES};
	struct result results[MAX_CONNECTIONS + 3];

	(void)state;
	for (unsigned i = 0; i < MAX_CONNECTIONS + 3; i++)
		start(&request, &results[i]);
	assert_int_equal(handles_added, MAX_CONNECTIONS);
	for (unsigned i = 0; i < MAX_CONNECTIONS + 3; i++)
		http_server_answer(f.server, 200, "", "");
	for (unsigned i = 0; i < MAX_CONNECTIONS + 3; i++) {
		pump_until(f.loop, &results[i].done);
		assert_int_equal(results[i].status, STATUS_OK);
	}
	assert_int_equal(handles_added, MAX_CONNECTIONS + 3);
}

static void a_request_that_cannot_be_started_later_is_out_of_memory(void **state)
{
	struct http_request request = {.url = http_server_url(f.server),
	                               .max_answer_bytes = MAX_ANSWER_BYTES};
	struct result results[MAX_CONNECTIONS + 1];

	(void)state;
	for (unsigned i = 0; i < MAX_CONNECTIONS + 1; i++)
		start(&request, &results[i]);
	handles_fail = true;
	for (unsigned i = 0; i < MAX_CONNECTIONS; i++)
		http_server_answer(f.server, 200, "", "");
	for (unsigned i = 0; i < MAX_CONNECTIONS + 1; i++)
		pump_until(f.loop, &results[i].done);
	handles_fail = false;
	assert_int_equal(results[0].status, STATUS_OK);
	assert_int_equal(results[MAX_CONNECTIONS].status, STATUS_NO_MEMORY);
}

static void send_another(void *arg, const struct http_answer *answer)
{
	struct http_request request = {.url = http_server_url(f.server),
	                               .max_answer_bytes = MAX_ANSWER_BYTES};

	received(arg, answer);
	start(&request, &f.result);
}

static void an_answer_may_send_another_request(void **state)
{
	struct http_request request = {.url = http_server_url(f.server),
	                               .max_answer_bytes = MAX_ANSWER_BYTES};
	struct result first = {0};

	(void)state;
	http_server_answer(f.server, 201, "", "");
	http_server_answer(f.server, 202, "", "");
	assert_int_equal(http_send(f.http, &request, send_another, &first), 0);
	pump_until(f.loop, &first.done);
	pump_until(f.loop, &f.result.done);
	assert_int_equal(first.code, 201);
	assert_int_equal(f.result.code, 202);
}

static void requests_under_way_end_silently(void **state)
{
	struct http_request request = {.url = http_server_url(f.server),
	                               .max_answer_bytes = MAX_ANSWER_BYTES};
	struct result results[4];

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		start(&request, &results[i]);
	loop_run_once(f.loop);
	http_free(f.http);
	f.http = NULL;
	loop_run_once(f.loop);
	for (unsigned i = 0; i < 4; i++)
		assert_false(results[i].done);
}

/* What a name server is late with must not be waited for on the loop thread: all else waits there,
 * the deadlines too. */
static void a_name_server_that_hangs_does_not_hang_the_loop(void **state)
{
	struct http_request request = {.url = "http://hangs.invalid/",
	                               .max_answer_bytes = MAX_ANSWER_BYTES};

	(void)state;
	alarm(20); /* the bug hangs even the limit of pump_until() */
	sem_wait(&resolver);
	fetch(&request);
	assert_no_answer(STATUS_TIMED_OUT);
	start(&request, &f.result);
	loop_run_once(f.loop);
	http_free(f.http); /* does not wait for it, either */
	f.http = NULL;
	sem_post(&resolver);
	alarm(0);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(status_headers_and_body_arrive),
	        cmocka_unit_test_fixture(an_empty_body_is_an_empty_string),
	        cmocka_unit_test_fixture(an_error_of_the_server_is_an_answer),
	        cmocka_unit_test_fixture(a_request_may_have_another_method),
	        cmocka_unit_test_fixture(a_proxy_gets_only_what_is_for_the_outside),
	        cmocka_unit_test_fixture(body_and_headers_are_sent_as_given),
	        cmocka_unit_test_fixture(secrets_are_wiped),
	        cmocka_unit_test_fixture(the_request_is_copied),
	        cmocka_unit_test_fixture(an_answer_may_be_as_large_as_allowed),
	        cmocka_unit_test_fixture(a_larger_answer_is_told_apart),
	        cmocka_unit_test_fixture(a_body_without_memory_is_not_the_servers_fault),
	        cmocka_unit_test_fixture(a_compressed_answer_is_unpacked),
	        cmocka_unit_test_fixture(the_limit_counts_unpacked_bytes),
	        cmocka_unit_test_fixture(an_answer_in_chunks_is_put_together),
	        cmocka_unit_test_fixture(a_redirection_is_not_followed),
	        cmocka_unit_test_fixture(a_missing_descriptor_is_not_the_servers_fault),
	        cmocka_unit_test_fixture(a_refused_connection_is_told_apart),
	        cmocka_unit_test_fixture(a_name_that_does_not_resolve_is_told_apart),
	        cmocka_unit_test_fixture(a_request_may_have_a_shorter_limit),
	        cmocka_unit_test_setup_teardown(a_server_that_does_not_answer_times_out,
	                                        set_up_impatient, tear_down),
	        cmocka_unit_test_setup_teardown(an_answer_that_has_begun_is_told_apart_from_silence,
	                                        set_up_impatient, tear_down),
	        cmocka_unit_test_setup_teardown(no_time_is_not_all_the_time, set_up_with_no_time,
	                                        tear_down),
	        cmocka_unit_test_fixture(a_connection_that_breaks_is_an_error_of_the_server),
	        cmocka_unit_test_fixture(a_body_that_is_cut_is_not_taken_for_whole),
	        cmocka_unit_test_fixture(an_answer_without_a_status_is_malformed),
	        cmocka_unit_test_fixture(what_is_not_http_is_malformed),
	        cmocka_unit_test_fixture(only_http_and_https_are_spoken),
	        cmocka_unit_test_fixture(a_connection_is_used_again),
	        cmocka_unit_test_fixture(requests_are_sent_at_once),
	        cmocka_unit_test_fixture(a_connection_that_nobody_acknowledges_is_given_up),
	        cmocka_unit_test_fixture(a_body_of_any_size_is_sent_at_once),
	        cmocka_unit_test_fixture(a_connection_that_was_closed_while_idle_is_no_error),
	        cmocka_unit_test_fixture(a_kept_connection_that_is_reset_is_replaced),
	        cmocka_unit_test_fixture(connections_are_bounded),
	        cmocka_unit_test_fixture(
	                the_limits_do_not_run_while_a_request_waits_for_a_connection),
	        cmocka_unit_test_fixture(a_request_that_cannot_be_started_later_is_out_of_memory),
	        cmocka_unit_test_fixture(an_answer_may_send_another_request),
	        cmocka_unit_test_fixture(requests_under_way_end_silently),
	        cmocka_unit_test_setup_teardown(a_name_server_that_hangs_does_not_hang_the_loop,
	                                        set_up_impatient, tear_down),
	};

	sem_init(&resolver, 0, 1);
	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
