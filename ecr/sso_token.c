/* Its members, as botocore reads and renews them. */
#include "ecr/sso_token.h"
#include "ecr/json_fields.h"

#include <errno.h>
#include <stddef.h>

static bool is_complete(const struct json_fields *fields)
{
	return json_fields_text(fields, SSO_TOKEN_ACCESS);
}

static bool is_renewable(const struct json_fields *fields, uint64_t now_ns)
{
	uint64_t registered_ns;

	return json_fields_text(fields, "refreshToken") && json_fields_text(fields, "clientId") &&
	       json_fields_text(fields, "clientSecret") &&
	       login_token_time(fields, "registrationExpiresAt", &registered_ns) &&
	       registered_ns > now_ns;
}

/* CreateToken of the OIDC service. */
static int question(const struct json_fields *fields, const char *url, uint64_t now_ns,
                    char **ret_body, char **ret_header)
{
	static const char *const names[] = {"clientId", "clientSecret", "refreshToken", NULL};

	(void)url;
	(void)now_ns;
	*ret_header = NULL;
	return login_token_question(fields, names, ret_body);
}

/* botocore forgets the old refresh token where there is no new one: it was used up. */
static int renew(struct json_fields *fields, const struct json_fields *answer, double *ret_life_s)
{
	const char *access = json_fields_text(answer, SSO_TOKEN_ACCESS);
	int r;

	if (!access || !json_fields_number(answer, "expiresIn", ret_life_s) || !(*ret_life_s >= 1))
		return -EBADMSG;
	r = json_fields_set(fields, SSO_TOKEN_ACCESS, access);
	return r < 0 ? r
	             : json_fields_set(fields, "refreshToken",
	                               json_fields_text(answer, "refreshToken"));
}

const struct login_kind sso_token_kind = {
        .what = "the token of IAM Identity Center",
        .command = "aws sso login",
        .log_key = "credentials sso",
        .expires_at = "expiresAt",
        .window_s = 15 * 60, /* botocore's */
        .is_complete = is_complete,
        .is_renewable = is_renewable,
        .question = question,
        .renew = renew,
};
