/* profile ─► token file ─► STS. The file is read at each refresh: the kubelet replaces it. */
#include "ecr/provider_web_identity.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "ecr/profile.h"
#include "ecr/profile_reader.h"
#include "ecr/provider.h"
#include "ecr/settings.h"
#include "ecr/sts.h"
#include "net/disk_file.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NAME "assume-role-with-web-identity"

/* STS: a token has at most 20,000 characters. */
#define TOKEN_MAX_BYTES 20000

/* Each may be a variable or a key of the profile; the variable wins. */
enum setting {
	TOKEN_FILE,
	ROLE_ARN,
	SESSION_NAME,
	N_SETTINGS,
};

static const struct names {
	const char *variable, *key;
} names[N_SETTINGS] = {
        [TOKEN_FILE] = {"AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file"},
        [ROLE_ARN] = {"AWS_ROLE_ARN", "role_arn"},
        [SESSION_NAME] = {"AWS_ROLE_SESSION_NAME", "role_session_name"},
};

struct provider_web_identity {
	struct provider provider; /* first, so that a provider is its provider_web_identity */
	struct provider_parts parts;
	char *variables[N_SETTINGS]; /* NULL where not set */
	struct profile_reader reader;
	struct disk_reading *reading; /* NULL while there is none */
	struct sts *sts;
	provider_fn done; /* of the question under way */
	void *arg;
	char *role_arn, *session_name, *path; /* likewise */
};

static void finish(struct provider_web_identity *self, enum provider_answer answer,
                   enum status status, struct credentials *credentials)
{
	free(self->role_arn);
	free(self->session_name);
	free(self->path);
	self->role_arn = self->session_name = self->path = NULL;
	self->done(self->arg, answer, status, credentials);
}

static void fail(struct provider_web_identity *self, enum status status)
{
	finish(self, PROVIDER_FAILED, status, NULL);
}

static void was_assumed(void *arg, enum status status, struct credentials *credentials)
{
	struct provider_web_identity *self = arg;

	finish(self, status == STATUS_OK ? PROVIDER_FOUND : PROVIDER_FAILED, status, credentials);
}

static void assume(struct provider_web_identity *self, const char *text, size_t size)
{
	struct sts_role role = {.arn = self->role_arn, .session_name = self->session_name};
	char *token;

	while (size && isspace((unsigned char)text[size - 1]))
		size--;
	if (size == 0 || memchr(text, '\0', size)) {
		log_event(self->parts.log, LEVEL_ERROR, "credentials " NAME,
		          "no AWS credentials: the token file %s has no token; whoever writes it "
		          "has to",
		          self->path);
		fail(self, STATUS_NO_CREDENTIALS);
		return;
	}
	token = strndup(text, size);
	if (!token) {
		fail(self, STATUS_NO_MEMORY);
		return;
	}
	role.token = token;
	sts_assume(self->sts, &role, was_assumed, self);
	explicit_bzero(token, size);
	free(token);
}

static void token_was_read(void *arg, int error, const char *text, size_t size)
{
	struct provider_web_identity *self = arg;
	enum status shortage = status_of_shortage(-error);

	self->reading = NULL;
	if (!error) {
		assume(self, text, size);
		return;
	}
	log_event(self->parts.log, LEVEL_ERROR, "credentials " NAME,
	          "no AWS credentials: cannot read the token file %s: %s; it is named by %s or by "
	          "%s of profile %s",
	          self->path, strerror(-error), names[TOKEN_FILE].variable, names[TOKEN_FILE].key,
	          profile_name(self->parts.profile));
	fail(self, shortage != STATUS_OK ? shortage : STATUS_NO_CREDENTIALS);
}

static const char *get(const struct provider_web_identity *self,
                       const struct profile_content *content, enum setting setting)
{
	return self->variables[setting] ? self->variables[setting]
	                                : profile_get(content, names[setting].key);
}

/* Copies what is needed for the call. Answers 0 or -errno. */
static int take_settings(struct provider_web_identity *self, const struct profile_content *content)
{
	const char *session_name = get(self, content, SESSION_NAME);

	self->role_arn = strdup(get(self, content, ROLE_ARN));
	self->session_name = session_name ? strdup(session_name) : NULL;
	if (!self->role_arn || (session_name && !self->session_name))
		return -ENOMEM;
	return profile_absolute_path(self->parts.profile, get(self, content, TOKEN_FILE),
	                             &self->path);
}

static void read_token(struct provider_web_identity *self, const struct profile_content *content)
{
	int r = take_settings(self, content);

	if (r == 0)
		r = disk_file_read(self->parts.loop, self->path, TOKEN_MAX_BYTES, token_was_read,
		                   self, &self->reading);
	if (r == 0)
		return;
	if (r == -ENOENT)
		log_event(self->parts.log, LEVEL_ERROR, "credentials " NAME,
		          "no AWS credentials: the path of the token file is relative, and the "
		          "directory that ecrfs was started in is not known; name it from /");
	/* A full disk pool is one whose disk does not answer. */
	fail(self, r == -EBUSY    ? STATUS_TIMED_OUT
	           : r == -ENOENT ? STATUS_NO_CREDENTIALS
	                          : STATUS_NO_MEMORY);
}

static void profile_was_read(void *arg, enum status status, const struct profile_content *content)
{
	struct provider_web_identity *self = arg;

	if (status != STATUS_OK) {
		fail(self, status);
	} else if (!get(self, content, TOKEN_FILE)) {
		finish(self, PROVIDER_NOT_CONFIGURED, STATUS_OK, NULL);
	} else if (!get(self, content, ROLE_ARN)) {
		log_event(self->parts.log, LEVEL_ERROR, "credentials " NAME,
		          "no AWS credentials: there is a token file of a web identity, but no "
		          "role; set %s, or %s in profile %s",
		          names[ROLE_ARN].variable, names[ROLE_ARN].key, content->name);
		fail(self, STATUS_NO_CREDENTIALS);
	} else {
		read_token(self, content);
	}
}

static void fetch(struct provider *provider, provider_fn done, void *arg)
{
	struct provider_web_identity *self = (struct provider_web_identity *)provider;

	self->done = done;
	self->arg = arg;
	profile_reader_ask(&self->reader);
}

static void free_provider(struct provider *provider)
{
	struct provider_web_identity *self = (struct provider_web_identity *)provider;

	profile_reader_deinit(&self->reader);
	disk_file_abandon(self->reading);
	sts_free(self->sts);
	for (int i = 0; i < N_SETTINGS; i++)
		free(self->variables[i]);
	free(self->role_arn);
	free(self->session_name);
	free(self->path);
	free(self);
}

static const struct provider_ops ops = {
        .name = NAME,
        .fetch = fetch,
        .free = free_provider,
};

/* Answers whether there was memory. */
static bool read_environment(struct provider_web_identity *self)
{
	for (int i = 0; i < N_SETTINGS; i++) {
		const char *value = aws_settings_variable(names[i].variable);

		self->variables[i] = value ? strdup(value) : NULL;
		if (value && !self->variables[i])
			return false;
	}
	return true;
}

struct provider *provider_web_identity_new(const struct provider_parts *parts)
{
	struct provider_web_identity *self = calloc(1, sizeof(*self));

	if (!self)
		return NULL;
	self->provider.ops = &ops;
	self->parts = *parts;
	profile_reader_init(&self->reader, parts->loop, parts->profile, profile_was_read, self);
	self->sts = sts_new(parts, NAME);
	if (!self->sts || (!parts->profile_alone && !read_environment(self))) {
		free_provider(&self->provider);
		return NULL;
	}
	return &self->provider;
}
