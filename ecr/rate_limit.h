/* How fast calls may be sent: the client-side limiter of the AWS SDKs' `adaptive` retry mode.
 *
 * Off until the first answer that throttles. Then each attempt takes a token of a bucket that
 * fills at a rate; the rate drops to 0.7 of what was measured at each throttle, and grows again as
 * CUBIC does, slowly near the rate that was too much. Pure: the time is handed in, in seconds
 * since any start.
 */
#ifndef ECRFS_ECR_RATE_LIMIT_H
#define ECRFS_ECR_RATE_LIMIT_H

#include <stdbool.h>

struct rate_limit {
	bool enabled;

	/* The bucket: tokens, and tokens per second. */
	double capacity, max_capacity, fill_rate;
	double filled_s; /* when */

	/* The rate of answers, measured over half seconds and smoothed. */
	double measured, count, bucket_s;

	/* CUBIC. */
	double w_max, k, last_fail_s;
};

void rate_limit_init(struct rate_limit *limit, double now_s);

/* An attempt wants to be sent: takes a token and answers true, or tells how long until there is
 * one. Threads: pure. */
bool rate_limit_acquire(struct rate_limit *limit, double now_s, double *ret_wait_s);

/* An attempt has ended, one way or another. Threads: pure. */
void rate_limit_answered(struct rate_limit *limit, double now_s, bool throttled);

#endif
