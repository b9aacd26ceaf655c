/* Two questions to IMDS: which role the instance has, then for its credentials. */
#include "ecr/provider_imds.h"
#include "base/log.h"
#include "ecr/imds.h"
#include "ecr/metadata_credentials.h"
#include "ecr/provider.h"
#include "net/loop.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME "iam-role"

#define PATH "latest/meta-data/iam/security-credentials/"

/* IAM: names of roles have 1 to 64 of these characters. */
#define ROLE_MAX        64
#define ROLE_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+=,.@_-"

#define REMARK_SIZE 160

struct provider_imds {
	struct provider provider; /* first, so that a provider is its provider_imds */
	struct loop *loop;
	struct log *log;
	struct imds *imds;
	char remark[REMARK_SIZE]; /* why it is not configured */
	struct loop_task no_memory;
	provider_fn done; /* of the question under way */
	void *arg;
};

static void fail(struct provider_imds *self, enum status status, const char *why)
{
	log_event(self->log, LEVEL_ERROR, "credentials " NAME,
	          "no AWS credentials from the instance metadata service: %s", why);
	self->done(self->arg, PROVIDER_FAILED, status, NULL);
}

static void pass_on(struct provider_imds *self, const char *why)
{
	snprintf(self->remark, sizeof(self->remark), "%s", why);
	log_event(self->log, LEVEL_DEBUG, "credentials " NAME,
	          "no role of an instance for AWS credentials: %s", why);
	self->done(self->arg, PROVIDER_NOT_CONFIGURED, STATUS_OK, NULL);
}

static void credentials_came(void *arg, enum imds_answer answer, enum status status,
                             const char *text, size_t size)
{
	struct provider_imds *self = arg;
	struct credentials *credentials;
	char why[METADATA_WHY_SIZE];

	switch (answer) {
	case IMDS_FOUND:
		status = metadata_credentials_read(text, size, NAME, &credentials, why);
		if (status == STATUS_OK)
			self->done(self->arg, PROVIDER_FOUND, STATUS_OK, credentials);
		else
			fail(self, status, why);
		break;
	case IMDS_NOT_FOUND:
		fail(self, STATUS_NO_CREDENTIALS, text);
		break;
	case IMDS_ABSENT: /* it was there just now */
		fail(self, STATUS_TIMED_OUT, text);
		break;
	case IMDS_FAILED:
		fail(self, status, text);
		break;
	}
}

/* The first line is the role; there is but one. Answers whether it can be one: it becomes part of a
 * URL, where ".." would lead elsewhere. */
static bool read_role(const char *text, char ret_role[static ROLE_MAX + 1])
{
	size_t length = strcspn(text, "\r\n");

	if (length == 0 || length > ROLE_MAX || strspn(text, ROLE_CHARACTERS) != length ||
	    strspn(text, ".") == length)
		return false;
	memcpy(ret_role, text, length);
	ret_role[length] = '\0';
	return true;
}

static void ask_for_credentials(struct provider_imds *self, const char *text)
{
	char path[sizeof(PATH) + ROLE_MAX] = PATH;

	if (!read_role(text, path + strlen(PATH)))
		fail(self, STATUS_PROTOCOL, "the name that it gives for the role is none");
	else if (imds_get(self->imds, path, credentials_came, self) < 0)
		fail(self, STATUS_NO_MEMORY, "no memory for the request");
}

static void role_came(void *arg, enum imds_answer answer, enum status status, const char *text,
                      size_t size)
{
	struct provider_imds *self = arg;

	switch (answer) {
	case IMDS_FOUND:
		if (size)
			ask_for_credentials(self, text);
		else
			pass_on(self, "the instance has no role");
		break;
	case IMDS_NOT_FOUND:
		pass_on(self, "the instance has no role");
		break;
	case IMDS_ABSENT:
		pass_on(self, text);
		break;
	case IMDS_FAILED:
		fail(self, status, text);
		break;
	}
}

static void have_no_memory(struct loop_task *task)
{
	struct provider_imds *self =
	        (struct provider_imds *)((char *)task - offsetof(struct provider_imds, no_memory));

	fail(self, STATUS_NO_MEMORY, "no memory for the request");
}

static void fetch(struct provider *provider, provider_fn done, void *arg)
{
	struct provider_imds *self = (struct provider_imds *)provider;

	self->done = done;
	self->arg = arg;
	self->remark[0] = '\0';
	if (imds_get(self->imds, PATH, role_came, self) < 0)
		loop_post(self->loop, &self->no_memory);
}

static const char *remark(const struct provider *provider)
{
	return ((const struct provider_imds *)provider)->remark;
}

static void free_provider(struct provider *provider)
{
	struct provider_imds *self = (struct provider_imds *)provider;

	loop_unpost(self->loop, &self->no_memory);
	imds_forget(self->imds, self);
	free(self);
}

/* AWS honours credentials of instances beyond their end where it cannot renew them in time. */
static const struct provider_ops ops = {
        .name = NAME,
        .outlasts = true,
        .fetch = fetch,
        .remark = remark,
        .free = free_provider,
};

struct provider *provider_imds_new(const struct provider_parts *parts)
{
	struct provider_imds *self = calloc(1, sizeof(*self));

	if (!self)
		return NULL;
	self->provider.ops = &ops;
	self->loop = parts->loop;
	self->log = parts->log;
	self->imds = parts->imds;
	self->no_memory.run = have_no_memory;
	return &self->provider;
}
