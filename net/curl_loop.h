/* libcurl's multi handle, driven by the loop: its sockets are polled and its timer is kept there.
 */
#ifndef ECRFS_NET_CURL_LOOP_H
#define ECRFS_NET_CURL_LOOP_H

#include <curl/curl.h>

struct curl_loop;
struct loop;

/* A handle that was added has ended; it has been removed already. On the loop thread, never
 * inside curl_loop_add(). */
typedef void (*curl_loop_fn)(void *arg, CURL *easy, CURLcode result);

/* libcurl is out of memory and cannot go on: all handles that were added and have not ended must be
 * removed now, and curl_loop_renew() called. On the loop thread, never inside curl_loop_add(). */
typedef void (*curl_loop_broken_fn)(void *arg);

/* Answers 0, -ENOMEM, -EIO or libuv's -errno. Threads: loop. */
int curl_loop_new(struct loop *loop, unsigned max_connections, curl_loop_fn ended,
                  curl_loop_broken_fn broken, void *arg, struct curl_loop **ret_curl_loop);

/* Begins anew, without any connection; no handle is added. Threads: loop. */
void curl_loop_renew(struct curl_loop *curl_loop);

/* Every handle must have ended or been removed. Accepts NULL. Threads: loop. */
void curl_loop_free(struct curl_loop *curl_loop);

/* Answers 0 or -ENOMEM. Threads: loop. */
int curl_loop_add(struct curl_loop *curl_loop, CURL *easy);

/* Takes a handle back that has not ended. Threads: loop. */
void curl_loop_remove(struct curl_loop *curl_loop, CURL *easy);

#endif
