/* Whether the profile in use is there. */
#include "ecr/provider_profile.h"
#include "base/log.h"
#include "ecr/profile.h"
#include "ecr/profile_reader.h"
#include "ecr/provider.h"

#include <stddef.h>
#include <stdlib.h>

#define NAME "profile"

struct provider_profile {
	struct provider provider; /* first, so that a provider is its provider_profile */
	struct log *log;
	struct profile *profile;
	struct profile_reader reader;
	provider_fn done; /* of the question under way */
	void *arg;
};

static void profile_was_read(void *arg, enum status status, const struct profile_content *content)
{
	struct provider_profile *self = arg;

	if (status != STATUS_OK) {
		self->done(self->arg, PROVIDER_FAILED, status, NULL);
	} else if (profile_is_named(self->profile) && !profile_exists(content)) {
		log_event(self->log, LEVEL_ERROR, "credentials " NAME,
		          "no AWS credentials: profile %s is in neither the AWS config nor the "
		          "credentials file; mount with -o profile=NAME or set AWS_PROFILE to one "
		          "that is, or run `aws configure --profile %s`",
		          content->name, content->name);
		self->done(self->arg, PROVIDER_FAILED, STATUS_NO_CREDENTIALS, NULL);
	} else {
		self->done(self->arg, PROVIDER_NOT_CONFIGURED, STATUS_OK, NULL);
	}
}

static void fetch(struct provider *provider, provider_fn done, void *arg)
{
	struct provider_profile *self = (struct provider_profile *)provider;

	self->done = done;
	self->arg = arg;
	profile_reader_ask(&self->reader);
}

static void free_provider(struct provider *provider)
{
	struct provider_profile *self = (struct provider_profile *)provider;

	profile_reader_deinit(&self->reader);
	free(self);
}

static const struct provider_ops ops = {
        .name = NAME,
        .fetch = fetch,
        .free = free_provider,
};

struct provider *provider_profile_new(const struct provider_parts *parts)
{
	struct provider_profile *self = calloc(1, sizeof(*self));

	if (!self)
		return NULL;
	self->provider.ops = &ops;
	self->log = parts->log;
	self->profile = parts->profile;
	profile_reader_init(&self->reader, parts->loop, parts->profile, profile_was_read, self);
	return &self->provider;
}
