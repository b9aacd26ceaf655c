/* The one timer of a module, which the test lets fire.
 *
 * Link with -Wl,--wrap= of those functions of the loop that the module calls: the source has four.
 */
#ifndef ECRFS_TESTS_UNIT_FAKE_TIMER_H
#define ECRFS_TESTS_UNIT_FAKE_TIMER_H

#include "net/loop.h"

struct fake_timer {
	loop_timer_fn fire;
	void *arg;
	uint64_t delay_ns; /* 0: it is not set */
	unsigned n_set;    /* how often it was */
};

extern struct fake_timer fake_timer;

#endif
