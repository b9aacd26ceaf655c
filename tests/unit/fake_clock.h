/* A clock that stands still until the test moves it.
 *
 * Both of its times start long after zero, so that "a minute ago" exists. Threads: any.
 */
#ifndef ECRFS_TESTS_UNIT_FAKE_CLOCK_H
#define ECRFS_TESTS_UNIT_FAKE_CLOCK_H

#include "base/clock.h"

#include <stdatomic.h>

#define FAKE_CLOCK_MONOTONIC_NS (1000 * NS_PER_S)

/* 2026-01-02T03:04:05Z */
#define FAKE_CLOCK_REALTIME_NS (1767323045 * NS_PER_S)

struct fake_clock {
	struct clock clock; /* hand out the address of this one */
	atomic_uint_fast64_t monotonic_ns;
	atomic_uint_fast64_t realtime_ns;
};

void fake_clock_init(struct fake_clock *clock);

/* Time passes: both times move on. */
void fake_clock_advance(struct fake_clock *clock, uint64_t ns);

/* Somebody sets the system's date; no time passes. */
void fake_clock_set_realtime(struct fake_clock *clock, uint64_t ns);

#endif
