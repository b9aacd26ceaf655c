/* The sockets of libcurl's connections: set up here, and why there was none. */
#ifndef ECRFS_NET_CURL_SOCKET_H
#define ECRFS_NET_CURL_SOCKET_H

#include "base/status.h"

#include <curl/curl.h>

/* Of one request. */
struct curl_sockets {
	unsigned silence_ms; /* see below */
	int error;           /* errno of the last socket that could not be made; 0: none */
};

/* Sockets of `easy` are made by us: libcurl does not tell that there are no more. The kernel ends
 * one on which nobody has acknowledged anything for `silence_ms`. Borrows `sockets` for the life of
 * `easy`. Threads: loop. */
void curl_sockets_install(CURL *easy, struct curl_sockets *sockets);

/* Whether this machine, or process, lacked something for which a request ended with `result`:
 * STATUS_NO_DESCRIPTORS, STATUS_NO_MEMORY, or else STATUS_OK. Threads: loop. */
enum status curl_sockets_shortage(const struct curl_sockets *sockets, CURLcode result);

#endif
