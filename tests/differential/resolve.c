/* What a mount with these options would sign with and send to, in this environment, as one line of
 * JSON: for the comparison with botocore. The log, on standard error, tells why where it failed.
 *
 *     resolve [profile=NAME] [region=NAME] [endpoint_url=URL] [use_fips_endpoint]
 *             [use_dualstack_endpoint]
 *
 * Nothing is sent but what the providers send. Of the secrets only digests are printed.
 */
#include "base/digest.h"
#include "base/log.h"
#include "ecr/api.h"
#include "ecr/client.h"
#include "ecr/credentials.h"
#include "ecr/principal.h"
#include "ecr/principals.h"
#include "ecr/settings.h"
#include "ecr/trial.h"
#include "net/loop.h"

#include <cjson/cJSON.h>
#include <semaphore.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct resolution {
	struct loop_task start; /* first, so that a task is its resolution */
	struct client *client;
	struct aws_settings settings;
	cJSON *answer;
	struct trial place;
	sem_t done; /* once for the credentials, once for the place */
};

static const char *after(const char *text, const char *prefix)
{
	size_t length = strlen(prefix);

	return strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

/* Answers whether it is an option. */
static bool read_option(const char *text, struct aws_settings *settings)
{
	const char *value;

	if ((value = after(text, "profile=")))
		settings->profile = value;
	else if ((value = after(text, "region=")))
		settings->region = value;
	else if ((value = after(text, "endpoint_url=")))
		settings->endpoint_url = value;
	else if (strcmp(text, "use_fips_endpoint") == 0)
		settings->use_fips_endpoint = AWS_CHOICE_ON;
	else if (strcmp(text, "use_dualstack_endpoint") == 0)
		settings->use_dualstack_endpoint = AWS_CHOICE_ON;
	else
		return false;
	return true;
}

static void add_text(cJSON *answer, const char *name, const char *value)
{
	if (value && !cJSON_AddStringToObject(answer, name, value))
		abort();
}

static void add_digest(cJSON *answer, const char *name, const char *secret)
{
	char hex[DIGEST_HEX_SIZE];
	struct digest digest;

	if (!secret)
		return;
	if (digest_compute(secret, strlen(secret), &digest) < 0)
		abort();
	digest_format_hex(&digest, hex);
	add_text(answer, name, hex);
}

static void credentials_found(void *arg, enum status status, struct credentials *credentials)
{
	struct resolution *resolution = arg;
	cJSON *answer = resolution->answer;

	if (status == STATUS_OK) {
		const char *token = credentials_session_token(credentials);

		add_text(answer, "access_key_id", credentials_access_key_id(credentials));
		add_text(answer, "account_id", credentials_account(credentials));
		add_text(answer, "provider", credentials_provider(credentials));
		cJSON_AddBoolToObject(answer, "has_token", token != NULL);
		add_digest(answer, "secret_sha256", credentials_secret(credentials));
		add_digest(answer, "token_sha256", token);
	} else {
		add_text(answer, "error", status_text(status));
	}
	sem_post(&resolution->done);
}

/* Of the other services, where they are for the same region. */
static void add_services(cJSON *answer, const struct trial *trial)
{
	static const char *const names[AWS_N_SERVICES] = {
	        [AWS_STS] = "sts",
	        [AWS_SSO] = "sso",
	        [AWS_SSO_OIDC] = "sso-oidc",
	        [AWS_SIGNIN] = "signin",
	};

	for (enum aws_service service = AWS_STS; service < AWS_N_SERVICES; service++) {
		struct endpoint endpoint;

		if (endpoint_choice_get(&trial->principal->endpoints, service, trial->registry,
		                        trial->endpoint.region, &endpoint) == ENDPOINT_FOUND)
			add_text(answer, names[service], endpoint.url);
	}
}

static void place_found(struct trial *trial)
{
	struct resolution *resolution =
	        (struct resolution *)((char *)trial - offsetof(struct resolution, place));
	cJSON *answer = resolution->answer;

	if (trial->status == STATUS_OK) {
		add_text(answer, "region", trial->endpoint.region);
		add_text(answer, "endpoint", trial->endpoint.url);
		add_services(answer, trial);
	} else if (trial->error[0]) {
		add_text(answer, "endpoint_error", trial->error);
	} else {
		add_text(answer, "region_error", status_text(trial->status));
	}
	sem_post(&resolution->done);
}

static void start(struct loop_task *task)
{
	static const struct registry own;
	struct resolution *resolution = (struct resolution *)task;
	struct api *api = client_api(resolution->client);

	resolution->place.kind = TRIAL_REGION;
	resolution->place.registry = &own;
	resolution->place.done = place_found;
	trial_ask(&resolution->place, api);
	if (principal_credentials(api_parts(api)->principals->own, credentials_found, resolution) <
	    0)
		abort();
}

/* Answers whether there was anybody to ask. */
static bool resolve(struct loop *loop, struct log *log, struct resolution *resolution)
{
	if (client_new(loop, clock_system(), log, &resolution->settings, &resolution->client) < 0)
		return false;
	sem_init(&resolution->done, 0, 0);
	resolution->start.run = start;
	if (loop_start(loop) < 0)
		abort();
	loop_post(loop, &resolution->start);
	for (int i = 0; i < 2; i++)
		while (sem_wait(&resolution->done) < 0)
			;
	loop_stop(loop);
	client_free(resolution->client);
	sem_destroy(&resolution->done);
	return true;
}

int main(int argc, char **argv)
{
	struct resolution resolution = {
	        .settings = {.max_connections = 1,
	                     .connect_timeout_ns = 5 * NS_PER_S,
	                     .read_timeout_ns = 5 * NS_PER_S},
	        .answer = cJSON_CreateObject(),
	};
	struct loop *loop;
	struct log *log;
	char *text;

	for (int i = 1; i < argc; i++)
		if (!read_option(argv[i], &resolution.settings))
			return 2;
	aws_settings_complete(&resolution.settings);
	if (!resolution.answer || log_new(clock_system(), LEVEL_WARNING, &log) < 0 ||
	    loop_new(&loop) < 0 || !resolve(loop, log, &resolution))
		return 1;
	text = cJSON_PrintUnformatted(resolution.answer);
	if (text)
		puts(text);
	free(text);
	cJSON_Delete(resolution.answer);
	loop_free(loop);
	log_free(log);
	return text ? 0 : 1;
}
