/* Its members, as the AWS SDKs read and renew them. */
#include "ecr/signin_token.h"
#include "base/clock.h"
#include "ecr/dpop.h"
#include "ecr/json_fields.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>

/* AWS SDK for JavaScript: where the answer does not say. */
#define DEFAULT_LIFE_S 900

static bool is_complete(const struct json_fields *fields)
{
	return json_fields_text(fields, SIGNIN_TOKEN_KEY_ID) &&
	       json_fields_text(fields, SIGNIN_TOKEN_SECRET) &&
	       json_fields_text(fields, SIGNIN_TOKEN_SESSION);
}

static bool is_renewable(const struct json_fields *fields, uint64_t now_ns)
{
	(void)now_ns;
	return json_fields_text(fields, "refreshToken") && json_fields_text(fields, "clientId") &&
	       json_fields_text(fields, "dpopKey");
}

/* CreateOAuth2Token of the sign-in service, with a proof that the key of the file is there. */
static int question(const struct json_fields *fields, const char *url, uint64_t now_ns,
                    char **ret_body, char **ret_header)
{
	static const char *const names[] = {"clientId", "refreshToken", NULL};
	char *proof, *header;
	int r = dpop_prove(json_fields_text(fields, "dpopKey"), "POST", url,
	                   (int64_t)(now_ns / NS_PER_S), &proof);

	if (r < 0)
		return r;
	r = asprintf(&header, "DPoP: %s", proof);
	json_fields_free_text(proof);
	if (r < 0)
		return -ENOMEM;
	r = login_token_question(fields, names, ret_body);
	if (r < 0)
		json_fields_free_text(header);
	else
		*ret_header = header;
	return r;
}

static int renew(struct json_fields *fields, const struct json_fields *answer, double *ret_life_s)
{
	static const char *const paths[] = {SIGNIN_TOKEN_KEY_ID, SIGNIN_TOKEN_SECRET,
	                                    SIGNIN_TOKEN_SESSION, "refreshToken"};
	int r = 0;

	if (!is_complete(answer) || !json_fields_text(answer, "refreshToken"))
		return -EBADMSG;
	if (!json_fields_number(answer, "expiresIn", ret_life_s))
		*ret_life_s = DEFAULT_LIFE_S;
	if (!(*ret_life_s >= 1))
		return -EBADMSG;
	for (size_t i = 0; r == 0 && i < sizeof(paths) / sizeof(paths[0]); i++)
		r = json_fields_set(fields, paths[i], json_fields_text(answer, paths[i]));
	return r;
}

const struct login_kind signin_token_kind = {
        .what = "the sign-in to the AWS console",
        .command = "aws login",
        .log_key = "credentials login",
        .expires_at = "accessToken.expiresAt",
        .window_s = 5 * 60, /* the AWS SDK for JavaScript's */
        .is_complete = is_complete,
        .is_renewable = is_renewable,
        .question = question,
        .renew = renew,
};
