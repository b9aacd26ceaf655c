/* From names to registries. */
#include "fs/option_registries.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_named_already(const struct options *options, const struct registry *registry)
{
	for (size_t i = 0; i < options->n_registries; i++) {
		const struct registry *other = &options->registries[i].registry;

		if (strcmp(other->account, registry->account) == 0 &&
		    strcmp(other->region, registry->region) == 0)
			return true;
	}
	return false;
}

static bool add_registry(struct options *options, const char *name)
{
	struct named_registry *named = &options->registries[options->n_registries];

	if (strcmp(name, "none") == 0 || strcmp(name, "ecrfs") == 0)
		name = "default"; /* what people write in fstab where nothing is needed */
	switch (registry_parse(name, &named->registry)) {
	case REGISTRY_ACCOUNT:
	case REGISTRY_HOST:
	case REGISTRY_DEFAULT:
		break;
	case REGISTRY_PUBLIC:
		fprintf(stderr,
		        "ecrfs: %s is not supported: only private registries can be mounted\n",
		        name);
		return false;
	case REGISTRY_INVALID:
		fprintf(stderr,
		        "ecrfs: '%s' is not a registry: give a 12-digit account id, a host name "
		        "such as 123456789012.dkr.ecr.eu-west-1.amazonaws.com, or 'default'\n",
		        name);
		return false;
	}
	if (is_named_already(options, &named->registry)) {
		fprintf(stderr, "ecrfs: registry %s is named twice\n", name);
		return false;
	}
	named->name = strdup(name);
	options->n_registries++;
	return true;
}

/* The region of the first host name. */
static void take_region_of_host(struct options *options)
{
	for (size_t i = 0; i < options->n_registries; i++) {
		if (!options->registries[i].registry.region[0])
			continue;
		options->aws.region = options->registries[i].registry.region;
		options->aws.region_origin = "the first registry's name";
		return;
	}
}

bool option_registries_read(const char *source, bool may_tell_region, struct options *options)
{
	char *list = strdup(source), *rest = list, *name;
	bool done = true;

	options->source = strdup(source);
	options->registries = calloc(strlen(source) + 1, sizeof(*options->registries));
	while (done && (name = strsep(&rest, ",")))
		done = add_registry(options, name);
	free(list);
	if (may_tell_region)
		take_region_of_host(options);
	return done;
}
