/* One path, and a time. */
#include "cache/forgotten.h"

#include <stdio.h>
#include <string.h>

/* Cuts `path` down to what it has in common with `other`, in whole components. */
static void keep_common(char *path, const char *other)
{
	char *slash;

	while (path[0] && !name_is_below(other, path)) {
		slash = strrchr(path, '/');
		*(slash ? slash : path) = '\0';
	}
}

void forgotten_add(struct forgotten *forgotten, const char *path, uint64_t complete_ns,
                   uint64_t now_ns)
{
	if (forgotten->until_ns && forgotten->until_ns >= complete_ns)
		keep_common(forgotten->path, path);
	else
		snprintf(forgotten->path, sizeof(forgotten->path), "%s", path);
	forgotten->until_ns = now_ns;
}

bool forgotten_covers(const struct forgotten *forgotten, const char *path, uint64_t since_ns)
{
	return forgotten->until_ns && since_ns <= forgotten->until_ns &&
	       name_is_below(path, forgotten->path);
}
