/* Questions to IMDS, and what each of them waits for:
 *
 *   imds_get ─► settings (the profile is read) ─► token ─► GET ─► answer
 *                                                  ▲        │ 401, once
 *                                                  └────────┘
 */
#include "ecr/imds.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "ecr/imds_settings.h"
#include "ecr/imds_token.h"
#include "ecr/metadata_call.h"
#include "ecr/profile.h"
#include "net/loop.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#define WHY_SIZE (ENDPOINT_URL_SIZE + 256)

enum stage {
	STAGE_SETTINGS,
	STAGE_TOKEN,
	STAGE_ASKED,
	STAGE_ENDING, /* with an answer that several get */
};

struct question {
	struct question *next;
	struct imds *imds;
	enum stage stage;
	char *path;
	char *token;  /* that it was asked with, or NULL */
	bool renewed; /* it was refused once */
	struct metadata_call *call;
	imds_fn done; /* NULL: nobody waits any more */
	void *arg;
};

struct imds {
	struct loop *loop;
	const struct clock *clock;
	struct log *log;
	struct http *http;
	struct profile *profile;
	struct imds_variables variables;
	struct imds_settings settings; /* as they were read last */
	struct imds_token *token;
	struct question *questions;
	struct loop_task begin;   /* without the profile */
	bool reading;             /* settings come, or `begin` is posted */
	uint64_t absent_until_ns; /* monotonic */
	char absence[WHY_SIZE];   /* what was found then */
};

static void question_free(struct question *question)
{
	metadata_call_free(question->call);
	free(question->path);
	wipe_string(&question->token);
	free(question);
}

static void end(struct question *question, enum imds_answer answer, enum status status,
                const char *text, size_t size)
{
	LL_DELETE(question->imds->questions, question);
	if (question->done)
		question->done(question->arg, answer, status, text, size);
	question_free(question);
}

/* Those who are told may ask again at once: those questions are new ones. */
static void end_all(struct imds *imds, enum stage stage, enum imds_answer answer,
                    enum status status, const char *text)
{
	struct question *question, *next;

	LL_FOREACH (imds->questions, question) {
		if (question->stage == stage)
			question->stage = STAGE_ENDING;
	}
	LL_FOREACH_SAFE(imds->questions, question, next)
	{
		if (question->stage == STAGE_ENDING)
			end(question, answer, status, text, strlen(text));
	}
}

/* Where it is, and what happened there. */
static void describe(const struct imds *imds, const char *what, char ret_why[static WHY_SIZE])
{
	snprintf(ret_why, WHY_SIZE, "%s: %.200s", imds->settings.url, what);
}

static void proceed(struct imds *imds);

static void fail(struct question *question, enum status status, const char *what)
{
	char why[WHY_SIZE];

	describe(question->imds, what, why);
	end(question, IMDS_FAILED, status, why, strlen(why));
}

/* A token that is refused has ended, or its IMDS has begun anew. */
static void answered(void *arg, const struct http_answer *answer)
{
	struct question *question = arg;
	struct imds *imds = question->imds;
	char what[128];

	question->call = NULL;
	if (answer->status != STATUS_OK) {
		fail(question, answer->status, answer->error);
	} else if (answer->code == 200) {
		end(question, IMDS_FOUND, STATUS_OK, answer->body, answer->body_size);
	} else if (answer->code == 401 && !question->renewed) {
		imds_token_reject(imds->token, question->token);
		question->renewed = true;
		question->stage = STAGE_TOKEN;
		proceed(imds);
	} else if (answer->code == 404) {
		snprintf(what, sizeof(what), "there is no %.100s", question->path);
		end(question, IMDS_NOT_FOUND, STATUS_OK, what, strlen(what));
	} else {
		snprintf(what, sizeof(what), "it answered HTTP %ld", answer->code);
		fail(question, STATUS_SERVER_ERROR, what);
	}
}

/* Answers 0 or -ENOMEM. */
static int ask(struct question *question, const char *token)
{
	struct imds *imds = question->imds;
	CLEANUP(free_string) char *url = NULL;
	CLEANUP(wipe_string) char *header = NULL;
	struct metadata_question asked = {
	        .timeout_ns = imds->settings.timeout_ns,
	        .attempts = imds->settings.attempts,
	};

	wipe_string(&question->token);
	question->token = strdup(token);
	if (asprintf(&url, "%s%s", imds->settings.url, question->path) < 0)
		url = NULL;
	if (asprintf(&header, "x-aws-ec2-metadata-token: %s", token) < 0)
		header = NULL;
	if (!question->token || !url || !header)
		return -ENOMEM;
	asked.url = url;
	asked.headers[0] = header;
	question->stage = STAGE_ASKED;
	return metadata_call_start(imds->loop, imds->http, &asked, answered, question,
	                           &question->call);
}

static void ask_all(struct imds *imds, const char *token)
{
	struct question *question, *next;

	LL_FOREACH_SAFE(imds->questions, question, next)
	{
		if (question->stage == STAGE_TOKEN && ask(question, token) < 0)
			fail(question, STATUS_NO_MEMORY, "no memory for the request");
	}
}

/* With what each one waits for that has its settings. */
static void proceed(struct imds *imds)
{
	const char *token = imds_token_text(imds->token);

	if (token)
		ask_all(imds, token);
	else if (imds_token_fetch(imds->token, &imds->settings) < 0)
		end_all(imds, STAGE_TOKEN, IMDS_FAILED, STATUS_NO_MEMORY,
		        "no memory for the request");
}

static void token_came(void *arg, enum imds_answer answer, enum status status, const char *text)
{
	struct imds *imds = arg;
	char why[WHY_SIZE];

	if (answer == IMDS_FOUND) {
		ask_all(imds, text);
		return;
	}
	describe(imds, text, why);
	if (answer == IMDS_ABSENT) {
		imds->absent_until_ns = clock_monotonic_ns(imds->clock) + IMDS_ABSENT_NS;
		strcpy(imds->absence, why);
		log_event(imds->log, LEVEL_DEBUG, "imds", "no instance metadata at %s", why);
	}
	end_all(imds, STAGE_TOKEN, answer, status, why);
}

/* What is known of one service says nothing about another. */
static void use_settings(struct imds *imds, const struct imds_settings *settings)
{
	if (strcmp(imds->settings.url, settings->url) != 0) {
		imds_token_forget(imds->token);
		imds->absent_until_ns = 0;
	}
	imds->settings = *settings;
}

/* `content` is NULL where nothing but the environment is to be had. */
static void begin(struct imds *imds, const struct profile_content *content)
{
	struct imds_settings settings;
	struct question *question;
	const char *wrong;

	imds->reading = false;
	if (imds->variables.disabled) {
		end_all(imds, STAGE_SETTINGS, IMDS_ABSENT, STATUS_OK,
		        "AWS_EC2_METADATA_DISABLED is set");
		return;
	}
	wrong = imds_settings_choose(&imds->variables, content, &settings);
	if (wrong) {
		end_all(imds, STAGE_SETTINGS, IMDS_FAILED, STATUS_MISCONFIGURED, wrong);
		return;
	}
	use_settings(imds, &settings);
	if (clock_monotonic_ns(imds->clock) < imds->absent_until_ns) {
		end_all(imds, STAGE_SETTINGS, IMDS_ABSENT, STATUS_OK, imds->absence);
		return;
	}
	LL_FOREACH (imds->questions, question) {
		if (question->stage == STAGE_SETTINGS)
			question->stage = STAGE_TOKEN;
	}
	proceed(imds);
}

static void begin_without_profile(struct loop_task *task)
{
	begin((struct imds *)((char *)task - offsetof(struct imds, begin)), NULL);
}

/* What is wrong with the files is in the log. */
static void profile_was_read(void *arg, int error, const struct profile_content *content)
{
	(void)error;
	begin(arg, content);
}

int imds_get(struct imds *imds, const char *path, imds_fn done, void *arg)
{
	struct question *question = calloc(1, sizeof(*question));

	assert(loop_is_current(imds->loop));
	if (!question)
		return -ENOMEM;
	question->imds = imds;
	question->done = done;
	question->arg = arg;
	question->path = strdup(path);
	if (!question->path) {
		question_free(question);
		return -ENOMEM;
	}
	LL_APPEND(imds->questions, question);
	if (!imds->reading &&
	    (imds->variables.disabled || profile_read(imds->profile, profile_was_read, imds) < 0))
		loop_post(imds->loop, &imds->begin);
	imds->reading = true;
	return 0;
}

void imds_forget(struct imds *imds, const void *arg)
{
	struct question *question;

	if (!imds)
		return;
	LL_FOREACH (imds->questions, question) {
		if (question->arg == arg)
			question->done = NULL;
	}
}

int imds_new(struct loop *loop, const struct clock *clock, struct log *log, struct http *http,
             struct profile *profile, struct imds **ret_imds)
{
	struct imds *imds = calloc(1, sizeof(*imds));

	if (!imds)
		return -ENOMEM;
	imds->loop = loop;
	imds->clock = clock;
	imds->log = log;
	imds->http = http;
	imds->profile = profile;
	imds->begin.run = begin_without_profile;
	if (imds_variables_init(&imds->variables) < 0) {
		free(imds);
		return -ENOMEM;
	}
	if (imds_token_new(loop, clock, http, token_came, imds, &imds->token) < 0) {
		imds_free(imds);
		return -ENOMEM;
	}
	*ret_imds = imds;
	return 0;
}

void imds_free(struct imds *imds)
{
	struct question *question, *next;

	if (!imds)
		return;
	profile_forget(imds->profile, imds);
	loop_unpost(imds->loop, &imds->begin);
	LL_FOREACH_SAFE(imds->questions, question, next)
	{
		question_free(question);
	}
	imds_token_free(imds->token);
	imds_variables_deinit(&imds->variables);
	free(imds);
}
