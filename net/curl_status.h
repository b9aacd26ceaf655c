/* What libcurl's results mean to those who sent the request. */
#ifndef ECRFS_NET_CURL_STATUS_H
#define ECRFS_NET_CURL_STATUS_H

#include "base/status.h"

#include <curl/curl.h>
#include <stdbool.h>

/* STATUS_OK: there is an answer, with whatever code. STATUS_SERVER_ERROR: the connection broke.
 * STATUS_PROTOCOL: TLS failed, or the answer is malformed. Threads: pure. */
enum status curl_status(CURL *easy, CURLcode result);

/* Whether a request that ended so may work the next time: there was no connection, or it broke. An
 * answer that is garbled, and a certificate that is wrong, will be so again. Threads: pure. */
bool curl_is_broken(CURLcode result, enum status status);

#endif
