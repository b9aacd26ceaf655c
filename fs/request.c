/* Running, parking and interrupting requests. */
#include "fs/request.h"
#include "base/log.h"
#include "cache/cache.h"
#include "ecr/registry.h"
#include "fs/caller.h"
#include "fs/inodes.h"
#include "fs/mount.h"
#include "fs/path.h"
#include "fs/reply.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/* No operation needs this many answers: it would go round for ever. */
#define MAX_ANSWERS 16

/* How often the callers of interrupted requests are looked at: the kernel tells of a first signal
 * only, and that may be a harmless one. */
#define WATCH_NS (50 * NS_PER_MS)

struct requests {
	struct loop *loop;
	const struct clock *clock;
	struct log *log;
	struct cache *cache;
	uint64_t timeout_ns;
	uint64_t stale_after_ns; /* NS_FOREVER: nobody is shown anything old */
	struct request *parked;  /* loop: in the order of their deadlines, or nearly */
	struct loop_timer *deadline;
	struct loop_timer *stale;
	bool is_stale_set; /* that timer is */
	struct loop_timer *watch;
	unsigned n_watched; /* loop */
};

static void deadline_reached(void *arg);
static void stale_reached(void *arg);
static void look_at_watched(void *arg);
static void arrived(struct loop_task *task);
static void interrupt_arrived(struct loop_task *task);
static void wake(struct asker *asker);

int requests_new(struct loop *loop, const struct clock *clock, struct log *log, struct cache *cache,
                 uint64_t timeout_ns, uint64_t stale_after_ns, struct requests **ret_requests)
{
	struct requests *requests = calloc(1, sizeof(*requests));
	int r;

	if (!requests)
		return -ENOMEM;
	requests->loop = loop;
	requests->clock = clock;
	requests->log = log;
	requests->cache = cache;
	requests->timeout_ns = timeout_ns;
	requests->stale_after_ns = stale_after_ns;
	r = loop_timer_new(loop, deadline_reached, requests, &requests->deadline);
	if (r == 0)
		r = loop_timer_new(loop, stale_reached, requests, &requests->stale);
	if (r == 0)
		r = loop_timer_new(loop, look_at_watched, requests, &requests->watch);
	if (r < 0) {
		requests_free(requests);
		return r;
	}
	*ret_requests = requests;
	return 0;
}

struct request *request_new(struct requests *requests, struct mount *mount, fuse_req_t fuse,
                            enum request_kind kind, request_fn run, const char *name)
{
	struct request *request = calloc(1, sizeof(*request) + (name ? strlen(name) : 0) + 1);

	if (!request) {
		fuse_reply_err(fuse, ENOMEM);
		requests_count_answered(&mount->counts, kind, 0);
		return NULL;
	}
	request->asker.wake = wake;
	request->asker.start_ns = clock_monotonic_ns(requests->clock);
	request->mount = mount;
	request->fuse = fuse;
	request->kind = kind;
	request->run = run;
	request->requests = requests;
	request->arrival.run = arrived;
	request->interrupt.run = interrupt_arrived;
	request->deadline_ns = request->asker.start_ns + requests->timeout_ns;
	request->caller = fuse_req_ctx(fuse)->pid;
	if (name)
		strcpy(request->name, name);
	return request;
}

static void count_answered(const struct request *request)
{
	requests_count_answered(&request->mount->counts, request->kind,
	                        clock_monotonic_ns(request->requests->clock) -
	                                request->asker.start_ns);
}

void request_start(struct request *request)
{
	if (request->run(request) == STEP_ANSWERED) {
		count_answered(request);
		free(request);
	} else {
		loop_post(request->requests->loop, &request->arrival);
	}
}

void request_claim(struct request *request)
{
	if (request->is_parked)
		fuse_req_interrupt_func(request->fuse, NULL, NULL); /* waits for one that runs */
}

/* Puts the timer on the first deadline. */
static void set_deadline_timer(struct requests *requests)
{
	uint64_t now = clock_monotonic_ns(requests->clock);
	const struct request *first = requests->parked;

	if (!first)
		loop_timer_stop(requests->deadline);
	else
		loop_timer_set(requests->deadline,
		               first->deadline_ns > now ? first->deadline_ns - now : 0);
}

/* Called by libfuse on a worker, with a lock of the FUSE request held. */
static void interrupted(fuse_req_t fuse, void *arg)
{
	struct request *request = arg;

	(void)fuse;
	if (!atomic_exchange(&request->interrupt_posted, true))
		loop_post(request->requests->loop, &request->interrupt);
}

/* Puts the timer on the first that may soon be shown something old. */
static void set_stale_timer(struct requests *requests)
{
	uint64_t now = clock_monotonic_ns(requests->clock), at_ns;
	const struct request *request;

	DL_FOREACH (requests->parked, request) {
		if (!request->asker.takes_stale)
			break;
	}
	requests->is_stale_set = request;
	if (!request)
		return;
	at_ns = request->asker.start_ns + requests->stale_after_ns;
	loop_timer_set(requests->stale, at_ns > now ? at_ns - now : 0);
}

static void park(struct request *request)
{
	struct requests *requests = request->requests;
	bool is_first = !requests->parked;

	request->is_parked = true;
	DL_APPEND(requests->parked, request);
	if (is_first)
		set_deadline_timer(requests);
	if (requests->stale_after_ns < requests->timeout_ns && !requests->is_stale_set)
		set_stale_timer(requests);
	fuse_req_interrupt_func(request->fuse, interrupted, request);
}

/* A reply was sent. */
static void finish(struct request *request)
{
	struct requests *requests = request->requests;

	count_answered(request);
	cache_release(requests->cache, &request->asker);
	if (request->is_watched)
		requests->n_watched--;
	if (request->is_parked) {
		bool was_first = requests->parked == request;

		DL_DELETE(requests->parked, request);
		if (was_first)
			set_deadline_timer(requests);
	}
	request->is_answered = true;
	if (!atomic_load(&request->interrupt_posted))
		free(request); /* else its interrupt, which is on its way, does */
}

static void fail(struct request *request, int error)
{
	reply_error(request, error);
	finish(request);
}

/* Runs it. Whoever takes what was known before does not wait for news that were asked for only now:
 * it is run again as long as it comes to more questions. */
static enum step run(struct request *request)
{
	const struct claim *claims;
	enum step step;

	do {
		claims = request->asker.claims;
		step = request->run(request);
	} while (step == STEP_WAIT && request->asker.takes_stale &&
	         request->asker.claims != claims);
	return step;
}

static void run_on_loop(struct request *request)
{
	struct requests *requests = request->requests;

	if (request->asker.answers > MAX_ANSWERS) {
		log_event(requests->log, LEVEL_ERROR, "reruns",
		          "%s was given up: it had %u answers and still lacks one",
		          request_kind_name(request->kind), request->asker.answers);
		fail(request, EIO);
	} else if (run(request) == STEP_ANSWERED) {
		finish(request);
	} else if (!request->is_parked) {
		park(request);
	}
}

static void arrived(struct loop_task *task)
{
	struct request *request =
	        (struct request *)((char *)task - offsetof(struct request, arrival));

	request->asker.may_wait = true;
	run_on_loop(request);
}

static void wake(struct asker *asker)
{
	run_on_loop((struct request *)asker);
}

void requests_run_again(struct requests *requests, enum request_kind kind)
{
	struct request *request, *next;

	DL_FOREACH_SAFE (requests->parked, request, next) {
		if (request->kind == kind)
			run_on_loop(request);
	}
}

static void log_late(const struct request *request)
{
	const struct inode *inode = request->inode;
	const struct requests *requests = request->requests;
	char path[PATH_SIZE + NAME_COMPONENT_MAX + 64];

	snprintf(path, sizeof(path), "%s of %s%s%s%s%s", request_kind_name(request->kind),
	         inode->registry ? inode->registry->account : "/", inode->path[0] ? "/" : "",
	         inode->path, request->name[0] ? "/" : "", request->name);
	log_event(requests->log, LEVEL_WARNING, "deadline", "%s: no answer within %llu ms", path,
	          (unsigned long long)(requests->timeout_ns / NS_PER_MS));
}

static void deadline_reached(void *arg)
{
	struct requests *requests = arg;
	uint64_t now = clock_monotonic_ns(requests->clock);
	struct request *request;

	while ((request = requests->parked) && request->deadline_ns <= now) {
		request->asker.is_late = request->asker.takes_stale = true;
		if (run(request) == STEP_ANSWERED) {
			finish(request);
			continue;
		}
		log_late(request);
		fail(request, ETIMEDOUT);
	}
	set_deadline_timer(requests);
}

/* Those that have waited long enough are run again, and take what was known before. */
static void stale_reached(void *arg)
{
	struct requests *requests = arg;
	uint64_t now = clock_monotonic_ns(requests->clock);
	struct request *request, *next;

	DL_FOREACH_SAFE (requests->parked, request, next) {
		if (request->asker.takes_stale ||
		    request->asker.start_ns + requests->stale_after_ns > now)
			continue;
		request->asker.takes_stale = true;
		if (run(request) == STEP_ANSWERED)
			finish(request);
	}
	set_stale_timer(requests);
}

/* The rule: a caller that is being killed gets EINTR, any other keeps waiting. The question that
 * was asked for it goes on in any case. */
static bool let_go_if_dying(struct request *request)
{
	if (!caller_is_dying(request->caller))
		return false;
	fail(request, EINTR);
	return true;
}

static void interrupt_arrived(struct loop_task *task)
{
	struct request *request =
	        (struct request *)((char *)task - offsetof(struct request, interrupt));
	struct requests *requests = request->requests;

	if (request->is_answered) {
		free(request);
		return;
	}
	atomic_store(&request->interrupt_posted, false);
	if (let_go_if_dying(request) || request->is_watched)
		return;
	request->is_watched = true;
	if (requests->n_watched++ == 0)
		loop_timer_set(requests->watch, WATCH_NS);
}

static void look_at_watched(void *arg)
{
	struct requests *requests = arg;
	struct request *request, *next;

	DL_FOREACH_SAFE (requests->parked, request, next) {
		if (request->is_watched)
			let_go_if_dying(request);
	}
	if (requests->n_watched)
		loop_timer_set(requests->watch, WATCH_NS);
}

void requests_free(struct requests *requests)
{
	if (!requests)
		return;
	while (requests->parked)
		fail(requests->parked, EIO);
	loop_timer_free(requests->deadline);
	loop_timer_free(requests->stale);
	loop_timer_free(requests->watch);
	free(requests);
}
