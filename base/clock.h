/* Time, as something that can be handed in: tests give a clock that they move by hand. */
#ifndef ECRFS_BASE_CLOCK_H
#define ECRFS_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define NS_PER_MS 1000000ULL
#define NS_PER_S  1000000000ULL

/* Longer than any TTL that a person can give; adding it to a clock reading cannot overflow. */
#define NS_FOREVER (UINT64_MAX / 4)

struct clock {
	/* Nanoseconds since an arbitrary start, years before the machine's, never backwards.
	 * Threads: any. */
	uint64_t (*monotonic_ns)(const struct clock *clock);
	/* Nanoseconds since 1970-01-01 UTC, as the system believes. Threads: any. */
	uint64_t (*realtime_ns)(const struct clock *clock);
};

/* The clock of the system. Static storage. Threads: any. */
const struct clock *clock_system(void);

/* The moment `after_ns` from now as the kernel counts with CLOCK_MONOTONIC, which is not as
 * clock_system() counts: for pthread_cond_timedwait(3). Threads: any. */
struct timespec clock_deadline(uint64_t after_ns);

/* Of seconds since 1970-01-01 UTC: "2026-01-02T03:04:05Z". Threads: pure. */
#define CLOCK_UTC_SIZE 32
void clock_format_utc(int64_t seconds, char ret_text[static CLOCK_UTC_SIZE]);

/* Reads such a time as the AWS SDKs write it: also with a fraction, which is cut off, an offset
 * ("+02:00", "-0330") or "UTC" in the place of the Z, or a blank in the place of the T. Answers
 * whether it was one. Threads: pure. */
bool clock_parse_utc(const char *text, int64_t *ret_seconds);

/* Seconds since 1970, which are not negative, in nanoseconds; of those that do not fit, from 2554
 * on, the last that do. Threads: pure. */
static inline uint64_t clock_seconds_ns(int64_t seconds)
{
	const uint64_t last = UINT64_MAX / NS_PER_S;

	return ((uint64_t)seconds < last ? (uint64_t)seconds : last) * NS_PER_S;
}

static inline uint64_t clock_monotonic_ns(const struct clock *clock)
{
	return clock->monotonic_ns(clock);
}

static inline uint64_t clock_realtime_ns(const struct clock *clock)
{
	return clock->realtime_ns(clock);
}

#endif
