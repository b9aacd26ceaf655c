/* Numbers with units. */
#include "fs/units.h"
#include "base/clock.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct unit {
	const char *name;
	uint64_t factor;
};

/* Digits, nothing before them. */
static bool parse_digits(const char *text, unsigned long *ret_number, const char **ret_rest)
{
	char *rest;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	*ret_number = strtoul(text, &rest, 10);
	*ret_rest = rest;
	return errno == 0;
}

static bool parse_with_unit(const char *text, const struct unit *units, size_t n, uint64_t max,
                            uint64_t *ret_value)
{
	unsigned long number;
	const char *rest;

	if (!parse_digits(text, &number, &rest))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (strcasecmp(rest, units[i].name) != 0)
			continue;
		if (number > max / units[i].factor)
			return false;
		*ret_value = number * units[i].factor;
		return true;
	}
	return false;
}

static const struct unit durations[] = {
        {"ms", NS_PER_MS},           {"s", NS_PER_S},
        {"m", 60 * NS_PER_S},        {"h", 60 * 60 * NS_PER_S},
        {"d", 24 * 3600 * NS_PER_S},
};

bool units_parse_duration(const char *text, uint64_t *ret_ns)
{
	if (strcmp(text, "0") == 0) {
		*ret_ns = 0;
		return true;
	}
	if (strcmp(text, "forever") == 0) {
		*ret_ns = NS_FOREVER;
		return true;
	}
	return parse_with_unit(text, durations, COUNT(durations), NS_FOREVER, ret_ns);
}

bool units_parse_size(const char *text, size_t *ret_bytes)
{
	static const struct unit units[] = {
	        {"", 1},          {"k", 1 << 10}, {"kib", 1 << 10}, {"m", 1 << 20},
	        {"mib", 1 << 20}, {"g", 1 << 30}, {"gib", 1 << 30},
	};
	uint64_t bytes;

	if (!parse_with_unit(text, units, COUNT(units), SIZE_MAX / 2, &bytes))
		return false;
	*ret_bytes = bytes;
	return true;
}

bool units_parse_number(const char *text, unsigned long min, unsigned long max,
                        unsigned long *ret_number)
{
	unsigned long number;
	const char *rest;

	if (!parse_digits(text, &number, &rest) || *rest || number < min || number > max)
		return false;
	*ret_number = number;
	return true;
}

/* `units` from the smallest to the largest. */
static void format_with_unit(uint64_t value, const struct unit *units, size_t n,
                             char ret_text[static UNITS_TEXT_SIZE])
{
	size_t i = n - 1;

	while (i > 0 && value % units[i].factor)
		i--;
	snprintf(ret_text, UNITS_TEXT_SIZE, "%" PRIu64 "%s", value / units[i].factor,
	         units[i].name);
}

void units_format_duration(uint64_t ns, char ret_text[static UNITS_TEXT_SIZE])
{
	if (!ns)
		strcpy(ret_text, "0");
	else if (ns >= NS_FOREVER)
		strcpy(ret_text, "forever");
	else
		format_with_unit(ns, durations, COUNT(durations), ret_text);
}

void units_format_size(size_t bytes, char ret_text[static UNITS_TEXT_SIZE])
{
	static const struct unit units[] = {
	        {"", 1}, {"K", 1 << 10}, {"M", 1 << 20}, {"G", 1 << 30}};

	if (!bytes)
		strcpy(ret_text, "0");
	else
		format_with_unit(bytes, units, COUNT(units), ret_text);
}
