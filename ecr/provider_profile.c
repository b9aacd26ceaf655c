/* Static keys of the profile in use. What else a profile can name as its source of credentials is
 * recognised, so that the keys beside it are not taken for it: that would be another identity. */
#include "ecr/provider_profile.h"
#include "base/log.h"
#include "ecr/credentials.h"
#include "ecr/profile.h"
#include "ecr/provider.h"
#include "net/loop.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#define NAME "shared-credentials-file"

struct provider_profile {
	struct provider provider; /* first, so that a provider is its provider_profile */
	struct loop *loop;
	struct log *log;
	struct profile *profile;
	struct loop_task refuse; /* when the files cannot even be asked for */
	enum status refused;
	provider_fn done; /* of the question under way */
	void *arg;
};

static void fail(struct provider_profile *self, enum status status)
{
	self->done(self->arg, PROVIDER_FAILED, status, NULL);
}

/* A key whose presence means that the credentials come from elsewhere, or NULL. In the order of the
 * AWS CLI the first ones win over static keys, the later ones do not. */
static const char *other_source(const struct profile_content *content, bool static_keys)
{
	static const char *const before_keys[] = {"role_arn", "sso_session", "sso_start_url"};
	static const char *const after_keys[] = {"login_session", "credential_process"};

	for (size_t i = 0; i < sizeof(before_keys) / sizeof(before_keys[0]); i++)
		if (profile_get(content, before_keys[i]))
			return before_keys[i];
	for (size_t i = 0; !static_keys && i < sizeof(after_keys) / sizeof(after_keys[0]); i++)
		if (profile_get(content, after_keys[i]))
			return after_keys[i];
	return NULL;
}

static void answer_with_keys(struct provider_profile *self, const struct profile_content *content,
                             const char *key_id, const char *secret)
{
	const char *token = profile_get(content, "aws_session_token");
	struct credentials *credentials;

	if (!token)
		token = profile_get(content, "aws_security_token"); /* its name of old */
	credentials = credentials_new(key_id, secret, token, profile_get(content, "aws_account_id"),
	                              0, NAME);
	if (credentials)
		self->done(self->arg, PROVIDER_FOUND, STATUS_OK, credentials);
	else
		fail(self, STATUS_NO_MEMORY);
}

static void answer_without_profile(struct provider_profile *self)
{
	const char *name = profile_name(self->profile);

	if (!profile_is_named(self->profile)) {
		self->done(self->arg, PROVIDER_NOT_CONFIGURED, STATUS_OK, NULL);
		return;
	}
	log_event(self->log, LEVEL_ERROR, "credentials " NAME,
	          "no AWS credentials: profile %s is in neither the AWS config nor the credentials "
	          "file; mount with -o profile=NAME or set AWS_PROFILE to one that is, or run "
	          "`aws configure --profile %s`",
	          name, name);
	fail(self, STATUS_NO_CREDENTIALS);
}

static void answer_from(struct provider_profile *self, const struct profile_content *content)
{
	const char *key_id = profile_get(content, "aws_access_key_id");
	const char *secret = profile_get(content, "aws_secret_access_key");
	const char *other = other_source(content, key_id || secret);
	const char *name = profile_name(self->profile);

	if (other) {
		log_event(self->log, LEVEL_ERROR, "credentials " NAME,
		          "no AWS credentials: profile %s has %s, which is not supported yet; use "
		          "a profile with keys, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
		          name, other);
		fail(self, STATUS_NO_CREDENTIALS);
	} else if (!key_id && !secret) {
		self->done(self->arg, PROVIDER_NOT_CONFIGURED, STATUS_OK, NULL);
	} else if (!key_id || !secret) {
		log_event(self->log, LEVEL_ERROR, "credentials " NAME,
		          "no AWS credentials: profile %s has only one half of the key; add %s, or "
		          "run `aws configure --profile %s`",
		          name, key_id ? "aws_secret_access_key" : "aws_access_key_id", name);
		fail(self, STATUS_NO_CREDENTIALS);
	} else {
		answer_with_keys(self, content, key_id, secret);
	}
}

static void profile_was_read(void *arg, int error, const struct profile_content *content)
{
	struct provider_profile *self = arg;

	enum status shortage = status_of_shortage(-error);

	if (error) /* logged by the profile */
		fail(self, shortage != STATUS_OK ? shortage : STATUS_NO_CREDENTIALS);
	else if (!profile_exists(content))
		answer_without_profile(self);
	else
		answer_from(self, content);
}

static void refuse(struct loop_task *task)
{
	struct provider_profile *self =
	        (struct provider_profile *)((char *)task -
	                                    offsetof(struct provider_profile, refuse));

	fail(self, self->refused);
}

static void fetch(struct provider *provider, provider_fn done, void *arg)
{
	struct provider_profile *self = (struct provider_profile *)provider;
	int r = profile_read(self->profile, profile_was_read, self);

	self->done = done;
	self->arg = arg;
	if (r == 0)
		return;
	/* A full disk pool is one whose disk does not answer. */
	self->refused = r == -EBUSY ? STATUS_TIMED_OUT : STATUS_NO_MEMORY;
	loop_post(self->loop, &self->refuse);
}

static void free_provider(struct provider *provider)
{
	struct provider_profile *self = (struct provider_profile *)provider;

	profile_forget(self->profile, self);
	loop_unpost(self->loop, &self->refuse);
	free(self);
}

static const struct provider_ops ops = {
        .name = NAME,
        .fetch = fetch,
        .free = free_provider,
};

struct provider *provider_profile_new(struct loop *loop, struct log *log, struct profile *profile)
{
	struct provider_profile *self = calloc(1, sizeof(*self));

	if (!self)
		return NULL;
	self->provider.ops = &ops;
	self->loop = loop;
	self->log = log;
	self->profile = profile;
	self->refuse.run = refuse;
	return &self->provider;
}
