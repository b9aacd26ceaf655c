/* Times before an end. */
#include "ecr/validity.h"

void validity_begin(struct validity *validity, uint64_t now_ns, uint64_t expires_ns, bool again)
{
	uint64_t window_ns;

	*validity = (struct validity){UINT64_MAX, UINT64_MAX, UINT64_MAX};
	if (!expires_ns)
		return;
	window_ns = (expires_ns - now_ns) / VALIDITY_WINDOW_FRACTION;
	if (window_ns > VALIDITY_WINDOW_NS)
		window_ns = VALIDITY_WINDOW_NS;
	validity->refresh_ns = expires_ns - window_ns;
	validity->wait_ns = expires_ns - window_ns / VALIDITY_WAIT_FRACTION;
	validity->end_ns = expires_ns;
	if (again && validity->refresh_ns < now_ns + VALIDITY_AGAIN_NS)
		validity->refresh_ns = now_ns + VALIDITY_AGAIN_NS;
}

void validity_outlast(struct validity *validity, uint64_t now_ns, uint32_t random)
{
	uint64_t spread_ns = VALIDITY_OUTLAST_MAX_NS - VALIDITY_OUTLAST_MIN_NS;
	uint64_t pause_ns = VALIDITY_OUTLAST_MIN_NS + (spread_ns >> 16) * (random >> 16);

	validity->refresh_ns = now_ns + pause_ns;
	validity->end_ns = now_ns + pause_ns + VALIDITY_OUTLAST_NS;
	validity->wait_ns = validity->end_ns - VALIDITY_OUTLAST_NS / VALIDITY_WAIT_FRACTION;
}
