/* The standard retry mode of the AWS SDKs. */
#include "ecr/retry.h"
#include "base/clock.h"

#include <string.h>

/* More than any wait that is heeded. */
#define AFTER_MAX_MS 1000000000

void retry_bucket_init(struct retry_bucket *bucket)
{
	bucket->tokens = RETRY_CAPACITY;
}

/* rand[0,1) * min(2^(attempt-1), 20) seconds */
static uint64_t backoff_ns(unsigned attempts, uint32_t random)
{
	uint64_t ceiling_s = RETRY_MAX_WAIT_S;

	if (attempts <= 5 && 1ULL << (attempts - 1) < ceiling_s)
		ceiling_s = 1ULL << (attempts - 1);
	return (uint64_t)random * (ceiling_s * NS_PER_S >> 10) >> 22;
}

/* max(t, min(after, t + 5)): the server is heeded, but cannot make a call wait for ever. */
static uint64_t heed_server(uint64_t wait_ns, uint64_t after_ms)
{
	uint64_t after_ns = after_ms * NS_PER_MS;
	uint64_t longest_ns = wait_ns + RETRY_MAX_LONGER_S * NS_PER_S;

	if (after_ns > longest_ns)
		after_ns = longest_ns;
	return after_ns > wait_ns ? after_ns : wait_ns;
}

bool retry_again(struct retry_bucket *bucket, struct retry_state *state, unsigned max_attempts,
                 const struct retry_failure *failure, uint32_t random, uint64_t *ret_wait_ns)
{
	unsigned cost = failure->timed_out ? RETRY_COST_TIMEOUT : RETRY_COST;

	if (state->attempts >= max_attempts || bucket->tokens < cost)
		return false;
	bucket->tokens -= cost;
	state->last_cost = cost;
	*ret_wait_ns = heed_server(backoff_ns(state->attempts, random), failure->after_ms);
	return true;
}

void retry_succeeded(struct retry_bucket *bucket, const struct retry_state *state)
{
	unsigned back = state->last_cost ? state->last_cost : 1;

	bucket->tokens += back;
	if (bucket->tokens > RETRY_CAPACITY)
		bucket->tokens = RETRY_CAPACITY;
}

uint64_t retry_after_ms(const char *text)
{
	uint64_t ms = 0;

	if (!text[0] || text[strspn(text, "0123456789")])
		return 0;
	for (; *text && ms < AFTER_MAX_MS; text++)
		ms = ms * 10 + (uint64_t)(*text - '0');
	return ms < AFTER_MAX_MS ? ms : AFTER_MAX_MS;
}
