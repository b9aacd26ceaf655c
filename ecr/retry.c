/* The standard retry mode of the AWS SDKs. */
#include "ecr/retry.h"
#include "base/clock.h"

void retry_bucket_init(struct retry_bucket *bucket)
{
	bucket->tokens = RETRY_CAPACITY;
}

bool retry_again(struct retry_bucket *bucket, struct retry_state *state, unsigned max_attempts,
                 bool timed_out, uint32_t random, uint64_t *ret_wait_ns)
{
	unsigned cost = timed_out ? RETRY_COST_TIMEOUT : RETRY_COST;
	uint64_t ceiling_s = RETRY_MAX_WAIT_S;

	if (state->attempts >= max_attempts || bucket->tokens < cost)
		return false;
	bucket->tokens -= cost;
	state->last_cost = cost;
	/* rand[0,1) * min(2^(attempt-1), 20) seconds */
	if (state->attempts <= 5 && 1ULL << (state->attempts - 1) < ceiling_s)
		ceiling_s = 1ULL << (state->attempts - 1);
	*ret_wait_ns = (uint64_t)random * (ceiling_s * NS_PER_S >> 10) >> 22;
	return true;
}

void retry_succeeded(struct retry_bucket *bucket, const struct retry_state *state)
{
	unsigned back = state->last_cost ? state->last_cost : 1;

	bucket->tokens += back;
	if (bucket->tokens > RETRY_CAPACITY)
		bucket->tokens = RETRY_CAPACITY;
}
