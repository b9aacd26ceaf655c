/* How long credentials are good for: when to look for newer ones, when to wait for these, and when
 * they are used no more. All times are real, nanoseconds since 1970. Threads: pure.
 */
#ifndef ECRFS_ECR_VALIDITY_H
#define ECRFS_ECR_VALIDITY_H

#include "base/clock.h"

#include <stdbool.h>

/* How early credentials are refreshed while nobody waits: botocore's 15 minutes before the end.
 * Sessions may last no longer than that: then the last quarter of their life. */
#define VALIDITY_WINDOW_NS       (15 * 60 * NS_PER_S)
#define VALIDITY_WINDOW_FRACTION 4

/* The last part of that, in which questions wait for the refresh: what is signed now may arrive too
 * late. Much less than botocore's two thirds, since a name that hangs is worse. */
#define VALIDITY_WAIT_FRACTION 15

/* Those that came again are not asked for sooner than this. */
#define VALIDITY_AGAIN_NS (10 * NS_PER_S)

/* Expired credentials of a provider that `outlasts` are used for so long: botocore's 15 minutes,
 * and 2 to 10 more, so that not all machines ask at the same time. */
#define VALIDITY_OUTLAST_NS     (15 * 60 * NS_PER_S)
#define VALIDITY_OUTLAST_MIN_NS (2 * 60 * NS_PER_S)
#define VALIDITY_OUTLAST_MAX_NS (10 * 60 * NS_PER_S)

struct validity {
	uint64_t refresh_ns; /* from then on: newer ones are looked for */
	uint64_t wait_ns;    /* … and waited for */
	uint64_t end_ns;     /* … and these are used no more; UINT64_MAX: never */
};

/* Of credentials that expire at `expires_ns`, later than now; 0: never. `again`: they are those
 * that were at hand before, as nobody renews those of the environment. */
void validity_begin(struct validity *validity, uint64_t now_ns, uint64_t expires_ns, bool again);

/* Of those that have expired and are used on. `random` is uniform in 0 to UINT32_MAX. */
void validity_outlast(struct validity *validity, uint64_t now_ns, uint32_t random);

#endif
