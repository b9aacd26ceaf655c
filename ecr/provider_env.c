/* The environment's keys. They are copied at once: other threads may run when they are asked for.
 */
#include "ecr/provider_env.h"
#include "base/log.h"
#include "ecr/credentials.h"
#include "ecr/provider.h"
#include "ecr/settings.h"
#include "net/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#define NAME "env"

struct provider_env {
	struct provider provider; /* first, so that a provider is its provider_env */
	struct loop *loop;
	struct log *log;
	struct credentials *credentials; /* NULL where the environment has none */
	const char *missing;             /* the variable of the two that is not set, or NULL */
	bool bad_expiration;
	struct loop_task answer;
	provider_fn done; /* of the question under way */
	void *arg;
};

static void answer(struct loop_task *task)
{
	struct provider_env *env =
	        (struct provider_env *)((char *)task - offsetof(struct provider_env, answer));

	if (env->missing) {
		log_event(env->log, LEVEL_ERROR, "credentials " NAME,
		          "no AWS credentials: only one half of the key is in the environment; set "
		          "%s, too, or unset both to use a profile",
		          env->missing);
		env->done(env->arg, PROVIDER_FAILED, STATUS_NO_CREDENTIALS, NULL);
	} else if (env->bad_expiration) {
		log_event(env->log, LEVEL_ERROR, "credentials " NAME,
		          "no AWS credentials: AWS_CREDENTIAL_EXPIRATION is not a time such as "
		          "2026-01-02T03:04:05Z; set it to one, or unset it");
		env->done(env->arg, PROVIDER_FAILED, STATUS_NO_CREDENTIALS, NULL);
	} else if (env->credentials) {
		env->done(env->arg, PROVIDER_FOUND, STATUS_OK, credentials_ref(env->credentials));
	} else {
		env->done(env->arg, PROVIDER_NOT_CONFIGURED, STATUS_OK, NULL);
	}
}

static void fetch(struct provider *provider, provider_fn done, void *arg)
{
	struct provider_env *env = (struct provider_env *)provider;

	env->done = done;
	env->arg = arg;
	loop_post(env->loop, &env->answer);
}

static void free_provider(struct provider *provider)
{
	struct provider_env *env = (struct provider_env *)provider;

	loop_unpost(env->loop, &env->answer);
	credentials_unref(env->credentials);
	free(env);
}

static const struct provider_ops ops = {
        .name = NAME,
        .fetch = fetch,
        .free = free_provider,
};

/* Answers false for a variable that is no time. */
static bool read_expiration(uint64_t *ret_expires_ns)
{
	const char *text = aws_settings_variable("AWS_CREDENTIAL_EXPIRATION");
	int64_t expires_s;

	*ret_expires_ns = 0;
	if (!text)
		return true;
	if (!clock_parse_utc(text, &expires_s) || expires_s <= 0)
		return false;
	*ret_expires_ns = clock_seconds_ns(expires_s);
	return true;
}

/* Answers whether there was memory. */
static bool read_environment(struct provider_env *env)
{
	const char *key_id = aws_settings_variable("AWS_ACCESS_KEY_ID");
	const char *secret = aws_settings_variable("AWS_SECRET_ACCESS_KEY");
	const char *token = aws_settings_variable("AWS_SESSION_TOKEN");
	uint64_t expires_ns;

	if (!key_id && !secret)
		return true;
	if (!key_id || !secret) {
		env->missing = key_id ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID";
		return true;
	}
	if (!read_expiration(&expires_ns)) {
		env->bad_expiration = true;
		return true;
	}
	if (!token)
		token = aws_settings_variable("AWS_SECURITY_TOKEN"); /* its name of old */
	env->credentials = credentials_new(
	        key_id, secret, token, aws_settings_variable("AWS_ACCOUNT_ID"), expires_ns, NAME);
	return env->credentials;
}

struct provider *provider_env_new(const struct provider_parts *parts)
{
	struct provider_env *env = calloc(1, sizeof(*env));

	if (!env)
		return NULL;
	env->provider.ops = &ops;
	env->loop = parts->loop;
	env->log = parts->log;
	env->answer.run = answer;
	if (!read_environment(env)) {
		free(env);
		return NULL;
	}
	return &env->provider;
}
