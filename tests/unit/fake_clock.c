/* A clock that is moved by hand. */
#include "tests/unit/fake_clock.h"

static uint64_t fake_monotonic_ns(const struct clock *clock)
{
	return atomic_load(&((const struct fake_clock *)clock)->monotonic_ns);
}

static uint64_t fake_realtime_ns(const struct clock *clock)
{
	return atomic_load(&((const struct fake_clock *)clock)->realtime_ns);
}

void fake_clock_init(struct fake_clock *clock)
{
	clock->clock.monotonic_ns = fake_monotonic_ns;
	clock->clock.realtime_ns = fake_realtime_ns;
	atomic_init(&clock->monotonic_ns, FAKE_CLOCK_MONOTONIC_NS);
	atomic_init(&clock->realtime_ns, FAKE_CLOCK_REALTIME_NS);
}

void fake_clock_advance(struct fake_clock *clock, uint64_t ns)
{
	atomic_fetch_add(&clock->monotonic_ns, ns);
	atomic_fetch_add(&clock->realtime_ns, ns);
}

void fake_clock_set_realtime(struct fake_clock *clock, uint64_t ns)
{
	atomic_store(&clock->realtime_ns, ns);
}
