/* Two providers, alike but for the file. */
#include "ecr/provider_keys.h"
#include "base/log.h"
#include "ecr/credentials.h"
#include "ecr/profile.h"
#include "ecr/profile_reader.h"
#include "ecr/provider.h"

#include <stdlib.h>

struct provider_keys {
	struct provider provider; /* first, so that a provider is its provider_keys */
	struct log *log;
	enum aws_file file;
	struct profile_reader reader;
	provider_fn done; /* of the question under way */
	void *arg;
};

static void fail(struct provider_keys *self, enum status status)
{
	self->done(self->arg, PROVIDER_FAILED, status, NULL);
}

static const char *get(const struct provider_keys *self, const struct profile_content *content,
                       const char *key)
{
	return profile_get_from(content, self->file, content->name, key);
}

static void answer_with_keys(struct provider_keys *self, const struct profile_content *content,
                             const char *key_id, const char *secret)
{
	const char *token = get(self, content, "aws_session_token");
	struct credentials *credentials;

	if (!token)
		token = get(self, content, "aws_security_token"); /* its name of old */
	credentials = credentials_new(key_id, secret, token, profile_get(content, "aws_account_id"),
	                              0, self->provider.ops->name);
	if (credentials)
		self->done(self->arg, PROVIDER_FOUND, STATUS_OK, credentials);
	else
		fail(self, STATUS_NO_MEMORY);
}

static void profile_was_read(void *arg, enum status status, const struct profile_content *content)
{
	struct provider_keys *self = arg;
	const char *key_id, *secret;

	if (status != STATUS_OK) {
		fail(self, status);
		return;
	}
	key_id = get(self, content, "aws_access_key_id");
	secret = get(self, content, "aws_secret_access_key");
	if (key_id && secret) {
		answer_with_keys(self, content, key_id, secret);
	} else if (key_id || secret) {
		log_event(self->log, LEVEL_ERROR, self->provider.ops->name,
		          "no AWS credentials: profile %s has only one half of the key in the "
		          "AWS %s file; add %s there, or run `aws configure --profile %s`",
		          content->name, self->file == CONFIG_FILE ? "config" : "credentials",
		          key_id ? "aws_secret_access_key" : "aws_access_key_id", content->name);
		fail(self, STATUS_NO_CREDENTIALS);
	} else {
		self->done(self->arg, PROVIDER_NOT_CONFIGURED, STATUS_OK, NULL);
	}
}

static void fetch(struct provider *provider, provider_fn done, void *arg)
{
	struct provider_keys *self = (struct provider_keys *)provider;

	self->done = done;
	self->arg = arg;
	profile_reader_ask(&self->reader);
}

static void free_provider(struct provider *provider)
{
	struct provider_keys *self = (struct provider_keys *)provider;

	profile_reader_deinit(&self->reader);
	free(self);
}

static struct provider *create(const struct provider_parts *parts, enum aws_file file,
                               const struct provider_ops *ops)
{
	struct provider_keys *self = calloc(1, sizeof(*self));

	if (!self)
		return NULL;
	self->provider.ops = ops;
	self->log = parts->log;
	self->file = file;
	profile_reader_init(&self->reader, parts->loop, parts->profile, profile_was_read, self);
	return &self->provider;
}

struct provider *provider_credentials_file_new(const struct provider_parts *parts)
{
	static const struct provider_ops ops = {
	        .name = "shared-credentials-file",
	        .fetch = fetch,
	        .free = free_provider,
	};

	return create(parts, CREDENTIALS_FILE, &ops);
}

struct provider *provider_config_file_new(const struct provider_parts *parts)
{
	static const struct provider_ops ops = {
	        .name = "config-file",
	        .fetch = fetch,
	        .free = free_provider,
	};

	return create(parts, CONFIG_FILE, &ops);
}
