/* The JSON object of the file, and its two times as numbers. */
#include "ecr/sso_token.h"
#include "base/clock.h"
#include "ecr/json_fields.h"

#include <errno.h>
#include <stdlib.h>

/* No server means a token that lives longer, and no time overflows. */
#define MAX_LIFE_S (10.0 * 365 * 86400)

struct sso_token {
	struct json_fields *fields;
	uint64_t expires_ns;
};

/* Answers whether there is a time after 1970. */
static bool read_time(const struct json_fields *fields, const char *name, uint64_t *ret_ns)
{
	const char *text = json_fields_text(fields, name);
	int64_t seconds;

	if (!text || !clock_parse_utc(text, &seconds) || seconds <= 0)
		return false;
	*ret_ns = (uint64_t)seconds * NS_PER_S;
	return true;
}

int sso_token_read(const char *text, size_t size, struct sso_token **ret_token)
{
	struct sso_token *token = calloc(1, sizeof(*token));
	int r = token ? json_fields_read(text, size, &token->fields) : -ENOMEM;

	if (r == 0 && (!json_fields_text(token->fields, "accessToken") ||
	               !read_time(token->fields, "expiresAt", &token->expires_ns)))
		r = -EBADMSG;
	if (r < 0)
		sso_token_free(token);
	else
		*ret_token = token;
	return r;
}

void sso_token_free(struct sso_token *token)
{
	if (!token)
		return;
	json_fields_free(token->fields);
	free(token);
}

const char *sso_token_access(const struct sso_token *token)
{
	return json_fields_text(token->fields, "accessToken");
}

uint64_t sso_token_expires_ns(const struct sso_token *token)
{
	return token->expires_ns;
}

bool sso_token_is_renewable(const struct sso_token *token, uint64_t now_ns)
{
	uint64_t registered_ns;

	return json_fields_text(token->fields, "refreshToken") &&
	       json_fields_text(token->fields, "clientId") &&
	       json_fields_text(token->fields, "clientSecret") &&
	       read_time(token->fields, "registrationExpiresAt", &registered_ns) &&
	       registered_ns > now_ns;
}

char *sso_token_question(const struct sso_token *token)
{
	static const char *const names[] = {"clientId", "clientSecret", "refreshToken"};
	struct json_fields *question = json_fields_new();
	char *text = NULL;
	int r = question ? json_fields_set(question, "grantType", "refresh_token") : -ENOMEM;

	for (size_t i = 0; r == 0 && i < sizeof(names) / sizeof(names[0]); i++)
		r = json_fields_set(question, names[i], json_fields_text(token->fields, names[i]));
	if (r == 0)
		text = json_fields_print(question);
	json_fields_free(question);
	return text;
}

static int take_answer(struct sso_token *token, const struct json_fields *answer, uint64_t now_ns)
{
	const char *access = json_fields_text(answer, "accessToken");
	const char *refresh = json_fields_text(answer, "refreshToken");
	char expires_at[CLOCK_UTC_SIZE];
	double life_s;
	uint64_t expires_s;
	int r;

	if (!access || !json_fields_number(answer, "expiresIn", &life_s) || !(life_s >= 1))
		return -EBADMSG;
	expires_s = now_ns / NS_PER_S + (uint64_t)(life_s < MAX_LIFE_S ? life_s : MAX_LIFE_S);
	clock_format_utc((int64_t)expires_s, expires_at);
	r = json_fields_set(token->fields, "accessToken", access);
	if (r == 0)
		r = json_fields_set(token->fields, "expiresAt", expires_at);
	/* botocore forgets the old one where there is no new one: it was used up. */
	if (r == 0)
		r = json_fields_set(token->fields, "refreshToken", refresh);
	if (r == 0)
		token->expires_ns = expires_s * NS_PER_S;
	return r;
}

int sso_token_renew(struct sso_token *token, const char *answer, size_t size, uint64_t now_ns)
{
	struct json_fields *fields;
	int r = json_fields_read(answer, size, &fields);

	if (r < 0)
		return r;
	r = take_answer(token, fields, now_ns);
	json_fields_free(fields);
	return r;
}

char *sso_token_text(const struct sso_token *token)
{
	return json_fields_print(token->fields);
}
