/* Tag immutability and its exceptions. */
#include "ecr/mutability.h"

#include <string.h>

/* ECR: `*` stands for any run of characters, also for none; nothing else is special, so that
 * fnmatch(3) would be wrong. */
static bool matches(const char *filter, const char *tag)
{
	const char *star = NULL, *tried = NULL; /* the last `*`, and where its run ends */

	while (*tag) {
		if (*filter == '*') {
			star = ++filter;
			tried = tag;
		} else if (*filter == *tag) {
			filter++;
			tag++;
		} else if (star) {
			filter = star;
			tag = ++tried;
		} else {
			return false;
		}
	}
	return filter[strspn(filter, "*")] == '\0';
}

static bool matches_any(const struct repository_record *record, const char *tag)
{
	for (size_t i = 0; i < record->n_filters; i++)
		if (matches(record->filters[i], tag))
			return true;
	return false;
}

bool mutability_tag_is_fixed(const struct repository_record *record, const char *tag)
{
	switch (record->mutability) {
	case TAGS_MUTABLE:
		return false;
	case TAGS_IMMUTABLE:
		return true;
	case TAGS_IMMUTABLE_EXCEPT:
		return !matches_any(record, tag);
	case TAGS_MUTABLE_EXCEPT:
		return matches_any(record, tag);
	}
	return false;
}
