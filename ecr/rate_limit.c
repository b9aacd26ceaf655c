/* CUBIC and a token bucket, number by number as in botocore's retries/adaptive.py, throttling.py
 * and bucket.py. */
#include "ecr/rate_limit.h"

#include <math.h>

#define SCALE          0.4
#define BETA           0.7
#define MIN_RATE       0.5
#define MAX_ADJUSTMENT 2.0
#define SMOOTHING      0.8
#define BUCKETS_PER_S  2

void rate_limit_init(struct rate_limit *limit, double now_s)
{
	*limit = (struct rate_limit){
	        .max_capacity = 1,
	        .fill_rate = 1,
	        .filled_s = now_s,
	        .bucket_s = floor(now_s),
	        .last_fail_s = now_s,
	};
}

static void refill(struct rate_limit *limit, double now_s)
{
	limit->capacity = fmin(limit->max_capacity,
	                       limit->capacity + (now_s - limit->filled_s) * limit->fill_rate);
	limit->filled_s = now_s;
}

bool rate_limit_acquire(struct rate_limit *limit, double now_s, double *ret_wait_s)
{
	if (!limit->enabled)
		return true;
	refill(limit, now_s);
	if (limit->capacity < 1) {
		*ret_wait_s = (1 - limit->capacity) / limit->fill_rate;
		return false;
	}
	limit->capacity--;
	return true;
}

static void measure(struct rate_limit *limit, double now_s)
{
	double bucket_s = floor(now_s * BUCKETS_PER_S) / BUCKETS_PER_S;

	limit->count++;
	if (bucket_s <= limit->bucket_s)
		return;
	limit->measured = SMOOTHING * (limit->count / (bucket_s - limit->bucket_s)) +
	                  (1 - SMOOTHING) * limit->measured;
	limit->count = 0;
	limit->bucket_s = bucket_s;
}

static double rate_after_throttle(struct rate_limit *limit, double now_s)
{
	double rate = limit->measured;

	if (limit->enabled)
		rate = fmin(rate, limit->fill_rate);
	limit->w_max = rate;
	limit->k = cbrt(rate * (1 - BETA) / SCALE);
	limit->last_fail_s = now_s;
	limit->enabled = true;
	return rate * BETA;
}

static double rate_after_other(const struct rate_limit *limit, double now_s)
{
	return SCALE * pow(now_s - limit->last_fail_s - limit->k, 3) + limit->w_max;
}

static void set_rate(struct rate_limit *limit, double now_s, double rate)
{
	refill(limit, now_s); /* until now, at the old rate */
	limit->fill_rate = fmax(rate, MIN_RATE);
	limit->max_capacity = fmax(rate, 1);
	limit->capacity = fmin(limit->capacity, limit->max_capacity);
}

void rate_limit_answered(struct rate_limit *limit, double now_s, bool throttled)
{
	double rate;

	measure(limit, now_s);
	rate = throttled ? rate_after_throttle(limit, now_s) : rate_after_other(limit, now_s);
	set_rate(limit, now_s, fmin(rate, MAX_ADJUSTMENT * limit->measured));
}
