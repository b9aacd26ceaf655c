/* The system's clock. */
#include "base/clock.h"

#include <time.h>

void clock_format_utc(int64_t seconds, char ret_text[static CLOCK_UTC_SIZE])
{
	time_t time = (time_t)seconds;
	struct tm utc;

	strftime(ret_text, CLOCK_UTC_SIZE, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&time, &utc));
}

static uint64_t read_clock(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static uint64_t system_monotonic_ns(const struct clock *clock)
{
	(void)clock;
	return read_clock(CLOCK_MONOTONIC);
}

static uint64_t system_realtime_ns(const struct clock *clock)
{
	(void)clock;
	return read_clock(CLOCK_REALTIME);
}

const struct clock *clock_system(void)
{
	static const struct clock system_clock = {
	        .monotonic_ns = system_monotonic_ns,
	        .realtime_ns = system_realtime_ns,
	};

	return &system_clock;
}
