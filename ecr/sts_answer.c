/* Reads both forms. All copies of secrets are wiped. */
#include "ecr/sts_answer.h"
#include "base/clock.h"
#include "ecr/credentials.h"
#include "ecr/json_fields.h"
#include "ecr/query.h"
#include "ecr/registry.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* AWS: no limit for a session token, and to be ready for 4,096 bytes. This is much more. */
#define TOKEN_SIZE 16384

/* AWS: an access key id has at most 128 characters, a secret 40. */
#define KEY_SIZE  256
#define TIME_SIZE 64
#define ARN_SIZE  2048

/* 2286-11-20: what lies behind is no end of a session. */
#define LAST_S 9999999999.0

struct texts {
	char key_id[KEY_SIZE], secret[KEY_SIZE], token[TOKEN_SIZE], arn[ARN_SIZE];
	double expires_s;
};

/* Answers false for what is missing or too long for the field: half a key is none. */
static bool copy(const char *text, char *ret_text, size_t size)
{
	return text && snprintf(ret_text, size, "%s", text) < (int)size;
}

static bool read_xml_text(const char *body, size_t body_size, const char *name, char *ret_text,
                          size_t size)
{
	return query_read_text(body, body_size, name, ret_text, size) && ret_text[0] &&
	       strlen(ret_text) + 1 < size; /* else it may have been cut */
}

static bool read_time(const char *text, double *ret_seconds)
{
	int64_t seconds;

	if (!text || !clock_parse_utc(text, &seconds))
		return false;
	*ret_seconds = (double)seconds;
	return true;
}

static bool read_xml(const char *body, size_t size, struct texts *texts)
{
	char time[TIME_SIZE];

	query_read_text(body, size, "Arn", texts->arn, sizeof(texts->arn));
	return read_xml_text(body, size, "AccessKeyId", texts->key_id, sizeof(texts->key_id)) &&
	       read_xml_text(body, size, "SecretAccessKey", texts->secret, sizeof(texts->secret)) &&
	       read_xml_text(body, size, "SessionToken", texts->token, sizeof(texts->token)) &&
	       read_xml_text(body, size, "Expiration", time, sizeof(time)) &&
	       read_time(time, &texts->expires_s);
}

static const char *field(const struct json_fields *fields, const char *action, const char *name,
                         char path[static 256])
{
	snprintf(path, 256, "%sResponse.%sResult.%s", action, action, name);
	return json_fields_text(fields, path);
}

static bool read_fields(const struct json_fields *fields, const char *action, struct texts *texts)
{
	char path[256];
	const char *arn = field(fields, action, "AssumedRoleUser.Arn", path);

	if (arn && !copy(arn, texts->arn, sizeof(texts->arn)))
		texts->arn[0] = '\0';
	if (!copy(field(fields, action, "Credentials.AccessKeyId", path), texts->key_id,
	          sizeof(texts->key_id)) ||
	    !copy(field(fields, action, "Credentials.SecretAccessKey", path), texts->secret,
	          sizeof(texts->secret)) ||
	    !copy(field(fields, action, "Credentials.SessionToken", path), texts->token,
	          sizeof(texts->token)))
		return false;
	return read_time(field(fields, action, "Credentials.Expiration", path),
	                 &texts->expires_s) ||
	       json_fields_number(fields, path, &texts->expires_s);
}

/* Answers 0, -EBADMSG or -ENOMEM. */
static int read_texts(const char *body, size_t size, const char *action, struct texts *texts)
{
	struct json_fields *fields;
	bool complete;
	int r;

	if (size && body[0] == '<')
		return read_xml(body, size, texts) ? 0 : -EBADMSG;
	r = json_fields_read(body, size, &fields);
	if (r < 0)
		return r;
	complete = read_fields(fields, action, texts);
	json_fields_free(fields);
	return complete ? 0 : -EBADMSG;
}

/* "arn:aws:sts::012345678910:assumed-role/…". Answers whether there is an account. */
static bool read_account(const char *arn, char account[static REGISTRY_ACCOUNT_DIGITS + 1])
{
	for (int i = 0; i < 4; i++) {
		arn = strchr(arn, ':');
		if (!arn)
			return false;
		arn++;
	}
	if (strcspn(arn, ":") != REGISTRY_ACCOUNT_DIGITS)
		return false;
	snprintf(account, REGISTRY_ACCOUNT_DIGITS + 1, "%s", arn);
	return registry_is_account(account);
}

int sts_answer_read(const char *body, size_t size, const char *action, const char *provider,
                    struct credentials **ret_credentials)
{
	char account[REGISTRY_ACCOUNT_DIGITS + 1];
	struct credentials *credentials = NULL;
	struct texts texts = {0};
	int r = read_texts(body, size, action, &texts);

	if (r == 0 && !(texts.expires_s >= 1 && texts.expires_s < LAST_S)) /* 0 would be never */
		r = -EBADMSG;
	if (r == 0) {
		credentials = credentials_new(texts.key_id, texts.secret, texts.token,
		                              read_account(texts.arn, account) ? account : NULL,
		                              (uint64_t)texts.expires_s * NS_PER_S, provider);
		r = credentials ? 0 : -ENOMEM;
	}
	explicit_bzero(&texts, sizeof(texts));
	if (r == 0)
		*ret_credentials = credentials;
	return r;
}

struct remedy {
	const char *code;
	const char *by_credentials, *by_token;
};

#define CHECK_SETTINGS                                                                             \
	"check role_arn, role_session_name, external_id and duration_seconds of the profile"
#define CHECK_KEYS "check the keys that the role is assumed with"
#define RENEW      "renew the credentials that the role is assumed with"
#define RENEW_TOKEN                                                                                \
	"the token in the file has expired: whoever writes it, such as the kubelet, has to renew " \
	"it"
#define ACTIVATE                                                                                   \
	"activate STS for the region in the account settings of IAM, or mount with another "       \
	"-o region"

static const struct remedy remedies[] = {
        {"AccessDenied",
         "these credentials need permission sts:AssumeRole for the role, and its trust policy has "
         "to name them (and the external_id, if it asks for one)",
         "the role's trust policy has to allow sts:AssumeRoleWithWebIdentity for this identity "
         "provider and subject"},
        {"ExpiredToken", RENEW, RENEW_TOKEN},
        {"ExpiredTokenException", RENEW, RENEW_TOKEN},
        {"InvalidIdentityToken", NULL,
         "the token in the file is not of an identity provider that IAM knows, or not for this "
         "audience"},
        {"IDPCommunicationError", NULL,
         "STS does not reach the identity provider: look whether its keys are published"},
        {"IDPRejectedClaim", NULL, "the identity provider takes the token in the file for void"},
        {"RegionDisabledException", ACTIVATE, ACTIVATE},
        {"InvalidClientTokenId", CHECK_KEYS, NULL},
        {"UnrecognizedClientException", CHECK_KEYS, NULL},
        {"SignatureDoesNotMatch", CHECK_KEYS, NULL},
        {"ValidationError", CHECK_SETTINGS, CHECK_SETTINGS},
};

const char *sts_answer_remedy(const char *code, bool by_token)
{
	for (size_t i = 0; i < sizeof(remedies) / sizeof(remedies[0]); i++)
		if (strcmp(code, remedies[i].code) == 0)
			return by_token ? remedies[i].by_token : remedies[i].by_credentials;
	return NULL;
}
