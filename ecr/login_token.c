/* A JSON object and its end. */
#include "ecr/login_token.h"
#include "base/clock.h"
#include "ecr/json_fields.h"

#include <errno.h>
#include <stdlib.h>

/* No server means a token that lives longer, and no time overflows. */
#define MAX_LIFE_S (10.0 * 365 * 86400)

bool login_token_time(const struct json_fields *fields, const char *path, uint64_t *ret_ns)
{
	const char *text = json_fields_text(fields, path);
	int64_t seconds;

	if (!text || !clock_parse_utc(text, &seconds) || seconds <= 0)
		return false;
	*ret_ns = clock_seconds_ns(seconds);
	return true;
}

int login_token_read(const struct login_kind *kind, const char *text, size_t size,
                     struct login_token **ret_token)
{
	struct login_token *token = calloc(1, sizeof(*token));
	int r = token ? json_fields_read(text, size, &token->fields) : -ENOMEM;

	if (r == 0 && (!kind->is_complete(token->fields) ||
	               !login_token_time(token->fields, kind->expires_at, &token->expires_ns)))
		r = -EBADMSG;
	if (r < 0) {
		login_token_free(token);
		return r;
	}
	token->kind = kind;
	*ret_token = token;
	return 0;
}

void login_token_free(struct login_token *token)
{
	if (!token)
		return;
	json_fields_free(token->fields);
	free(token);
}

bool login_token_is_renewable(const struct login_token *token, uint64_t now_ns)
{
	return token->kind->is_renewable(token->fields, now_ns);
}

int login_token_question(const struct json_fields *fields, const char *const *names,
                         char **ret_body)
{
	struct json_fields *question = json_fields_new();
	char *text = NULL;
	int r = question ? json_fields_set(question, "grantType", "refresh_token") : -ENOMEM;

	for (; r == 0 && *names; names++)
		r = json_fields_set(question, *names, json_fields_text(fields, *names));
	if (r == 0)
		text = json_fields_print(question);
	json_fields_free(question);
	if (!text)
		return -ENOMEM;
	*ret_body = text;
	return 0;
}

static int take(struct login_token *token, const struct json_fields *answer, uint64_t now_ns)
{
	char expires_at[CLOCK_UTC_SIZE];
	uint64_t expires_s;
	double life_s;
	int r = token->kind->renew(token->fields, answer, &life_s);

	if (r < 0)
		return r;
	expires_s = now_ns / NS_PER_S + (uint64_t)(life_s < MAX_LIFE_S ? life_s : MAX_LIFE_S);
	clock_format_utc((int64_t)expires_s, expires_at);
	r = json_fields_set(token->fields, token->kind->expires_at, expires_at);
	if (r == 0)
		token->expires_ns = expires_s * NS_PER_S;
	return r;
}

int login_token_renew(struct login_token *token, const char *answer, size_t size, uint64_t now_ns)
{
	struct json_fields *fields;
	int r = json_fields_read(answer, size, &fields);

	if (r < 0)
		return r;
	r = take(token, fields, now_ns);
	json_fields_free(fields);
	return r;
}
