/* Counting to three. */
#include "ecr/breaker.h"

bool breaker_is_unreachable(enum status status)
{
	return status == STATUS_REFUSED || status == STATUS_UNRESOLVED ||
	       status == STATUS_TIMED_OUT;
}

bool breaker_is_contact(enum status status)
{
	return status == STATUS_SERVER_ERROR || status == STATUS_PROTOCOL;
}

enum status breaker_reason(const struct breaker *breaker)
{
	return atomic_load_explicit(&breaker->last_seen, memory_order_acquire);
}

uint64_t breaker_since_s(const struct breaker *breaker)
{
	return atomic_load_explicit(&breaker->since_s, memory_order_relaxed);
}

static void set_reason(struct breaker *breaker, enum status reason)
{
	atomic_store_explicit(&breaker->last_seen, reason, memory_order_release);
}

bool breaker_failed(struct breaker *breaker, enum status status, uint64_t sent_ns,
                    const struct clock *clock)
{
	bool was_open = breaker_reason(breaker) != STATUS_OK;

	if (!was_open && (sent_ns < breaker->answered_ns || ++breaker->failures < BREAKER_ATTEMPTS))
		return false;
	if (!was_open) {
		breaker->opened_ns = clock_monotonic_ns(clock);
		atomic_store_explicit(&breaker->since_s, clock_realtime_ns(clock) / NS_PER_S,
		                      memory_order_relaxed);
	}
	set_reason(breaker, status);
	return !was_open;
}

void breaker_broke(struct breaker *breaker)
{
	breaker->failures = 0;
}

bool breaker_answered(struct breaker *breaker, const struct clock *clock, uint64_t *ret_open_ns)
{
	breaker->failures = 0;
	breaker->answered_ns = clock_monotonic_ns(clock);
	if (breaker_reason(breaker) == STATUS_OK)
		return false;
	set_reason(breaker, STATUS_OK);
	*ret_open_ns = breaker->answered_ns - breaker->opened_ns;
	return true;
}

uint64_t breaker_wait_ns(unsigned tries, uint32_t random)
{
	uint64_t wait_s = BREAKER_MAX_WAIT_S;

	if (tries < 5 && (uint64_t)BREAKER_FIRST_WAIT_S << tries < wait_s)
		wait_s = (uint64_t)BREAKER_FIRST_WAIT_S << tries;
	return wait_s * NS_PER_S / 4 * 3 + ((uint64_t)random * (wait_s * NS_PER_S / 4 >> 10) >> 22);
}
