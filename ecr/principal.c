/* A principal, put together of what follows from its profile. */
#include "ecr/ca_bundle.h"
#include "ecr/corrected_clock.h"
#include "ecr/imds.h"
#include "ecr/principal_inside.h"
#include "ecr/profile.h"
#include "ecr/provider.h"
#include "ecr/providers.h"
#include "ecr/region.h"
#include "net/http.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <utlist.h>

/* A profile that an option names wins over what variables name; AWS_PROFILE does not. So it is in
 * the AWS CLI. */
static int build_chain(struct principal *principal)
{
	const struct principal_parts *parts = &principal->parts;
	struct provider_parts of_providers = {
	        .loop = parts->loop,
	        .clock = &parts->aws_clock->clock,
	        .aws_clock = parts->aws_clock,
	        .log = parts->log,
	        .http = principal->http,
	        .imds = principal->imds,
	        .profile = principal->profile,
	        .main_profile = principal->profile,
	        .region = principal->region,
	        .settings = &principal->settings,
	        .profile_alone = principal->settings.profile,
	};
	struct provider *providers[PROVIDERS_MAX];
	size_t n = providers_new(&of_providers, providers);

	return chain_new(parts->loop, of_providers.clock, parts->log, providers, n,
	                 &principal->chain);
}

/* When it has its profile. Answers 0 or -ENOMEM. */
static int build(struct principal *principal)
{
	const struct principal_parts *parts = &principal->parts;
	int r = http_new_sharing(parts->http, &principal->http);

	if (r == 0)
		r = ca_bundle_new(parts->loop, parts->log, &principal->ca_bundle);
	if (r == 0)
		r = region_new(parts->loop, parts->log, principal->profile, principal->imds,
		               principal->settings.region, &principal->region);
	if (r == 0)
		r = build_chain(principal);
	return r;
}

void principal_init(struct principal *principal, const struct principal_parts *parts)
{
	*principal = (struct principal){
	        .parts = *parts,
	        .settings = *parts->settings,
	        .answer.run = principal_answer,
	};
}

static struct principal *allocate(const struct principal_parts *parts)
{
	struct principal *principal = calloc(1, sizeof(*principal));

	if (!principal)
		return NULL;
	principal_init(principal, parts);
	return principal;
}

/* Answers `r`; takes the principal where that is an error. */
static int finish(struct principal *principal, int r, struct principal **ret_principal)
{
	if (r < 0)
		principal_free(principal);
	else
		*ret_principal = principal;
	return r;
}

int principal_new(const struct principal_parts *parts, struct principal **ret_principal)
{
	struct principal *principal = allocate(parts);
	int r;

	if (!principal)
		return -ENOMEM;
	r = profile_new(parts->loop, parts->log, parts->settings->profile, &principal->profile);
	if (r == 0)
		r = imds_new(parts->loop, parts->clock, parts->log, parts->http, principal->profile,
		             &principal->imds);
	if (r == 0)
		r = build(principal);
	return finish(principal, r, ret_principal);
}

int principal_new_for(struct principal *own, const struct account_profile *of,
                      struct principal **ret_principal)
{
	struct principal *principal = allocate(&own->parts);
	int r;

	if (!principal)
		return -ENOMEM;
	principal->settings.profile = of->profile;
	snprintf(principal->account, sizeof(principal->account), "%s", of->account);
	principal->imds = own->imds;
	r = profile_new_of(own->profile, of->profile, &principal->profile);
	if (r == 0)
		r = build(principal);
	return finish(principal, r, ret_principal);
}

void principal_free(struct principal *principal)
{
	struct principal_question *question, *next;

	if (!principal)
		return;
	loop_unpost(principal->parts.loop, &principal->answer);
	LL_FOREACH_SAFE(principal->questions, question, next)
	{
		free(question);
	}
	chain_free(principal->chain);
	region_free(principal->region);
	if (!principal->account[0])
		imds_free(principal->imds);
	profile_free(principal->profile);
	ca_bundle_free(principal->ca_bundle);
	http_free(principal->http);
	endpoint_choice_deinit(&principal->endpoints);
	free(principal->ca_path);
	free(principal);
}

const char *principal_region_origin(const struct principal *principal)
{
	if (principal->settings.region)
		return principal->settings.region_origin;
	return region_origin(principal->region);
}

void principal_forget(struct principal *principal)
{
	free(principal->ca_path);
	principal->ca_path = NULL;
	principal->is_prepared = false;
	principal->is_stale = principal->is_preparing;
	chain_forget(principal->chain);
	region_forget(principal->region);
}
