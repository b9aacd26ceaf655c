/* An HTTP server on 127.0.0.1 that gives, byte for byte, the answers that a test has laid out.
 *
 * Requests are answered in the order in which they are complete, over all connections.
 */
#ifndef ECRFS_TESTS_UNIT_HTTP_SERVER_H
#define ECRFS_TESTS_UNIT_HTTP_SERVER_H

#include <stddef.h>

struct http_server;

struct http_server *http_server_new(void);

/* One on this port, where another one was. */
struct http_server *http_server_new_at(unsigned short port);
unsigned short http_server_port(const struct http_server *server);

/* From now on connections are refused; those that are there stay. */
void http_server_refuse(struct http_server *server);

/* Closes all connections. Accepts NULL. */
void http_server_free(struct http_server *server);

/* "http://127.0.0.1:PORT/". Borrowed. */
const char *http_server_url(const struct http_server *server);

/* The answer to the next request that has none yet: these bytes. */
void http_server_answer_bytes(struct http_server *server, const void *data, size_t size);

/* As above: a status, more headers ("" or lines that end in CRLF) and a body. */
void http_server_answer(struct http_server *server, int code, const char *headers,
                        const char *body);

/* As above, then the connection is closed; without bytes it is closed unanswered. */
void http_server_answer_and_close(struct http_server *server, const char *text);

/* The next request that has none yet has its connection reset. */
void http_server_reset(struct http_server *server);

/* How many requests were complete, and how many connections there were. */
unsigned http_server_requests(struct http_server *server);
unsigned http_server_connections(struct http_server *server);

/* The request with this number, counted from 0, as it came. Heap; the caller frees. */
char *http_server_request(struct http_server *server, unsigned number);

#endif
