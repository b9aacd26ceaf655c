/* When a call is sent again: the AWS SDKs' `standard` retry mode. Pure, randomness is handed in.
 *
 * One bucket of retry tokens for all calls of a client: when much fails, retries end first, so that
 * a server in trouble is not hit three times as hard.
 */
#ifndef ECRFS_ECR_RETRY_H
#define ECRFS_ECR_RETRY_H

#include <stdbool.h>
#include <stdint.h>

/* botocore, retries/quota.py: capacity and costs. */
#define RETRY_CAPACITY     500
#define RETRY_COST         5
#define RETRY_COST_TIMEOUT 10

/* botocore, retries/standard.py: no wait is longer. */
#define RETRY_MAX_WAIT_S 20

struct retry_bucket {
	unsigned tokens;
};

/* What one call has used so far. */
struct retry_state {
	unsigned attempts; /* sent so far, the first one included */
	unsigned last_cost;
};

void retry_bucket_init(struct retry_bucket *bucket);

/* After a failed attempt that is retryable: whether to send again, and after how long. Takes
 * tokens. `random` is uniform in 0 to UINT32_MAX. Threads: pure. */
bool retry_again(struct retry_bucket *bucket, struct retry_state *state, unsigned max_attempts,
                 bool timed_out, uint32_t random, uint64_t *ret_wait_ns);

/* After an attempt that succeeded: gives back what its last retry cost, or one token. */
void retry_succeeded(struct retry_bucket *bucket, const struct retry_state *state);

#endif
