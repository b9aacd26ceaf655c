/* profile ─► plan ─► source's credentials ─► STS: first role ─► … ─► STS: the profile's role
 *
 * All of it at each refresh: the files may have changed, and the source's credentials be renewed.
 */
#include "ecr/provider_role.h"
#include "base/log.h"
#include "ecr/credentials.h"
#include "ecr/profile.h"
#include "ecr/profile_reader.h"
#include "ecr/provider.h"
#include "ecr/provider_container.h"
#include "ecr/provider_env.h"
#include "ecr/provider_imds.h"
#include "ecr/provider_list.h"
#include "ecr/providers.h"
#include "ecr/role_plan.h"
#include "ecr/sts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NAME "assume-role"

struct provider_role {
	struct provider provider; /* first, so that a provider is its provider_role */
	struct provider_parts parts;
	struct profile_reader reader;
	struct sts *sts;
	struct provider_list *named[N_ROLE_SOURCES]; /* sources; NULL for that of a profile */
	struct profile *source_profile; /* of the last plan, and its providers, or NULL */
	struct provider_list *of_source_profile;
	provider_fn done; /* of the question under way */
	void *arg;
	struct role_plan plan;
	size_t next; /* step, behind the one that is assumed: from n_steps down to 0 */
};

static void finish(struct provider_role *self, enum provider_answer answer, enum status status,
                   struct credentials *credentials)
{
	role_plan_deinit(&self->plan);
	self->done(self->arg, answer, status, credentials);
}

static void fail(struct provider_role *self, enum status status)
{
	finish(self, PROVIDER_FAILED, status, NULL);
}

static void assume_next(struct provider_role *self, struct credentials *source);

static void was_assumed(void *arg, enum status status, struct credentials *credentials)
{
	struct provider_role *self = arg;

	if (status != STATUS_OK) {
		fail(self, status);
	} else if (self->next == 0) {
		finish(self, PROVIDER_FOUND, STATUS_OK, credentials);
	} else {
		assume_next(self, credentials);
		credentials_unref(credentials);
	}
}

static void assume_next(struct provider_role *self, struct credentials *source)
{
	const struct role_step *step = &self->plan.steps[--self->next];
	struct sts_role role = {
	        .arn = step->arn,
	        .session_name = step->session_name,
	        .external_id = step->external_id,
	        .duration = step->duration,
	        .source = source,
	};

	sts_assume(self->sts, &role, was_assumed, self);
}

static void log_no_source(const struct provider_role *self)
{
	static const char *const remedies[N_ROLE_SOURCES] = {
	        [ROLE_SOURCE_PROFILE] = "its source_profile has no credentials: run `aws "
	                                "configure --profile` for that one",
	        [ROLE_SOURCE_ENVIRONMENT] = "its credential_source is Environment: set "
	                                    "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
	        [ROLE_SOURCE_CONTAINER] = "its credential_source is EcsContainer, but no container "
	                                  "credentials are offered here",
	        [ROLE_SOURCE_INSTANCE] = "its credential_source is Ec2InstanceMetadata, but no "
	                                 "instance role is offered here",
	};

	log_event(self->parts.log, LEVEL_ERROR, "credentials " NAME,
	          "no AWS credentials: the role of profile %s cannot be assumed, since %s",
	          profile_name(self->parts.profile), remedies[self->plan.source]);
}

static void source_answered(void *arg, enum provider_answer answer, enum status status,
                            struct credentials *credentials, bool outlasts)
{
	struct provider_role *self = arg;

	(void)outlasts; /* STS decides */
	switch (answer) {
	case PROVIDER_NOT_CONFIGURED:
		log_no_source(self);
		fail(self, STATUS_NO_CREDENTIALS);
		break;
	case PROVIDER_FAILED:
		fail(self, status);
		break;
	case PROVIDER_FOUND:
		self->next = self->plan.n_steps;
		assume_next(self, credentials);
		credentials_unref(credentials);
		break;
	}
}

static void forget_source_profile(struct provider_role *self)
{
	provider_list_free(self->of_source_profile);
	profile_free(self->source_profile);
	self->of_source_profile = NULL;
	self->source_profile = NULL;
}

/* The providers of the plan's source profile. Answers 0 or -ENOMEM. */
static int open_source_profile(struct provider_role *self)
{
	struct provider *providers[PROVIDERS_MAX];
	struct provider_parts parts = self->parts;
	int r;

	if (self->source_profile &&
	    strcmp(profile_name(self->source_profile), self->plan.source_profile) == 0)
		return 0;
	forget_source_profile(self);
	r = profile_new_of(self->parts.profile, self->plan.source_profile, &self->source_profile);
	if (r < 0)
		return r;
	parts.profile = self->source_profile;
	parts.profile_alone = true;
	r = provider_list_new(providers, providers_new_of_profile(&parts, providers),
	                      &self->of_source_profile);
	if (r < 0)
		forget_source_profile(self);
	return r;
}

static void ask_source(struct provider_role *self)
{
	struct provider_list *source = self->named[self->plan.source];

	if (self->plan.source == ROLE_SOURCE_PROFILE) {
		if (open_source_profile(self) < 0) {
			fail(self, STATUS_NO_MEMORY);
			return;
		}
		source = self->of_source_profile;
	}
	provider_list_ask(source, source_answered, self);
}

static void profile_was_read(void *arg, enum status status, const struct profile_content *content)
{
	struct provider_role *self = arg;
	char error[ROLE_PLAN_ERROR_SIZE];
	int r;

	if (status != STATUS_OK) {
		fail(self, status);
		return;
	}
	r = role_plan_init(&self->plan, content, error);
	if (r == -EINVAL) {
		log_event(self->parts.log, LEVEL_ERROR, "credentials " NAME,
		          "no AWS credentials: %s", error);
		fail(self, STATUS_NO_CREDENTIALS);
	} else if (r < 0) {
		fail(self, STATUS_NO_MEMORY);
	} else if (self->plan.n_steps == 0) {
		finish(self, PROVIDER_NOT_CONFIGURED, STATUS_OK, NULL);
	} else {
		ask_source(self);
	}
}

static void fetch(struct provider *provider, provider_fn done, void *arg)
{
	struct provider_role *self = (struct provider_role *)provider;

	self->done = done;
	self->arg = arg;
	profile_reader_ask(&self->reader);
}

static void free_provider(struct provider *provider)
{
	struct provider_role *self = (struct provider_role *)provider;

	profile_reader_deinit(&self->reader);
	sts_free(self->sts);
	for (int i = 0; i < N_ROLE_SOURCES; i++)
		provider_list_free(self->named[i]);
	forget_source_profile(self);
	role_plan_deinit(&self->plan);
	free(self);
}

static const struct provider_ops ops = {
        .name = NAME,
        .fetch = fetch,
        .free = free_provider,
};

/* Answers 0 or -ENOMEM. */
static int open_named_sources(struct provider_role *self)
{
	static struct provider *(*const create[N_ROLE_SOURCES])(const struct provider_parts *) = {
	        [ROLE_SOURCE_ENVIRONMENT] = provider_env_new,
	        [ROLE_SOURCE_CONTAINER] = provider_container_new,
	        [ROLE_SOURCE_INSTANCE] = provider_imds_new,
	};
	int r = 0;

	for (int i = 0; i < N_ROLE_SOURCES && r == 0; i++) {
		struct provider *provider;

		if (!create[i])
			continue;
		provider = create[i](&self->parts);
		r = provider_list_new(&provider, 1, &self->named[i]);
	}
	return r;
}

struct provider *provider_role_new(const struct provider_parts *parts)
{
	struct provider_role *self = calloc(1, sizeof(*self));

	if (!self)
		return NULL;
	self->provider.ops = &ops;
	self->parts = *parts;
	profile_reader_init(&self->reader, parts->loop, parts->profile, profile_was_read, self);
	self->sts = sts_new(parts, NAME);
	if (!self->sts || open_named_sources(self) < 0) {
		free_provider(&self->provider);
		return NULL;
	}
	return &self->provider;
}
