/* Whether an endpoint can be reached at all. Pure, time and randomness are handed in.
 *
 *              3 attempts in a row that reached nobody
 *   closed ──────────────────────────────────────────────► open
 *          ◄──────────────────────────────────────────────
 *                      any answer, also an error
 *
 * Closed, calls are sent. Open, nothing is sent but a small request now and then. Who answers that
 * we are too fast, or may not, is there: only silence opens.
 *
 * The loop thread alone changes it; what is shown to people may be read by any.
 */
#ifndef ECRFS_ECR_BREAKER_H
#define ECRFS_ECR_BREAKER_H

#include "base/clock.h"
#include "base/status.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* As many as the SDKs make in one call. */
#define BREAKER_ATTEMPTS 3

/* Between two small requests: at first, doubling, at most. */
#define BREAKER_FIRST_WAIT_S 1
#define BREAKER_MAX_WAIT_S   30

/* All zero: closed. */
struct breaker {
	unsigned failures;              /* attempts in a row, as long as it is closed */
	uint64_t opened_ns;             /* monotonic, as the next one */
	uint64_t answered_ns;           /* the last answer */
	atomic_uint_fast64_t since_s;   /* 1970 UTC, when it opened */
	_Atomic(enum status) last_seen; /* why it is open; STATUS_OK: it is closed */
};

/* Whether an attempt that ended so, without a byte of an answer, reached nobody. */
bool breaker_is_unreachable(enum status status);

/* Whether it reached somebody, who broke the connection or spoke no TLS. Neither is an attempt that
 * failed for want of something on this host. */
bool breaker_is_contact(enum status status);

/* An attempt, sent at this monotonic time, reached nobody. Answers true when that opens it. It does
 * not count when there was an answer to another one meanwhile. */
bool breaker_failed(struct breaker *breaker, enum status status, uint64_t sent_ns,
                    const struct clock *clock);

/* Somebody was there, who broke the connection without an answer. */
void breaker_broke(struct breaker *breaker);

/* There was an answer. Answers true when that closes it: it was open for `ret_open_ns`. */
bool breaker_answered(struct breaker *breaker, const struct clock *clock, uint64_t *ret_open_ns);

/* Why it is open: how the last attempt failed. STATUS_OK when it is closed. Threads: any. */
enum status breaker_reason(const struct breaker *breaker);

/* When it opened, seconds since 1970 UTC. Threads: any. */
uint64_t breaker_since_s(const struct breaker *breaker);

/* How long to wait before the next small request, after so many of them: the last quarter is
 * random. `random` is uniform in 0 to UINT32_MAX. Threads: pure. */
uint64_t breaker_wait_ns(unsigned tries, uint32_t random);

#endif
