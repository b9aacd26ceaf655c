/* Drives one curl multi handle from libuv.
 *
 *   libuv poll ──► curl_multi_socket_action ──► curl asks for other sockets or another time
 *   libuv timer ─►          │
 *                           └─► ended handles are collected, removed, and told to their owner
 */
#include "net/curl_loop.h"
#include "net/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <uv.h>

struct curl_loop {
	CURLM *multi; /* NULL: there was no memory for another one */
	unsigned max_connections;
	uv_timer_t timer;
	uv_loop_t *uv;
	curl_loop_fn ended;
	curl_loop_broken_fn broken;
	void *arg;
	unsigned open_handles; /* libuv handles whose close callback is still to come */
	int freed;
};

/* One socket that curl wants to have watched. */
struct watch {
	uv_poll_t poll;
	struct curl_loop *curl_loop;
	curl_socket_t socket;
};

static void collect_ended(struct curl_loop *curl_loop)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(curl_loop->multi, &left))) {
		CURL *easy = message->easy_handle;
		CURLcode result = message->data.result;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_multi_remove_handle(curl_loop->multi, easy);
		curl_loop->ended(curl_loop->arg, easy, result);
	}
}

/* libcurl 7.88, when it has no memory to note who uses a socket, leaves its note of that socket
 * half destroyed, and divides by zero when it uses it again: this handle must not be used on. */
static void act(struct curl_loop *curl_loop, curl_socket_t socket, int flags)
{
	int running;

	if (curl_multi_socket_action(curl_loop->multi, socket, flags, &running) ==
	    CURLM_OUT_OF_MEMORY)
		curl_loop->broken(curl_loop->arg);
	collect_ended(curl_loop);
}

/* A connection that was reset is an error to libuv, without events. curl must not be told so, but
 * look for itself: what it finds by reading it can tell from other failures, and mend. */
static void socket_ready(uv_poll_t *poll, int status, int events)
{
	struct watch *watch = poll->data;
	int flags = 0; /* none: curl looks */

	(void)status;
	if (events & UV_READABLE)
		flags |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		flags |= CURL_CSELECT_OUT;
	act(watch->curl_loop, watch->socket, flags);
}

static void time_is_up(uv_timer_t *timer)
{
	act(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

/* The last libuv handle of a freed curl_loop frees its memory. */
static void release(struct curl_loop *curl_loop)
{
	if (--curl_loop->open_handles == 0 && curl_loop->freed)
		free(curl_loop);
}

static void watch_closed(uv_handle_t *handle)
{
	struct watch *watch = handle->data;
	struct curl_loop *curl_loop = watch->curl_loop;

	free(watch);
	release(curl_loop);
}

static struct watch *watch_new(struct curl_loop *curl_loop, curl_socket_t socket)
{
	struct watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return NULL;
	watch->curl_loop = curl_loop;
	watch->socket = socket;
	if (uv_poll_init_socket(curl_loop->uv, &watch->poll, socket) < 0) {
		free(watch);
		return NULL;
	}
	watch->poll.data = watch;
	curl_loop->open_handles++;
	curl_multi_assign(curl_loop->multi, socket, watch);
	return watch;
}

static int curl_wants_socket(CURL *easy, curl_socket_t socket, int what, void *arg,
                             void *socket_arg)
{
	struct curl_loop *curl_loop = arg;
	struct watch *watch = socket_arg;
	int events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (watch) {
			curl_multi_assign(curl_loop->multi, socket, NULL);
			uv_poll_stop(&watch->poll);
			uv_close((uv_handle_t *)&watch->poll, watch_closed);
		}
		return 0;
	}
	if (!watch)
		watch = watch_new(curl_loop, socket);
	if (!watch)
		return 0; /* out of memory: that transfer times out; -1 would end all of them for
		             ever */
	if (what & CURL_POLL_IN)
		events |= UV_READABLE;
	if (what & CURL_POLL_OUT)
		events |= UV_WRITABLE;
	uv_poll_start(&watch->poll, events, socket_ready);
	return 0;
}

static int curl_wants_timer(CURLM *multi, long timeout_ms, void *arg)
{
	struct curl_loop *curl_loop = arg;

	(void)multi;
	if (timeout_ms < 0)
		return uv_timer_stop(&curl_loop->timer);
	/* Zero means "at once", which must not happen inside this callback: the timer fires on the
	 * next turn of the loop. */
	uv_update_time(curl_loop->uv);
	return uv_timer_start(&curl_loop->timer, time_is_up, (uint64_t)timeout_ms, 0);
}

static CURLM *multi_new(struct curl_loop *curl_loop)
{
	CURLM *multi = curl_multi_init();
	long max_connections = (long)curl_loop->max_connections;

	if (!multi)
		return NULL;
	curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, curl_wants_socket);
	curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, curl_loop);
	curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, curl_wants_timer);
	curl_multi_setopt(multi, CURLMOPT_TIMERDATA, curl_loop);
	curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, max_connections);
	curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, max_connections);
	return multi;
}

int curl_loop_new(struct loop *loop, unsigned max_connections, curl_loop_fn ended,
                  curl_loop_broken_fn broken, void *arg, struct curl_loop **ret_curl_loop)
{
	struct curl_loop *curl_loop = calloc(1, sizeof(*curl_loop));

	if (!curl_loop)
		return -ENOMEM;
	curl_loop->max_connections = max_connections;
	curl_loop->multi = multi_new(curl_loop);
	if (!curl_loop->multi) {
		free(curl_loop);
		return -EIO;
	}
	curl_loop->uv = loop_uv(loop);
	curl_loop->ended = ended;
	curl_loop->broken = broken;
	curl_loop->arg = arg;
	uv_timer_init(curl_loop->uv, &curl_loop->timer);
	curl_loop->timer.data = curl_loop;
	curl_loop->open_handles = 1;
	*ret_curl_loop = curl_loop;
	return 0;
}

void curl_loop_renew(struct curl_loop *curl_loop)
{
	curl_multi_cleanup(curl_loop->multi);
	curl_loop->multi = multi_new(curl_loop);
}

static void timer_closed(uv_handle_t *handle)
{
	release(handle->data);
}

void curl_loop_free(struct curl_loop *curl_loop)
{
	if (!curl_loop)
		return;
	curl_multi_cleanup(curl_loop->multi);
	curl_loop->freed = 1;
	uv_close((uv_handle_t *)&curl_loop->timer, timer_closed);
}

int curl_loop_add(struct curl_loop *curl_loop, CURL *easy)
{
	if (!curl_loop->multi)
		curl_loop->multi = multi_new(curl_loop);
	return curl_multi_add_handle(curl_loop->multi, easy) == CURLM_OK ? 0 : -ENOMEM;
}

void curl_loop_remove(struct curl_loop *curl_loop, CURL *easy)
{
	curl_multi_remove_handle(curl_loop->multi, easy);
}
