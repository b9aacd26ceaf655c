/* Takes a rate limit through steps, for a referee: on standard input the start, then lines of a
 * time and what happened then, "ok", "throttled" or "send"; prints the state after each. A send
 * that has to wait prints for how long, and is made when it has waited. */
#include "ecr/rate_limit.h"

#include <stdio.h>
#include <string.h>

int main(void)
{
	struct rate_limit limit;
	double now_s, wait_s;
	char event[16];

	if (scanf("%lf", &now_s) != 1)
		return 2;
	rate_limit_init(&limit, now_s);
	while (scanf("%lf %15s", &now_s, event) == 2) {
		wait_s = 0;
		if (strcmp(event, "send") == 0) {
			if (!rate_limit_acquire(&limit, now_s, &wait_s))
				limit.capacity--; /* as after the wait */
		} else {
			rate_limit_answered(&limit, now_s, strcmp(event, "throttled") == 0);
		}
		printf("%.12g %.12g %.12g %.12g %.12g %.12g\n", wait_s, limit.measured,
		       limit.fill_rate, limit.max_capacity, limit.capacity, limit.w_max);
	}
	return 0;
}
