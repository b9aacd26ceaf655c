/* Dates of HTTP, and the difference of clocks. */
#include "ecr/clock_skew.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static bool find_month(const char *name, int *ret_month)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	const char *found = strlen(name) == 3 ? strstr(months, name) : NULL;

	if (!found || (found - months) % 3 != 0)
		return false;
	*ret_month = (int)(found - months) / 3;
	return true;
}

/* Not strptime(), which reads the names of the locale. */
bool clock_skew_parse_date(const char *text, int64_t *ret_time_s)
{
	struct tm tm = {0};
	char month[4], zone[4];

	if (sscanf(text, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d %3[A-Z]", &tm.tm_mday, month,
	           &tm.tm_year, &tm.tm_hour, &tm.tm_min, &tm.tm_sec, zone) != 7 ||
	    strcmp(zone, "GMT") != 0 || !find_month(month, &tm.tm_mon) || tm.tm_year < 1970 ||
	    tm.tm_mday < 1 || tm.tm_mday > 31 || tm.tm_hour < 0 || tm.tm_hour > 23 ||
	    tm.tm_min < 0 || tm.tm_min > 59 || tm.tm_sec < 0 || tm.tm_sec > 60)
		return false;
	tm.tm_year -= 1900;
	*ret_time_s = timegm(&tm);
	return true;
}

/* The server wrote its Date at some time between sending and receiving. */
bool clock_skew_learn(int64_t *offset_s, const struct clock_sample *sample, int64_t tolerated_s)
{
	int64_t offset = 0;

	if (sample->server_s < sample->sent_s + *offset_s - tolerated_s)
		offset = sample->server_s - sample->sent_s;
	else if (sample->server_s > sample->received_s + *offset_s + tolerated_s)
		offset = sample->server_s - sample->received_s;
	else
		return false;
	*offset_s = offset;
	return true;
}
