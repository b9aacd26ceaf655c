/* The system's clock with AWS's idea of the time, as far as it is known: for the end of
 * credentials, which AWS decides. */
#ifndef ECRFS_ECR_CORRECTED_CLOCK_H
#define ECRFS_ECR_CORRECTED_CLOCK_H

#include "base/clock.h"

struct corrected_clock {
	struct clock clock; /* hand out the address of this one */
	const struct clock *system;
	int64_t offset_s; /* added to the real time; of the loop thread */
};

/* Borrows `system`, for its life. */
void corrected_clock_init(struct corrected_clock *clock, const struct clock *system);

#endif
