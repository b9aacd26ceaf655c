/* PUT latest/api/token, and how long what comes is good. */
#include "ecr/imds_token.h"
#include "base/cleanup.h"
#include "ecr/imds_settings.h"
#include "ecr/metadata_call.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH       "latest/api/token"
#define TTL_HEADER "x-aws-ec2-metadata-token-ttl-seconds"

/* Six hours, the longest that there is. */
#define MAX_TTL_S 21600

/* Not used any more so long before its end, so that it does not end on its way (as the AWS CRT). */
#define MARGIN_S 5

/* IMDS's own have 56 characters. */
#define MAX_TOKEN_BYTES 4096

struct imds_token {
	struct loop *loop;
	const struct clock *clock;
	struct http *http;
	char *text;                 /* at hand, or NULL */
	uint64_t until_ns;          /* monotonic; it is good */
	uint64_t sent_ns;           /* of the question under way */
	struct metadata_call *call; /* that, or NULL */
	imds_token_fn came;
	void *arg;
};

int imds_token_new(struct loop *loop, const struct clock *clock, struct http *http,
                   imds_token_fn came, void *arg, struct imds_token **ret_token)
{
	struct imds_token *token = calloc(1, sizeof(*token));

	if (!token)
		return -ENOMEM;
	token->loop = loop;
	token->clock = clock;
	token->http = http;
	token->came = came;
	token->arg = arg;
	*ret_token = token;
	return 0;
}

void imds_token_forget(struct imds_token *token)
{
	wipe_string(&token->text);
	token->text = NULL;
}

void imds_token_free(struct imds_token *token)
{
	if (!token)
		return;
	metadata_call_free(token->call);
	imds_token_forget(token);
	free(token);
}

const char *imds_token_text(const struct imds_token *token)
{
	return token->text && clock_monotonic_ns(token->clock) < token->until_ns ? token->text
	                                                                         : NULL;
}

void imds_token_reject(struct imds_token *token, const char *text)
{
	if (token->text && strcmp(token->text, text) == 0)
		imds_token_forget(token);
}

/* It becomes a header. */
static bool is_token(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	return size > 0 && size <= MAX_TOKEN_BYTES;
}

/* As IMDS says; one that does not say gives what was asked for. */
static unsigned ttl_s(const struct http_answer *answer)
{
	const char *text = http_answer_header(answer, TTL_HEADER);
	unsigned long seconds = MAX_TTL_S;

	if (text && *text >= '0' && *text <= '9')
		seconds = strtoul(text, NULL, 10);
	return seconds < MAX_TTL_S ? (unsigned)seconds : MAX_TTL_S;
}

static void take(struct imds_token *token, const struct http_answer *answer)
{
	unsigned seconds = ttl_s(answer);

	imds_token_forget(token);
	token->text = strndup(answer->body, answer->body_size);
	token->until_ns = token->sent_ns + (seconds > MARGIN_S ? seconds - MARGIN_S : 0) * NS_PER_S;
	if (token->text)
		token->came(token->arg, IMDS_FOUND, STATUS_OK, token->text);
	else
		token->came(token->arg, IMDS_FAILED, STATUS_NO_MEMORY, "no memory for its token");
}

/* Without version 2, and where it is switched off for the instance, IMDS answers 403, 404 or 405:
 * version 1 would give credentials to whoever can make a program send a GET. */
static bool has_no_tokens(long code)
{
	return code == 403 || code == 404 || code == 405;
}

static void answered(void *arg, const struct http_answer *answer)
{
	struct imds_token *token = arg;
	char why[128];

	token->call = NULL;
	if (metadata_call_unanswered(answer)) {
		token->came(token->arg, IMDS_ABSENT, STATUS_OK, "nobody answers");
	} else if (answer->status != STATUS_OK) {
		token->came(token->arg, IMDS_FAILED, answer->status, answer->error);
	} else if (answer->code == 200 && is_token(answer->body, answer->body_size)) {
		take(token, answer);
	} else if (answer->code == 200) {
		token->came(token->arg, IMDS_FAILED, STATUS_PROTOCOL,
		            "what it gives for a token is none");
	} else {
		bool none = has_no_tokens(answer->code);

		snprintf(why, sizeof(why), "no token, HTTP %ld", answer->code);
		token->came(token->arg, none ? IMDS_ABSENT : IMDS_FAILED,
		            none ? STATUS_OK : STATUS_SERVER_ERROR, why);
	}
}

int imds_token_fetch(struct imds_token *token, const struct imds_settings *settings)
{
	char url[ENDPOINT_URL_SIZE + sizeof(PATH)], header[sizeof(TTL_HEADER) + 16];
	struct metadata_question question = {
	        .url = url,
	        .method = "PUT",
	        .headers = {header},
	        .timeout_ns = settings->timeout_ns,
	        .attempts = settings->attempts,
	};

	if (token->call)
		return 0;
	snprintf(url, sizeof(url), "%s" PATH, settings->url);
	snprintf(header, sizeof(header), TTL_HEADER ": %d", MAX_TTL_S);
	token->sent_ns = clock_monotonic_ns(token->clock);
	return metadata_call_start(token->loop, token->http, &question, answered, token,
	                           &token->call);
}
