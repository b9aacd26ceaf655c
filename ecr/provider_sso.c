/* profile ─► token ─► GetRoleCredentials ─► credentials */
#include "ecr/provider_sso.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "ecr/credentials.h"
#include "ecr/json_fields.h"
#include "ecr/login_cache.h"
#include "ecr/profile.h"
#include "ecr/profile_reader.h"
#include "ecr/provider.h"
#include "ecr/query.h"
#include "ecr/sso_config.h"
#include "ecr/sso_token.h"
#include "ecr/unsigned_call.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME      "sso"
#define DIRECTORY "~/.aws/sso/cache"

/* Milliseconds, as the API counts, until 2286; no time that is read overflows. */
#define MAX_TIME_MS 1e13

struct provider_sso {
	struct provider provider; /* first, so that a provider is its provider_sso */
	struct provider_parts parts;
	struct profile_reader reader;
	struct sso_config config; /* of the question under way, or all zero */
	struct login_cache *cache;
	struct unsigned_call *call; /* NULL: none */
	provider_fn done;           /* of the question under way */
	void *arg;
};

static void fail(struct provider_sso *self, enum status status)
{
	self->done(self->arg, PROVIDER_FAILED, status, NULL);
}

static void answer_from(struct provider_sso *self, const struct json_fields *fields)
{
	const char *key_id = json_fields_text(fields, "roleCredentials.accessKeyId");
	const char *secret = json_fields_text(fields, "roleCredentials.secretAccessKey");
	const char *token = json_fields_text(fields, "roleCredentials.sessionToken");
	struct credentials *credentials;
	double ms;

	if (!key_id || !secret || !token ||
	    !json_fields_number(fields, "roleCredentials.expiration", &ms) ||
	    !(ms >= 1 && ms < MAX_TIME_MS)) {
		log_event(self->parts.log, LEVEL_ERROR, "credentials " NAME,
		          "no AWS credentials: the answer of %s to GetRoleCredentials has none",
		          self->config.portal.host);
		fail(self, STATUS_PROTOCOL);
		return;
	}
	credentials = credentials_new(key_id, secret, token, self->config.account,
	                              (uint64_t)ms * NS_PER_MS, NAME);
	if (credentials)
		self->done(self->arg, PROVIDER_FOUND, STATUS_OK, credentials);
	else
		fail(self, STATUS_NO_MEMORY);
}

static void receive_success(struct provider_sso *self, const struct http_answer *answer)
{
	struct json_fields *fields;
	int r = json_fields_read(answer->body, answer->body_size, &fields);

	if (r == -EBADMSG) /* said with what is missing */
		r = json_fields_read("{}", 2, &fields);
	if (r < 0) {
		fail(self, STATUS_NO_MEMORY);
		return;
	}
	answer_from(self, fields);
	json_fields_free(fields);
}

static enum status status_of(const struct http_answer *answer)
{
	if (answer->status != STATUS_OK)
		return answer->status;
	if (answer->code == 401)
		return STATUS_CREDENTIALS_EXPIRED;
	if (answer->code == 429)
		return STATUS_THROTTLED;
	return answer->code >= 500 ? STATUS_SERVER_ERROR : STATUS_NO_CREDENTIALS;
}

#define REMEDY_SIZE 256

/* What to do about an answer, or nothing where it may pass by itself. */
static void write_remedy(const struct provider_sso *self, const struct http_answer *answer,
                         char remedy[static REMEDY_SIZE])
{
	const char *profile = profile_name(self->parts.profile);

	if (answer->status != STATUS_OK || answer->code == 429 || answer->code >= 500)
		remedy[0] = '\0';
	else if (answer->code == 401)
		snprintf(remedy, REMEDY_SIZE,
		         "; the token is not accepted any more: run `aws sso login --profile %s`",
		         profile);
	else
		snprintf(
		        remedy, REMEDY_SIZE,
		        "; sso_account_id and sso_role_name of profile %s must be an account and a "
		        "permission set that the user who is logged in is assigned",
		        profile);
}

static void receive_failure(struct provider_sso *self, const struct http_answer *answer)
{
	const struct sso_config *config = &self->config;
	char why[UNSIGNED_CALL_WHY_SIZE], remedy[REMEDY_SIZE];

	unsigned_call_explain(answer, why);
	write_remedy(self, answer, remedy);
	log_event(self->parts.log, LEVEL_ERROR, "credentials " NAME,
	          "no AWS credentials: GetRoleCredentials for role %s of account %s at %s failed: "
	          "%s%s",
	          config->role, config->account, config->portal.host, why, remedy);
	fail(self, status_of(answer));
}

static void answered(void *arg, const struct http_answer *answer)
{
	struct provider_sso *self = arg;

	self->call = NULL;
	if (answer->status == STATUS_OK && answer->code == 200)
		receive_success(self, answer);
	else
		receive_failure(self, answer);
}

/* Answers 0 or -ENOMEM. */
static int get_role_credentials(struct provider_sso *self, const char *token)
{
	const struct query_parameter parameters[] = {
	        {"role_name", self->config.role},
	        {"account_id", self->config.account},
	};
	CLEANUP(free_string) char *query = query_form(parameters, 2);
	CLEANUP(free_string) char *url = NULL;
	char *header = NULL;
	int r = -ENOMEM;

	if (query &&
	    asprintf(&url, "%sfederation/credentials?%s", self->config.portal.url, query) < 0)
		url = NULL;
	if (asprintf(&header, "x-amz-sso_bearer_token: %s", token) < 0)
		header = NULL;
	if (url && header) {
		struct unsigned_question question = {.url = url, .headers = {header}};

		r = unsigned_call_start(self->parts.loop, self->parts.http, &question, answered,
		                        self, &self->call);
	}
	json_fields_free_text(header);
	return r;
}

static void token_is_there(void *arg, enum status status, const struct login_token *token)
{
	struct provider_sso *self = arg;

	if (status == STATUS_OK &&
	    get_role_credentials(self, json_fields_text(token->fields, SSO_TOKEN_ACCESS)) < 0)
		status = STATUS_NO_MEMORY;
	if (status != STATUS_OK)
		fail(self, status);
}

/* Tokens of the form of old are never renewed: the AWS CLI registers no client for them. */
static void ask_for_token(struct provider_sso *self)
{
	const struct sso_config *config = &self->config;
	char name[DIGEST_SHA1_HEX_SIZE], url[ENDPOINT_URL_SIZE + sizeof("token")];

	if (digest_sha1_hex(config->session ? config->session : config->start_url, name) < 0) {
		log_event(
		        self->parts.log, LEVEL_ERROR, "credentials " NAME,
		        "no AWS credentials: OpenSSL refuses SHA-1, which names the token caches");
		fail(self, STATUS_NO_CREDENTIALS);
		return;
	}
	snprintf(url, sizeof(url), "%stoken", config->oidc.url);
	login_cache_ask(self->cache, name, config->session ? url : NULL, token_is_there, self);
}

static void profile_was_read(void *arg, enum status status, const struct profile_content *content)
{
	struct provider_sso *self = arg;
	char error[SSO_CONFIG_ERROR_SIZE];

	if (status != STATUS_OK) {
		fail(self, status);
		return;
	}
	sso_config_deinit(&self->config);
	switch (sso_config_read(content, self->parts.settings, &self->config, error)) {
	case SSO_CONFIG_FOUND:
		ask_for_token(self);
		return;
	case SSO_CONFIG_NOT_THERE:
		self->done(self->arg, PROVIDER_NOT_CONFIGURED, STATUS_OK, NULL);
		return;
	case SSO_CONFIG_WRONG:
		log_event(self->parts.log, LEVEL_ERROR, "credentials " NAME,
		          "no AWS credentials: %s", error);
		fail(self, STATUS_NO_CREDENTIALS);
		return;
	case SSO_CONFIG_NO_MEMORY:
		fail(self, STATUS_NO_MEMORY);
		return;
	}
}

static void fetch(struct provider *provider, provider_fn done, void *arg)
{
	struct provider_sso *self = (struct provider_sso *)provider;

	self->done = done;
	self->arg = arg;
	profile_reader_ask(&self->reader);
}

static void free_provider(struct provider *provider)
{
	struct provider_sso *self = (struct provider_sso *)provider;

	profile_reader_deinit(&self->reader);
	unsigned_call_free(self->call);
	login_cache_free(self->cache);
	sso_config_deinit(&self->config);
	free(self);
}

struct provider *provider_sso_new(const struct provider_parts *parts)
{
	static const struct provider_ops ops = {
	        .name = NAME,
	        .fetch = fetch,
	        .free = free_provider,
	};
	struct provider_sso *self = calloc(1, sizeof(*self));

	if (!self)
		return NULL;
	self->provider.ops = &ops;
	self->parts = *parts;
	self->cache = login_cache_new(parts, &sso_token_kind, NULL, DIRECTORY);
	if (!self->cache) {
		free(self);
		return NULL;
	}
	profile_reader_init(&self->reader, parts->loop, parts->profile, profile_was_read, self);
	return &self->provider;
}
