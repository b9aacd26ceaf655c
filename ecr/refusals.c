/* Two short lists: endpoints by region and form, repositories by name. */
#include "ecr/refusals.h"
#include "base/log.h"
#include "ecr/api_log.h"
#include "ecr/registry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/* Repositories that are remembered at a time, the oldest one is forgotten first. */
#define MAX_REPOSITORIES 1000

struct endpoint_refusal {
	struct endpoint_refusal *next;
	struct registry registry; /* its account does not matter */
};

/* Stays when its time is over, so that the log is not told again. */
struct describe_refusal {
	struct describe_refusal *prev, *next;
	uint64_t until_ns; /* monotonic */
	struct registry registry;
	char repository[];
};

struct refusals {
	const struct clock *clock;
	struct log *log;
	struct endpoint_refusal *endpoints;
	struct describe_refusal *repositories; /* oldest first */
	unsigned n_repositories;
};

int refusals_new(const struct clock *clock, struct log *log, struct refusals **ret_refusals)
{
	struct refusals *refusals = calloc(1, sizeof(*refusals));

	if (!refusals)
		return -ENOMEM;
	refusals->clock = clock;
	refusals->log = log;
	*ret_refusals = refusals;
	return 0;
}

void refusals_free(struct refusals *refusals)
{
	struct endpoint_refusal *endpoint, *next_endpoint;
	struct describe_refusal *repository, *next_repository;

	if (!refusals)
		return;
	LL_FOREACH_SAFE(refusals->endpoints, endpoint, next_endpoint)
	{
		free(endpoint);
	}
	DL_FOREACH_SAFE (refusals->repositories, repository, next_repository) {
		free(repository);
	}
	free(refusals);
}

static bool have_same_endpoint(const struct registry *a, const struct registry *b)
{
	return strcmp(a->region, b->region) == 0 && a->fips == b->fips &&
	       a->dualstack == b->dualstack;
}

bool refusals_has_image_status(const struct refusals *refusals, const struct registry *registry)
{
	const struct endpoint_refusal *endpoint;

	LL_FOREACH (refusals->endpoints, endpoint) {
		if (have_same_endpoint(&endpoint->registry, registry))
			return true;
	}
	return false;
}

void refusals_add_image_status(struct refusals *refusals, const struct registry *registry)
{
	struct endpoint_refusal *endpoint;

	if (refusals_has_image_status(refusals, registry))
		return;
	endpoint = calloc(1, sizeof(*endpoint));
	if (!endpoint)
		return;
	endpoint->registry = *registry;
	LL_PREPEND(refusals->endpoints, endpoint);
	log_write(refusals->log, LEVEL_INFO,
	          "the ECR endpoint of %s does not know archived images: listed without them",
	          registry->region[0] ? registry->region : "the mount's region");
}

static struct describe_refusal *find_repository(const struct refusals *refusals,
                                                const struct registry *registry,
                                                const char *repository)
{
	struct describe_refusal *refusal;

	DL_FOREACH (refusals->repositories, refusal) {
		if (strcmp(refusal->repository, repository) == 0 &&
		    strcmp(refusal->registry.account, registry->account) == 0 &&
		    have_same_endpoint(&refusal->registry, registry))
			return refusal;
	}
	return NULL;
}

bool refusals_has_describe(const struct refusals *refusals, const struct registry *registry,
                           const char *repository)
{
	const struct describe_refusal *refusal = find_repository(refusals, registry, repository);

	return refusal && clock_monotonic_ns(refusals->clock) < refusal->until_ns;
}

static void forget_oldest(struct refusals *refusals)
{
	struct describe_refusal *oldest = refusals->repositories;

	DL_DELETE(refusals->repositories, oldest);
	refusals->n_repositories--;
	free(oldest);
}

static struct describe_refusal *
add_repository(struct refusals *refusals, const struct registry *registry, const char *repository)
{
	struct describe_refusal *refusal = calloc(1, sizeof(*refusal) + strlen(repository) + 1);

	if (!refusal)
		return NULL;
	refusal->registry = *registry;
	strcpy(refusal->repository, repository);
	DL_APPEND(refusals->repositories, refusal);
	if (++refusals->n_repositories > MAX_REPOSITORIES)
		forget_oldest(refusals);
	return refusal;
}

void refusals_add_describe(struct refusals *refusals, const struct registry *registry,
                           const char *repository)
{
	struct describe_refusal *refusal = find_repository(refusals, registry, repository);

	if (!refusal) {
		log_write(refusals->log, LEVEL_WARNING,
		          "%s/%s: the images may be listed but not described "
		          "(ecr:DescribeImages is denied): no times, sizes and types",
		          api_log_account(registry), repository);
		refusal = add_repository(refusals, registry, repository);
	}
	if (refusal)
		refusal->until_ns = clock_monotonic_ns(refusals->clock) + REFUSALS_DESCRIBE_NS;
}
