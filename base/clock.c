/* The system's clock. */
#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

void clock_format_utc(int64_t seconds, char ret_text[static CLOCK_UTC_SIZE])
{
	time_t time = (time_t)seconds;
	struct tm utc;

	strftime(ret_text, CLOCK_UTC_SIZE, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&time, &utc));
}

/* "Z", "UTC", "+02:00" or "+0200" up to the end of the text. */
static bool parse_offset(const char *text, int64_t *ret_offset_s)
{
	unsigned hours, minutes;
	int end = -1;

	*ret_offset_s = 0;
	if (strcmp(text, "Z") == 0 || strcmp(text, "z") == 0 || strcmp(text, "UTC") == 0)
		return true;
	if (*text != '+' && *text != '-')
		return false;
	if ((sscanf(text + 1, "%2u:%2u%n", &hours, &minutes, &end) != 2 &&
	     sscanf(text + 1, "%2u%2u%n", &hours, &minutes, &end) != 2) ||
	    end < 0 || text[1 + end] || hours > 23 || minutes > 59)
		return false;
	*ret_offset_s = (int64_t)(hours * 60 + minutes) * 60 * (*text == '-' ? -1 : 1);
	return true;
}

bool clock_parse_utc(const char *text, int64_t *ret_seconds)
{
	struct tm tm = {0};
	int64_t offset_s;
	int end = -1;

	if (text[strspn(text, "0123456789")] != '-' ||
	    sscanf(text, "%4d-%2d-%2d%*1[Tt ]%2d:%2d:%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
	           &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &end) != 6 ||
	    end < 0)
		return false;
	text += end;
	if (*text == '.')
		text += 1 + strspn(text + 1, "0123456789");
	if (tm.tm_year < 1970 || tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 ||
	    tm.tm_mday > 31 || tm.tm_hour < 0 || tm.tm_hour > 23 || tm.tm_min < 0 ||
	    tm.tm_min > 59 || tm.tm_sec < 0 || tm.tm_sec > 60 || !parse_offset(text, &offset_s))
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	*ret_seconds = (int64_t)timegm(&tm) - offset_s;
	return true;
}

static uint64_t read_clock(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* The kernel begins to count when it starts. What is known from before must have a time, too. */
#define BEFORE_START_NS (10 * 365 * 24 * 3600 * NS_PER_S)

struct timespec clock_deadline(uint64_t after_ns)
{
	uint64_t at_ns = read_clock(CLOCK_MONOTONIC) + after_ns;

	return (struct timespec){.tv_sec = (time_t)(at_ns / NS_PER_S),
	                         .tv_nsec = (long)(at_ns % NS_PER_S)};
}

static uint64_t system_monotonic_ns(const struct clock *clock)
{
	(void)clock;
	return BEFORE_START_NS + read_clock(CLOCK_MONOTONIC);
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
