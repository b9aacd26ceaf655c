/* profile ─► login_session ─► region, for where it is renewed ─► file ─► credentials */
#include "ecr/provider_login.h"
#include "base/digest.h"
#include "base/log.h"
#include "ecr/credentials.h"
#include "ecr/endpoint_choice.h"
#include "ecr/json_fields.h"
#include "ecr/login_cache.h"
#include "ecr/profile.h"
#include "ecr/profile_reader.h"
#include "ecr/provider.h"
#include "ecr/settings.h"
#include "ecr/signin_token.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME      "login"
#define VARIABLE  "AWS_LOGIN_CACHE_DIRECTORY"
#define DIRECTORY "~/.aws/login/cache"

struct provider_login {
	struct provider provider; /* first, so that a provider is its provider_login */
	struct provider_parts parts;
	struct profile_reader reader;
	struct login_cache *cache;
	provider_fn done; /* of the question under way */
	void *arg;
};

static void fail(struct provider_login *self, enum status status)
{
	self->done(self->arg, PROVIDER_FAILED, status, NULL);
}

static void token_is_there(void *arg, enum status status, const struct login_token *token)
{
	struct provider_login *self = arg;
	struct credentials *credentials = NULL;

	if (status == STATUS_OK) {
		const struct json_fields *fields = token->fields;

		credentials = credentials_new(json_fields_text(fields, SIGNIN_TOKEN_KEY_ID),
		                              json_fields_text(fields, SIGNIN_TOKEN_SECRET),
		                              json_fields_text(fields, SIGNIN_TOKEN_SESSION),
		                              json_fields_text(fields, SIGNIN_TOKEN_ACCOUNT),
		                              token->expires_ns, NAME);
		status = credentials ? STATUS_OK : STATUS_NO_MEMORY;
	}
	if (status == STATUS_OK)
		self->done(self->arg, PROVIDER_FOUND, STATUS_OK, credentials);
	else
		fail(self, status);
}

/* Where it is renewed: in the region of the profile, as the AWS SDKs do; else in that of the mount.
 * Answers whether there is one; it has been logged where not. */
static bool find_url(const struct provider_login *self, const struct profile_content *content,
                     char *url, size_t size)
{
	const char *region = profile_get(content, "region");
	struct endpoint endpoint;
	enum endpoint_answer answer;

	if (!region)
		region = self->parts.settings->region;
	if (!region) {
		log_event(self->parts.log, LEVEL_WARNING, "credentials login region",
		          "the sign-in to the AWS console cannot be renewed: profile %s has no "
		          "region",
		          content->name);
		return false;
	}
	answer = endpoint_choose(self->parts.settings, content, AWS_SIGNIN, region, &endpoint);
	if (answer != ENDPOINT_FOUND) {
		log_event(self->parts.log, LEVEL_WARNING, "credentials login endpoint",
		          "the sign-in to the AWS console cannot be renewed in region %s: %s",
		          region, endpoint_answer_text(answer));
		return false;
	}
	snprintf(url, size, "%sv1/token", endpoint.url);
	return true;
}

static void ask_for_token(struct provider_login *self, const struct profile_content *content,
                          const char *session)
{
	char name[DIGEST_HEX_SIZE], url[ENDPOINT_URL_SIZE + sizeof("v1/token")];
	bool has_url = find_url(self, content, url, sizeof(url));
	struct digest digest;

	if (digest_compute(session, strlen(session), &digest) < 0) {
		fail(self, STATUS_NO_MEMORY);
		return;
	}
	digest_format_hex(&digest, name);
	login_cache_ask(self->cache, name, has_url ? url : NULL, token_is_there, self);
}

static void profile_was_read(void *arg, enum status status, const struct profile_content *content)
{
	struct provider_login *self = arg;
	const char *session;

	if (status != STATUS_OK) {
		fail(self, status);
		return;
	}
	session = profile_get(content, "login_session");
	if (session)
		ask_for_token(self, content, session);
	else
		self->done(self->arg, PROVIDER_NOT_CONFIGURED, STATUS_OK, NULL);
}

static void fetch(struct provider *provider, provider_fn done, void *arg)
{
	struct provider_login *self = (struct provider_login *)provider;

	self->done = done;
	self->arg = arg;
	profile_reader_ask(&self->reader);
}

static void free_provider(struct provider *provider)
{
	struct provider_login *self = (struct provider_login *)provider;

	profile_reader_deinit(&self->reader);
	login_cache_free(self->cache);
	free(self);
}

struct provider *provider_login_new(const struct provider_parts *parts)
{
	static const struct provider_ops ops = {
	        .name = NAME,
	        .fetch = fetch,
	        .free = free_provider,
	};
	struct provider_login *self = calloc(1, sizeof(*self));

	if (!self)
		return NULL;
	self->provider.ops = &ops;
	self->parts = *parts;
	self->cache = login_cache_new(parts, &signin_token_kind, VARIABLE, DIRECTORY);
	if (!self->cache) {
		free(self);
		return NULL;
	}
	profile_reader_init(&self->reader, parts->loop, parts->profile, profile_was_read, self);
	return &self->provider;
}
