/* One thread that polls all connections. */
#include "tests/unit/http_server.h"
#include "base/cleanup.h"
#include "tests/unit/unit_test.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_CONNECTIONS 64
#define MAX_ANSWERS     64
#define MAX_REQUESTS    256
#define BUFFER_SIZE     (2 << 20)

struct answer {
	char *data;
	size_t size;
	bool close, reset;
};

struct connection {
	int socket;
	size_t size;
	char *buffer;
	bool waiting; /* a complete request has no answer yet */
};

struct http_server {
	char url[64];
	unsigned short port;
	int listener, wakeup;
	pthread_t thread;
	struct connection connections[MAX_CONNECTIONS]; /* the thread's */
	size_t n_connections;                           /* the thread's */
	pthread_mutex_t lock;
	struct answer answers[MAX_ANSWERS]; /* under lock, as all below */
	unsigned first_answer, n_answers;
	char *requests[MAX_REQUESTS];
	unsigned n_requests;
	unsigned n_accepted;
	bool stopping;
	bool refusing, refuses; /* wanted; done */
};

static void close_connection(struct http_server *server, size_t i)
{
	struct connection *connection = &server->connections[i];

	close(connection->socket);
	free(connection->buffer);
	*connection = server->connections[--server->n_connections];
}

static void accept_connection(struct http_server *server)
{
	int socket = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);

	if (socket < 0 || server->n_connections == MAX_CONNECTIONS)
		abort();
	server->connections[server->n_connections++] = (struct connection){
	        .socket = socket,
	        .buffer = calloc(1, BUFFER_SIZE),
	};
	SCOPED_LOCK(&server->lock);
	server->n_accepted++;
}

/* Whether head and body of a request are there. */
static bool is_complete(const char *text)
{
	const char *body = strstr(text, "\r\n\r\n");
	const char *length = strcasestr(text, "\r\nContent-Length:");

	if (!body)
		return false;
	if (!length || length > body)
		return true;
	return strlen(body + 4) >= strtoul(length + strlen("\r\nContent-Length:"), NULL, 10);
}

/* Answers false when the connection is to be closed. */
static bool receive(struct http_server *server, struct connection *connection)
{
	ssize_t n = recv(connection->socket, connection->buffer + connection->size,
	                 BUFFER_SIZE - 1 - connection->size, 0);

	if (n <= 0)
		return false;
	connection->size += (size_t)n;
	if (!is_complete(connection->buffer))
		return true;
	connection->waiting = true;
	SCOPED_LOCK(&server->lock);
	server->requests[server->n_requests++ % MAX_REQUESTS] = strdup(connection->buffer);
	memset(connection->buffer, 0, connection->size);
	connection->size = 0;
	return true;
}

static bool take_answer(struct http_server *server, struct answer *ret_answer)
{
	SCOPED_LOCK(&server->lock);
	if (server->first_answer == server->n_answers)
		return false;
	*ret_answer = server->answers[server->first_answer++ % MAX_ANSWERS];
	return true;
}

/* Answers false when the connection is to be closed. */
static bool send_answer(struct http_server *server, struct connection *connection)
{
	static const struct linger reset = {.l_onoff = 1}; /* when it is closed */
	struct answer answer;

	if (!take_answer(server, &answer))
		return true;
	connection->waiting = false;
	for (size_t sent = 0; sent < answer.size;) {
		ssize_t n = send(connection->socket, answer.data + sent, answer.size - sent,
		                 MSG_NOSIGNAL);

		if (n <= 0)
			break;
		sent += (size_t)n;
	}
	free(answer.data);
	if (answer.reset)
		setsockopt(connection->socket, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	return !answer.close && !answer.reset;
}

static bool is_stopping(struct http_server *server)
{
	SCOPED_LOCK(&server->lock);
	return server->stopping;
}

static void stop_listening(struct http_server *server)
{
	SCOPED_LOCK(&server->lock);
	if (!server->refusing || server->refuses)
		return;
	close(server->listener);
	server->listener = -1;
	server->refuses = true;
}

static void serve(struct http_server *server)
{
	struct pollfd polled[MAX_CONNECTIONS + 2] = {
	        {.fd = server->wakeup, .events = POLLIN},
	        {.fd = server->listener, .events = POLLIN},
	};
	size_t n = server->n_connections;
	uint64_t count;

	for (size_t i = 0; i < n; i++)
		polled[i + 2] = (struct pollfd){
		        .fd = server->connections[i].socket,
		        .events = POLLIN,
		};
	poll(polled, n + 2, -1);
	if (polled[0].revents && read(server->wakeup, &count, sizeof(count)) < 0)
		abort();
	if (polled[1].revents)
		accept_connection(server);
	for (size_t i = n; i-- > 0;) {
		struct connection *connection = &server->connections[i];
		bool good = !polled[i + 2].revents || receive(server, connection);

		if (good && connection->waiting)
			good = send_answer(server, connection);
		if (!good)
			close_connection(server, i);
	}
}

static void *server_main(void *arg)
{
	struct http_server *server = arg;

	while (!is_stopping(server)) {
		stop_listening(server);
		serve(server);
	}
	while (server->n_connections)
		close_connection(server, 0);
	return NULL;
}

struct http_server *http_server_new_at(unsigned short port)
{
	struct http_server *server = calloc(1, sizeof(*server));
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t size = sizeof(address);
	int yes = 1;

	assert_non_null(server);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address.sin_port = htons(port);
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(server->listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	assert_int_equal(bind(server->listener, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(server->listener, 64), 0);
	assert_int_equal(getsockname(server->listener, (struct sockaddr *)&address, &size), 0);
	server->port = ntohs(address.sin_port);
	snprintf(server->url, sizeof(server->url), "http://127.0.0.1:%u/", ntohs(address.sin_port));
	server->wakeup = eventfd(0, EFD_CLOEXEC);
	pthread_mutex_init(&server->lock, NULL);
	assert_int_equal(pthread_create(&server->thread, NULL, server_main, server), 0);
	return server;
}

struct http_server *http_server_new(void)
{
	return http_server_new_at(0);
}

unsigned short http_server_port(const struct http_server *server)
{
	return server->port;
}

static void wake(struct http_server *server)
{
	uint64_t one = 1;

	assert_int_equal(write(server->wakeup, &one, sizeof(one)), sizeof(one));
}

void http_server_free(struct http_server *server)
{
	if (!server)
		return;
	pthread_mutex_lock(&server->lock);
	server->stopping = true;
	pthread_mutex_unlock(&server->lock);
	wake(server);
	pthread_join(server->thread, NULL);
	if (server->listener >= 0)
		close(server->listener);
	close(server->wakeup);
	while (server->first_answer < server->n_answers)
		free(server->answers[server->first_answer++ % MAX_ANSWERS].data);
	for (unsigned i = 0; i < MAX_REQUESTS; i++)
		free(server->requests[i]);
	pthread_mutex_destroy(&server->lock);
	free(server);
}

static bool refuses(struct http_server *server)
{
	SCOPED_LOCK(&server->lock);
	return server->refuses;
}

void http_server_refuse(struct http_server *server)
{
	pthread_mutex_lock(&server->lock);
	server->refusing = true;
	pthread_mutex_unlock(&server->lock);
	wake(server);
	while (!refuses(server))
		sched_yield();
}

const char *http_server_url(const struct http_server *server)
{
	return server->url;
}

/* Copies the data. */
static void add_answer(struct http_server *server, struct answer answer)
{
	answer.data = memcpy(malloc(answer.size + 1), answer.data, answer.size);
	pthread_mutex_lock(&server->lock);
	assert_true(server->n_answers - server->first_answer < MAX_ANSWERS);
	server->answers[server->n_answers++ % MAX_ANSWERS] = answer;
	pthread_mutex_unlock(&server->lock);
	wake(server);
}

void http_server_answer_bytes(struct http_server *server, const void *data, size_t size)
{
	add_answer(server, (struct answer){.data = (char *)data, .size = size});
}

void http_server_answer(struct http_server *server, int code, const char *headers, const char *body)
{
	CLEANUP(free_string) char *text = NULL;
	int size = asprintf(&text, "HTTP/1.1 %d Whatever\r\n%sContent-Length: %zu\r\n\r\n%s", code,
	                    headers, strlen(body), body);

	assert_true(size > 0);
	http_server_answer_bytes(server, text, (size_t)size);
}

void http_server_answer_and_close(struct http_server *server, const char *text)
{
	add_answer(server,
	           (struct answer){.data = (char *)text, .size = strlen(text), .close = true});
}

void http_server_reset(struct http_server *server)
{
	add_answer(server, (struct answer){.data = (char *)"", .reset = true});
}

unsigned http_server_requests(struct http_server *server)
{
	SCOPED_LOCK(&server->lock);
	return server->n_requests;
}

unsigned http_server_connections(struct http_server *server)
{
	SCOPED_LOCK(&server->lock);
	return server->n_accepted;
}

char *http_server_request(struct http_server *server, unsigned number)
{
	SCOPED_LOCK(&server->lock);
	assert_true(number < server->n_requests && number < MAX_REQUESTS);
	return strdup(server->requests[number]);
}
