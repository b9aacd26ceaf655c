/* profile ─► words ─► program ─► its JSON ─► credentials */
#include "ecr/provider_process.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/shell_words.h"
#include "ecr/credentials.h"
#include "ecr/json_fields.h"
#include "ecr/profile.h"
#include "ecr/profile_reader.h"
#include "ecr/provider.h"
#include "net/process.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define NAME "custom-process"

/* The Go SDK's. The AWS CLI waits for ever. */
#define LIMIT_S 60

/* Of what it prints; session tokens have some kilobytes. */
#define MAX_OUTPUT_BYTES 65536

struct provider_process {
	struct provider provider; /* first, so that a provider is its provider_process */
	struct loop *loop;
	struct log *log;
	const char *profile;
	struct profile_reader reader;
	struct process *process; /* NULL: none runs */
	char *account;           /* of the profile; NULL: none */
	provider_fn done;        /* of the question under way */
	void *arg;
};

static void fail(struct provider_process *self, enum status status)
{
	self->done(self->arg, PROVIDER_FAILED, status, NULL);
}

/* Says what is wrong with the program, and what to do. */
__attribute__((format(printf, 2, 3))) static void complain(struct provider_process *self,
                                                           const char *format, ...)
{
	CLEANUP(free_string) char *what = NULL;
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&what, format, arguments) < 0)
		what = NULL;
	va_end(arguments);
	log_event(self->log, LEVEL_ERROR, "credentials " NAME,
	          "no AWS credentials: credential_process of profile %s %s; run it as the user who "
	          "mounts, without a terminal, and in the environment of the mount, to see why",
	          self->profile, what ? what : "failed");
}

static void refuse_answer(struct provider_process *self, const char *what)
{
	log_event(self->log, LEVEL_ERROR, "credentials " NAME,
	          "no AWS credentials: what credential_process of profile %s prints %s; it must be "
	          "one JSON object with Version 1, AccessKeyId and SecretAccessKey, and an "
	          "Expiration such as 2026-01-02T03:04:05Z where they expire",
	          self->profile, what);
	fail(self, STATUS_NO_CREDENTIALS);
}

/* Answers whether it could be read; 0 where there is none. */
static bool read_expiration(const struct json_fields *fields, uint64_t *ret_expires_ns)
{
	const char *text = json_fields_text(fields, "Expiration");
	int64_t seconds;

	*ret_expires_ns = 0;
	if (!json_fields_has(fields, "Expiration"))
		return true;
	if (!text || !clock_parse_utc(text, &seconds) || seconds <= 0)
		return false;
	*ret_expires_ns = clock_seconds_ns(seconds);
	return true;
}

static void answer_from(struct provider_process *self, const struct json_fields *fields)
{
	const char *key_id = json_fields_text(fields, "AccessKeyId");
	const char *secret = json_fields_text(fields, "SecretAccessKey");
	const char *account = json_fields_text(fields, "AccountId");
	struct credentials *credentials;
	uint64_t expires_ns;
	double version;

	if (!json_fields_number(fields, "Version", &version) || version != 1) {
		refuse_answer(self, "has no Version 1");
	} else if (!key_id || !secret) {
		refuse_answer(self, !key_id ? "has no AccessKeyId" : "has no SecretAccessKey");
	} else if (!read_expiration(fields, &expires_ns)) {
		refuse_answer(self, "has an Expiration that is no time");
	} else {
		credentials =
		        credentials_new(key_id, secret, json_fields_text(fields, "SessionToken"),
		                        account ? account : self->account, expires_ns, NAME);
		if (credentials)
			self->done(self->arg, PROVIDER_FOUND, STATUS_OK, credentials);
		else
			fail(self, STATUS_NO_MEMORY);
	}
}

static void read_output(struct provider_process *self, const struct process_end *end)
{
	struct json_fields *fields;
	int r = json_fields_read(end->output, end->output_size, &fields);

	if (r == -ENOMEM) {
		fail(self, STATUS_NO_MEMORY);
	} else if (r < 0) {
		refuse_answer(self, end->output_size ? "is no JSON object" : "is nothing");
	} else {
		answer_from(self, fields);
		json_fields_free(fields);
	}
}

/* The blanks and newlines at its end would be a row of question marks in the log. */
static int printed_length(const char *text)
{
	size_t length = strlen(text);

	while (length && strchr(" \r\n\t", text[length - 1]))
		length--;
	return (int)length;
}

static void refuse_end(struct provider_process *self, const struct process_end *end)
{
	int status = end->wait_status, length = printed_length(end->errors);

	if (WIFSIGNALED(status))
		complain(self, "was killed by signal %d", WTERMSIG(status));
	else
		complain(self, "failed with exit code %d%s%.*s", WEXITSTATUS(status),
		         length ? ": " : "", length, end->errors);
	fail(self, STATUS_NO_CREDENTIALS);
}

static void refuse_late(struct provider_process *self, const struct process_end *end)
{
	int length = printed_length(end->errors);

	complain(self, "did not end in %d seconds%s%.*s", LIMIT_S, length ? ": " : "", length,
	         end->errors);
	fail(self, STATUS_TIMED_OUT);
}

static void refuse_error(struct provider_process *self, int error)
{
	enum status shortage = status_of_shortage(-error);

	complain(self, "cannot be run: %s", strerror(-error));
	fail(self, shortage != STATUS_OK ? shortage : STATUS_NO_CREDENTIALS);
}

static void has_ended(void *arg, const struct process_end *end)
{
	struct provider_process *self = arg;

	self->process = NULL;
	switch (end->outcome) {
	case PROCESS_ENDED:
		if (WIFEXITED(end->wait_status) && WEXITSTATUS(end->wait_status) == 0)
			read_output(self, end);
		else
			refuse_end(self, end);
		return;
	case PROCESS_FAILED:
		refuse_error(self, end->error);
		return;
	case PROCESS_LATE:
		refuse_late(self, end);
		return;
	case PROCESS_FLOODED:
		complain(self, "prints more than %d bytes", MAX_OUTPUT_BYTES);
		fail(self, STATUS_NO_CREDENTIALS);
		return;
	}
}

static void start(struct provider_process *self, const char *command)
{
	struct process_request request = {
	        .limit_ns = LIMIT_S * NS_PER_S,
	        .max_output_bytes = MAX_OUTPUT_BYTES,
	};
	int r = -ENOMEM;

	switch (shell_words_split(command, &request.words)) {
	case SHELL_WORDS_FOUND:
		r = process_start(self->loop, &request, has_ended, self, &self->process);
		break;
	case SHELL_WORDS_OPEN_QUOTE:
		complain(self, "has a quotation mark without its other one");
		fail(self, STATUS_NO_CREDENTIALS);
		return;
	case SHELL_WORDS_NO_ESCAPED:
		complain(self, "ends with a backslash");
		fail(self, STATUS_NO_CREDENTIALS);
		return;
	case SHELL_WORDS_NO_MEMORY:
		break;
	}
	if (r < 0) /* a full disk pool is one whose disk does not answer */
		fail(self, r == -EBUSY ? STATUS_TIMED_OUT : STATUS_NO_MEMORY);
}

static void profile_was_read(void *arg, enum status status, const struct profile_content *content)
{
	struct provider_process *self = arg;
	const char *command, *account;

	if (status != STATUS_OK) {
		fail(self, status);
		return;
	}
	command = profile_get(content, "credential_process");
	if (!command) {
		self->done(self->arg, PROVIDER_NOT_CONFIGURED, STATUS_OK, NULL);
		return;
	}
	account = profile_get(content, "aws_account_id");
	free(self->account);
	self->account = account ? strdup(account) : NULL;
	if (account && !self->account)
		fail(self, STATUS_NO_MEMORY);
	else
		start(self, command);
}

static void fetch(struct provider *provider, provider_fn done, void *arg)
{
	struct provider_process *self = (struct provider_process *)provider;

	self->done = done;
	self->arg = arg;
	profile_reader_ask(&self->reader);
}

static void free_provider(struct provider *provider)
{
	struct provider_process *self = (struct provider_process *)provider;

	process_kill(self->process);
	profile_reader_deinit(&self->reader);
	free(self->account);
	free(self);
}

struct provider *provider_process_new(const struct provider_parts *parts)
{
	static const struct provider_ops ops = {
	        .name = NAME,
	        .fetch = fetch,
	        .free = free_provider,
	};
	struct provider_process *self = calloc(1, sizeof(*self));

	if (!self)
		return NULL;
	self->provider.ops = &ops;
	self->loop = parts->loop;
	self->log = parts->log;
	self->profile = profile_name(parts->profile);
	profile_reader_init(&self->reader, parts->loop, parts->profile, profile_was_read, self);
	return &self->provider;
}
