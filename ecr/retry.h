/* When a call is sent again: the AWS SDKs' `standard` retry mode. Pure, randomness is handed in.
 *
 * One bucket of retry tokens for all calls to an endpoint: when much fails there, retries end
 * first, so that a server in trouble is not hit three times as hard. Other endpoints have buckets
 * of their own.
 */
#ifndef ECRFS_ECR_RETRY_H
#define ECRFS_ECR_RETRY_H

#include <stdbool.h>
#include <stdint.h>

/* botocore, retries/quota.py: capacity and costs. */
#define RETRY_CAPACITY     500
#define RETRY_COST         5
#define RETRY_COST_TIMEOUT 10

/* botocore, retries/standard.py: no wait is longer, unless the server asks for more. */
#define RETRY_MAX_WAIT_S 20

/* The SDKs' revision of 2026: the server may prolong a wait by no more than this. */
#define RETRY_MAX_LONGER_S 5

struct retry_bucket {
	unsigned tokens;
};

/* What one call has used so far. */
struct retry_state {
	unsigned attempts; /* that count: sent so far, the first one included */
	unsigned last_cost;
};

/* Why the last attempt failed. */
struct retry_failure {
	bool timed_out;
	uint64_t after_ms; /* x-amz-retry-after; 0: the server did not say */
};

void retry_bucket_init(struct retry_bucket *bucket);

/* After a failed attempt that is retryable: whether to send again, and after how long. Takes
 * tokens. `random` is uniform in 0 to UINT32_MAX. Threads: pure. */
bool retry_again(struct retry_bucket *bucket, struct retry_state *state, unsigned max_attempts,
                 const struct retry_failure *failure, uint32_t random, uint64_t *ret_wait_ns);

/* After an attempt that succeeded: gives back what its last retry cost, or one token. */
void retry_succeeded(struct retry_bucket *bucket, const struct retry_state *state);

/* The value of an x-amz-retry-after header, milliseconds; 0 for what is no whole number. Threads:
 * pure. */
uint64_t retry_after_ms(const char *text);

#endif
