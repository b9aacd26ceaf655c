/* What --prefetch is to fetch. */
#include "fs/option_prefetch.h"
#include "ecr/name.h"

#include <stdio.h>
#include <string.h>

static bool refuse(const char *why)
{
	fprintf(stderr, "ecrfs: --prefetch %s\n", why);
	return false;
}

/* A namespace has the form of a repository, but may be shorter. */
static bool may_be_path(const char *text)
{
	return name_is_repository(text) || name_is_component(text);
}

bool option_prefetch_read(const struct option_texts *texts, struct options *options)
{
	char *path = texts->n_positional ? strchr(texts->positional[0], '/') : NULL;

	if (texts->n_positional > 1 || texts->check || texts->fsck || texts->json)
		return refuse("takes a registry, or a part of one, and no mount point: "
		              "ecrfs --prefetch [REGISTRY[/REPOSITORY]] -o cache_dir=DIR");
	if (!texts->cache_dir || !texts->cache_dir[0])
		return refuse("has nowhere to keep what it fetches: give -o cache_dir=DIR");
	if (texts->nopull)
		return refuse("cannot work with nopull: what it fetches is pulled");
	if (!path)
		return true;
	*path++ = '\0';
	options->prefetch_path = path;
	if (strchr(texts->positional[0], ','))
		return refuse("takes one registry where a repository is named");
	if (!may_be_path(path))
		return refuse("wants the name of a repository, or of a namespace, behind the "
		              "registry: as in default/team/app");
	return true;
}
