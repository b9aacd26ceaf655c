/* The kernel's random numbers. */
#include "base/random.h"

#include <sys/random.h>

uint32_t random_spread(void)
{
	uint32_t number = 0;

	if (getrandom(&number, sizeof(number), GRND_NONBLOCK) < 0)
		return UINT32_MAX / 2;
	return number;
}
