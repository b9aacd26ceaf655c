/* Requests of the kernel: run at once on a FUSE worker, and if memory does not have the answer,
 * parked on the loop thread until it does.
 *
 *   worker:  run ──answered──► free
 *              │ not at hand: post
 *   loop:    run again, may wait ──answered──► free
 *              │ parked          ▲
 *              └── woken ────────┘     or: deadline ──► ETIMEDOUT,  the caller dies ──► EINTR
 *
 * An operation is run from its start each time and keeps no state between runs. Whoever holds a
 * request replies: the worker until it posts, then the loop thread.
 */
#ifndef ECRFS_FS_REQUEST_H
#define ECRFS_FS_REQUEST_H

#include "base/clock.h"
#include "cache/asker.h"
#include "fs/requests_count.h"
#include "net/loop.h"

#include <fuse_lowlevel.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct cache;
struct inode;
struct log;
struct mount;
struct request;
struct requests;

enum step {
	STEP_ANSWERED, /* a reply was sent; the request's FUSE part is gone */
	STEP_WAIT,     /* something is not at hand */
};

typedef enum step (*request_fn)(struct request *request);

struct request {
	struct asker asker; /* first */
	struct mount *mount;
	fuse_req_t fuse;
	enum request_kind kind;
	request_fn run;

	/* Arguments, as the operation needs them. */
	struct inode *inode;
	off_t offset;
	size_t size;
	uint64_t ticket; /* of an IOCTL: what it has begun */

	pid_t caller; /* a thread; 0: not known */

	/* The rest belongs to fs/request.c. */
	struct requests *requests;
	struct request *prev, *next; /* among the parked, loop */
	struct loop_task arrival;
	struct loop_task interrupt;
	uint64_t deadline_ns;
	bool is_parked;   /* loop */
	bool is_watched;  /* loop: an interrupt came, the caller is looked at from time to time */
	bool is_answered; /* loop */
	atomic_bool interrupt_posted;

	char name[]; /* of a LOOKUP or GETXATTR */
};

/* All requests under way. Borrows everything; `timeout_ns` is the longest that one may take. After
 * `stale_after_ns` it takes what was known before (NS_FOREVER: never).
 * Answers 0 or -ENOMEM. */
int requests_new(struct loop *loop, const struct clock *clock, struct log *log, struct cache *cache,
                 uint64_t timeout_ns, uint64_t stale_after_ns, struct requests **ret_requests);

/* Answers all that are parked with EIO. After loop_stop(). Accepts NULL. */
void requests_free(struct requests *requests);

/* A request of that kind, which was counted, with a copy of `name` (NULL: none). NULL when out of
 * memory; it was answered then. Threads: any. */
struct request *request_new(struct requests *requests, struct mount *mount, fuse_req_t fuse,
                            enum request_kind kind, request_fn run, const char *name);

/* Runs it, and takes it. Threads: any. */
void request_start(struct request *request);

/* Runs those of that kind that are parked again: what they wait for may have come. Threads: loop.
 */
void requests_run_again(struct requests *requests, enum request_kind kind);

/* Before a reply is sent: nothing may interrupt it any more. Threads: as the request. */
void request_claim(struct request *request);

#endif
