/* Values as people write them. */
#include "fs/option_values.h"
#include "base/clock.h"
#include "ecr/registry.h"
#include "fs/file_kind.h"
#include "fs/units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

bool option_value_invalid(const char *option, const char *text, const char *wanted)
{
	fprintf(stderr, "ecrfs: %s=%s is not valid: %s\n", option, text, wanted);
	return false;
}

bool option_value_duration(const char *option, const char *text, uint64_t *ret_ns)
{
	if (!text || units_parse_duration(text, ret_ns))
		return true;
	return option_value_invalid(option, text,
	                            "give a number with ms, s, m, h or d, as in 90s; or 0, or "
	                            "forever");
}

bool option_value_limit(const char *option, const char *text, uint64_t *ret_ns)
{
	if (!text || (units_parse_duration(text, ret_ns) && *ret_ns && *ret_ns < NS_FOREVER / 4))
		return true;
	return option_value_invalid(option, text,
	                            "give a number above 0 with ms, s, m, h or d, as in 15s");
}

bool option_value_number(const char *option, const char *text, unsigned long min, unsigned long max,
                         unsigned *ret_number)
{
	unsigned long number = *ret_number;
	char wanted[80];

	if (!text || units_parse_number(text, min, max, &number)) {
		*ret_number = (unsigned)number;
		return true;
	}
	snprintf(wanted, sizeof(wanted), "give a whole number from %lu to %lu", min, max);
	return option_value_invalid(option, text, wanted);
}

bool option_value_umask(const char *text, mode_t *ret_umask)
{
	unsigned long mask;

	if (!text)
		return true;
	mask = strtoul(text, NULL, 8);
	if (!text[0] || text[strspn(text, "01234567")] || mask > 0777)
		return option_value_invalid("umask", text, "give octal digits, as in 022");
	*ret_umask = (mode_t)mask;
	return true;
}

const char *option_value_given(const char *text)
{
	return text && text[0] ? text : NULL;
}

bool option_value_region(const char *text)
{
	if (!text || (registry_region_length(text) && !text[registry_region_length(text)]))
		return true;
	return option_value_invalid("region", text,
	                            "give the name of an AWS region, as in eu-west-1");
}

bool option_value_show(const char *text, unsigned *ret_show)
{
	static const struct {
		const char *name;
		enum show show;
	} names[] = {{"digests", SHOW_DIGESTS},     {"untagged", SHOW_UNTAGGED},
	             {"platforms", SHOW_PLATFORMS}, {"config", SHOW_CONFIG},
	             {"referrers", SHOW_REFERRERS}, {"attestations", SHOW_ATTESTATIONS},
	             {"scan", SHOW_SCAN},           {"repository", SHOW_REPOSITORY}};
	const char *rest = text;

	while (rest && *rest) {
		size_t length = strcspn(rest, ":"), i = 0;

		while (i < COUNT(names) && (strlen(names[i].name) != length ||
		                            strncmp(rest, names[i].name, length) != 0))
			i++;
		if (i == COUNT(names))
			return option_value_invalid(
			        "show", text,
			        "give digests, untagged, platforms, config, referrers, "
			        "attestations, scan or repository, joined with colons");
		*ret_show |= names[i].show;
		rest += length + (rest[length] == ':');
	}
	return true;
}
