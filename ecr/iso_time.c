/* ISO 8601. */
#include "ecr/iso_time.h"
#include "base/clock.h"

#include <stdio.h>
#include <time.h>

void iso_time_format(uint64_t realtime_ns, char text[static ISO_TIME_SIZE])
{
	time_t seconds = (time_t)(realtime_ns / NS_PER_S);
	unsigned long micros = (unsigned long)(realtime_ns % NS_PER_S / 1000);
	char stamp[40];
	struct tm utc;

	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", gmtime_r(&seconds, &utc));
	if (micros)
		snprintf(text, ISO_TIME_SIZE, "%s.%06lu+00:00", stamp, micros);
	else
		snprintf(text, ISO_TIME_SIZE, "%s+00:00", stamp);
}
