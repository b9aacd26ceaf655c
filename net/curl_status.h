/* What libcurl's results mean to those who sent the request. */
#ifndef ECRFS_NET_CURL_STATUS_H
#define ECRFS_NET_CURL_STATUS_H

#include "base/status.h"

#include <curl/curl.h>

/* STATUS_OK: there is an answer, with whatever code. STATUS_SERVER_ERROR: the connection broke.
 * STATUS_PROTOCOL: TLS failed, or the answer is malformed. Threads: pure. */
enum status curl_status(CURL *easy, CURLcode result);

#endif
