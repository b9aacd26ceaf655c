/* One call under way: inside of ecr/api.
 *
 *   principal ─► region ─► turn ─► credentials ─► sign ─► send ─► answer ─► done
 *                            ▲                                       │
 *                            ├───────────────── wait ◄───────────────┤ may pass
 *                            └───────────────────────────────────────┘ credentials or clock
 *                                  refused: at once, with others, once for each of the two
 *
 * While nobody can be reached there, a call ends instead of taking its turn.
 *
 * `ecr/call.c` goes from left to right; `ecr/call_answer.c` decides what an answer leads to,
 * `ecr/call_offline.c` what it says of the endpoint. Threads: loop.
 */
#ifndef ECRFS_ECR_CALL_H
#define ECRFS_ECR_CALL_H

#include "ecr/api.h"
#include "ecr/api_counts.h"
#include "ecr/api_log.h"
#include "ecr/endpoint.h"
#include "ecr/peer.h"
#include "ecr/rate_queue.h"
#include "ecr/retry.h"
#include "ecr/retry_rules.h"
#include "ecr/standing.h"
#include "net/http.h"
#include "net/loop.h"

struct api {
	struct api_parts parts;
	struct retry_rules rules;
	struct peers peers;
	struct api_counts counts;
	struct standings standings;
	uint64_t usual_ns; /* that an attempt takes until its answer is here; 0: not known */
	struct call *calls;
	bool closing;
};

struct call {
	struct call *prev, *next; /* in api->calls */
	struct loop_task start;
	struct api *api;
	struct principal *principal; /* who calls */
	enum api_service service;
	char *name;
	struct api_subject subject; /* borrows the name */
	char *body;
	size_t max_answer_bytes;
	bool may_be_denied, filter_may_be_refused;
	struct endpoint endpoint;
	struct peer *peer;        /* of that endpoint */
	struct rate_queue *queue; /* NULL where the rate is not limited */
	struct rate_turn turn;
	struct credentials *credentials;
	struct loop_timer *timer;
	struct retry_state retry;
	unsigned sent;          /* attempts, all of them */
	uint64_t started_ns;    /* monotonic */
	int64_t sent_s;         /* the last one, by the clock here */
	uint64_t sent_ns;       /* likewise, monotonic */
	int64_t clock_offset_s; /* with which it was signed */
	bool backs_off;         /* the timer is set, for the next one */
	bool refreshed;         /* fresh credentials were tried already */
	bool clock_corrected;   /* a corrected time was tried already */
	bool names_registry;    /* the last attempt did */
	api_fn done;
	void *arg;
};

/* Makes a call of a request, whose body it takes, also on failure. Returns new, or NULL when out of
 * memory. */
struct call *call_new(struct api *api, const struct api_request *request, api_fn done, void *arg);
void call_free(struct call *call);

/* Starts it. It ends by itself, and frees itself. Answers 0 or -ENOMEM. */
int call_start(struct call *call);

/* Sends the next attempt, as soon as it may be; ends the call while its endpoint is offline. */
void call_send(struct call *call);

/* Ends the call: answers, and frees it. */
void call_finish(struct call *call, const struct api_answer *answer);
void call_fail(struct call *call, enum status status);

/* Its registry is shown with this failure. `code` is that of AWS, or "". */
void call_note_failure(struct call *call, enum status status, const char *code);

/* Ends it without an attempt, as the last one at its endpoint has ended. */
void call_fail_offline(struct call *call);

/* Whether nobody can be reached at its endpoint; and what the end of an attempt says of that. */
bool call_is_offline(const struct call *call);
void call_learn_whether_offline(struct call *call, const struct http_answer *http);

/* An attempt has ended: an http_fn. */
void call_received(void *arg, const struct http_answer *http);

#endif
