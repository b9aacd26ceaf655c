/* One GET, with the token that the container was given. */
#include "ecr/provider_container.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "ecr/container_url.h"
#include "ecr/metadata_call.h"
#include "ecr/metadata_credentials.h"
#include "ecr/provider.h"
#include "ecr/settings.h"
#include "net/disk_file.h"
#include "net/loop.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME "container-role"

#define TOKEN_FILE "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
#define TOKEN      "AWS_CONTAINER_AUTHORIZATION_TOKEN"

#define AUTHORIZATION "Authorization: "

/* What is so much like the token is not shown. */
#define TOKEN_PREFIX 16

/* botocore's (ContainerMetadataFetcher). */
#define TIMEOUT_NS (2 * NS_PER_S)
#define ATTEMPTS   3
#define PAUSE_NS   (1 * NS_PER_S)

/* Tokens are JWTs of 1 to 2 KiB. */
#define MAX_TOKEN_BYTES (16u * 1024)

struct provider_container {
	struct provider provider; /* first, so that a provider is its provider_container */
	struct loop *loop;
	struct log *log;
	struct http *http;
	enum container_url_answer place;
	char url[CONTAINER_URL_SIZE];
	char host[ENDPOINT_URL_SIZE]; /* for messages */
	char *token_path, *token;     /* NULL: not set */
	struct loop_task answer;      /* without asking anybody */
	enum status failure;          /* what that is, where `place` does not tell */
	const char *failure_text;
	struct disk_reading *reading;
	struct metadata_call *call;
	char *sent;       /* the header with the token, of the question under way, or NULL */
	provider_fn done; /* of the question under way */
	void *arg;
};

static void finish(struct provider_container *self, enum provider_answer answer, enum status status,
                   struct credentials *credentials)
{
	wipe_string(&self->sent);
	self->sent = NULL;
	self->done(self->arg, answer, status, credentials);
}

static void fail(struct provider_container *self, enum status status, const char *why)
{
	log_event(self->log, LEVEL_ERROR, "credentials " NAME,
	          "no AWS credentials from the container's endpoint: %s", why);
	finish(self, PROVIDER_FAILED, status, NULL);
}

/* Who refuses says why; some repeat what they were sent. */
static void hide_token(const struct provider_container *self, char why[static METADATA_WHY_SIZE])
{
	char token[TOKEN_PREFIX + 1];

	if (!self->sent)
		return;
	snprintf(token, sizeof(token), "%s", self->sent + strlen(AUTHORIZATION));
	if (token[0] && strstr(why, token))
		snprintf(why, METADATA_WHY_SIZE, "it repeats the token, so that is not shown");
}

static void take_credentials(struct provider_container *self, const struct http_answer *answer)
{
	struct credentials *credentials;
	char why[METADATA_WHY_SIZE], text[METADATA_WHY_SIZE + ENDPOINT_URL_SIZE + 8];
	enum status status =
	        metadata_credentials_read(answer->body, answer->body_size, NAME, &credentials, why);

	if (status == STATUS_OK) {
		finish(self, PROVIDER_FOUND, STATUS_OK, credentials);
		return;
	}
	hide_token(self, why);
	snprintf(text, sizeof(text), "%s: %s", self->host, why);
	fail(self, status, text);
}

static void answered(void *arg, const struct http_answer *answer)
{
	struct provider_container *self = arg;
	char why[METADATA_WHY_SIZE], text[METADATA_WHY_SIZE + ENDPOINT_URL_SIZE + 128];

	self->call = NULL;
	if (answer->status != STATUS_OK) {
		snprintf(text, sizeof(text),
		         "%s: %s; is the agent that gives the container its role running?",
		         self->host, answer->error);
		fail(self, answer->status, text);
	} else if (answer->code == 200) {
		take_credentials(self, answer);
	} else {
		metadata_error_read(answer->body, answer->body_size, why);
		hide_token(self, why);
		snprintf(text, sizeof(text),
		         "%s answered HTTP %ld%s%s; look at the role that the container was given",
		         self->host, answer->code, why[0] ? ", " : "", why);
		fail(self, answer->code >= 500 ? STATUS_SERVER_ERROR : STATUS_NO_CREDENTIALS, text);
	}
}

/* A line break would begin another header. */
static bool is_token(const char *token)
{
	return !token[strcspn(token, "\r\n")];
}

/* Answers 0 or -ENOMEM. */
static int ask(struct provider_container *self, const char *token)
{
	struct metadata_question question = {
	        .url = self->url,
	        .headers = {"Accept: application/json"},
	        .timeout_ns = TIMEOUT_NS,
	        .attempts = ATTEMPTS,
	        .pause_ns = PAUSE_NS,
	};

	if (token && asprintf(&self->sent, AUTHORIZATION "%s", token) < 0) {
		self->sent = NULL;
		return -ENOMEM;
	}
	question.headers[1] = self->sent;
	return metadata_call_start(self->loop, self->http, &question, answered, self, &self->call);
}

static void token_was_read(void *arg, int error, const char *text, size_t size)
{
	struct provider_container *self = arg;
	enum status shortage = status_of_shortage(-error);
	char why[512];

	self->reading = NULL;
	if (error) {
		snprintf(why, sizeof(why), "the file of " TOKEN_FILE ", %.300s, cannot be read: %s",
		         self->token_path, strerror(-error));
		fail(self, shortage != STATUS_OK ? shortage : STATUS_NO_CREDENTIALS, why);
	} else if (strlen(text) != size || !is_token(text)) {
		snprintf(why, sizeof(why),
		         "the file of " TOKEN_FILE ", %.300s, has a line break or a NUL in its "
		         "token; write the token alone, without an end of line",
		         self->token_path);
		fail(self, STATUS_NO_CREDENTIALS, why);
	} else if (ask(self, text) < 0) {
		fail(self, STATUS_NO_MEMORY, "no memory for the request");
	}
}

/* What can be said without asking anybody. */
static void answer_alone(struct loop_task *task)
{
	struct provider_container *self =
	        (struct provider_container *)((char *)task -
	                                      offsetof(struct provider_container, answer));
	char why[ENDPOINT_URL_SIZE + 256];

	switch (self->place) {
	case CONTAINER_URL_NONE:
		self->done(self->arg, PROVIDER_NOT_CONFIGURED, STATUS_OK, NULL);
		break;
	case CONTAINER_URL_BAD:
		fail(self, STATUS_MISCONFIGURED,
		     "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not /PATH, or "
		     "AWS_CONTAINER_CREDENTIALS_FULL_URI not http(s)://HOST[:PORT]/PATH; correct "
		     "it, or unset it");
		break;
	case CONTAINER_URL_NOT_ALLOWED:
		snprintf(why, sizeof(why),
		         "AWS_CONTAINER_CREDENTIALS_FULL_URI is http, which is not allowed to %s; "
		         "use https, or localhost or an address of this host, ECS or EKS in "
		         "figures",
		         self->host);
		fail(self, STATUS_MISCONFIGURED, why);
		break;
	case CONTAINER_URL_FOUND:
		fail(self, self->failure, self->failure_text);
		break;
	}
}

static void answer_later(struct provider_container *self, enum status failure, const char *text)
{
	self->failure = failure;
	self->failure_text = text;
	loop_post(self->loop, &self->answer);
}

static void fetch(struct provider *provider, provider_fn done, void *arg)
{
	struct provider_container *self = (struct provider_container *)provider;
	int r;

	self->done = done;
	self->arg = arg;
	if (self->place != CONTAINER_URL_FOUND) {
		answer_later(self, STATUS_OK, NULL);
	} else if (self->token_path) {
		r = disk_file_read(self->loop, self->token_path, MAX_TOKEN_BYTES, token_was_read,
		                   self, &self->reading);
		if (r == -EBUSY)
			answer_later(self, STATUS_TIMED_OUT,
			             "the file of " TOKEN_FILE " cannot be read: other files hang");
		else if (r < 0)
			answer_later(self, STATUS_NO_MEMORY,
			             "no memory to read the file of " TOKEN_FILE);
	} else if (self->token && !is_token(self->token)) {
		answer_later(self, STATUS_MISCONFIGURED,
		             TOKEN " has a line break; set it to the token alone");
	} else if (ask(self, self->token) < 0) {
		answer_later(self, STATUS_NO_MEMORY, "no memory for the request");
	}
}

static void free_provider(struct provider *provider)
{
	struct provider_container *self = (struct provider_container *)provider;

	loop_unpost(self->loop, &self->answer);
	disk_file_abandon(self->reading);
	metadata_call_free(self->call);
	free(self->token_path);
	wipe_string(&self->token);
	wipe_string(&self->sent);
	free(self);
}

static const struct provider_ops ops = {
        .name = NAME,
        .fetch = fetch,
        .free = free_provider,
};

/* Answers whether there was memory. */
static bool read_variable(const char *name, char **ret_value)
{
	const char *value = aws_settings_variable(name);

	*ret_value = value ? strdup(value) : NULL;
	return *ret_value || !value;
}

struct provider *provider_container_new(const struct provider_parts *parts)
{
	struct provider_container *self = calloc(1, sizeof(*self));

	if (!self)
		return NULL;
	self->provider.ops = &ops;
	self->loop = parts->loop;
	self->log = parts->log;
	self->http = parts->http;
	self->answer.run = answer_alone;
	self->place = container_url_choose(
	        aws_settings_variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
	        aws_settings_variable("AWS_CONTAINER_CREDENTIALS_FULL_URI"), self->url, self->host);
	if (!read_variable(TOKEN_FILE, &self->token_path) || !read_variable(TOKEN, &self->token)) {
		free_provider(&self->provider);
		return NULL;
	}
	return &self->provider;
}
