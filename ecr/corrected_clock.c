/* A clock on top of a clock. */
#include "ecr/corrected_clock.h"

static uint64_t monotonic_ns(const struct clock *clock)
{
	return clock_monotonic_ns(((const struct corrected_clock *)clock)->system);
}

static uint64_t realtime_ns(const struct clock *clock)
{
	const struct corrected_clock *corrected = (const struct corrected_clock *)clock;

	return clock_realtime_ns(corrected->system) +
	       (uint64_t)(corrected->offset_s * (int64_t)NS_PER_S);
}

void corrected_clock_init(struct corrected_clock *clock, const struct clock *system)
{
	*clock = (struct corrected_clock){
	        .clock = {.monotonic_ns = monotonic_ns, .realtime_ns = realtime_ns},
	        .system = system,
	};
}
