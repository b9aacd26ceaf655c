/* From the JSON of a credential server to credentials, or to what is wrong with it. */
#include "ecr/metadata_credentials.h"
#include "base/clock.h"
#include "ecr/credentials.h"
#include "ecr/json_fields.h"
#include "ecr/registry.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Later than this is never: nanoseconds since 1970 would not fit. */
#define LAST_S ((int64_t)(UINT64_MAX / NS_PER_S))

static const char *first_text(const struct json_fields *fields, const char *name,
                              const char *other_name)
{
	const char *text = json_fields_text(fields, name);

	return text ? text : json_fields_text(fields, other_name);
}

/* IMDS writes Code and Message, the servers of containers code and message. */
static void describe_error(const struct json_fields *fields, char *ret_text)
{
	const char *code = first_text(fields, "Code", "code");
	const char *message = first_text(fields, "Message", "message");

	snprintf(ret_text, METADATA_WHY_SIZE, "%.80s%s%.300s", code ? code : "",
	         code && message ? ": " : "", message ? message : "");
	for (; *ret_text; ret_text++)
		if (*ret_text == '\n' || *ret_text == '\r')
			*ret_text = '?'; /* as the log has it */
}

void metadata_error_read(const char *text, size_t size, char ret_text[static METADATA_WHY_SIZE])
{
	struct json_fields *fields;

	ret_text[0] = '\0';
	if (json_fields_read(text, size, &fields) < 0)
		return;
	describe_error(fields, ret_text);
	json_fields_free(fields);
}

/* Answers whether it is a time, or there is none. */
static bool read_expiration(const struct json_fields *fields, uint64_t *ret_expires_ns)
{
	const char *text = json_fields_text(fields, "Expiration");
	double number;
	int64_t seconds;

	if (!text) {
		*ret_expires_ns = 0;
		return !json_fields_number(fields, "Expiration", &number);
	}
	if (!clock_parse_utc(text, &seconds) || seconds <= 0)
		return false;
	*ret_expires_ns = seconds < LAST_S ? (uint64_t)seconds * NS_PER_S : 0;
	return true;
}

/* It becomes part of signed headers: no blanks, no line breaks. */
static bool is_header_text(const char *text)
{
	for (; text && *text; text++)
		if (*text <= ' ' || *text > '~')
			return false;
	return true;
}

static enum status read_fields(const struct json_fields *fields, const char *provider,
                               struct credentials **ret_credentials, char *ret_why)
{
	const char *code = json_fields_text(fields, "Code");
	const char *key_id = json_fields_text(fields, "AccessKeyId");
	const char *secret = json_fields_text(fields, "SecretAccessKey");
	const char *token = json_fields_text(fields, "Token");
	const char *account = json_fields_text(fields, "AccountId");
	struct credentials *credentials;
	uint64_t expires_ns;

	if (code ? strcmp(code, "Success") != 0 : first_text(fields, "code", "message") != NULL) {
		describe_error(fields, ret_why);
		return STATUS_NO_CREDENTIALS;
	}
	if (!key_id || !secret) {
		snprintf(ret_why, METADATA_WHY_SIZE, "the answer has no %s",
		         key_id ? "SecretAccessKey" : "AccessKeyId");
		return STATUS_PROTOCOL;
	}
	if (!is_header_text(key_id) || !is_header_text(secret) || !is_header_text(token)) {
		snprintf(ret_why, METADATA_WHY_SIZE,
		         "there are characters in the answer's keys that no key has");
		return STATUS_PROTOCOL;
	}
	if (!read_expiration(fields, &expires_ns)) {
		snprintf(ret_why, METADATA_WHY_SIZE, "the Expiration in the answer is not a time");
		return STATUS_PROTOCOL;
	}
	if (account && !registry_is_account(account))
		account = NULL;
	credentials = credentials_new(key_id, secret, token, account, expires_ns, provider);
	if (!credentials)
		return STATUS_NO_MEMORY;
	*ret_credentials = credentials;
	return STATUS_OK;
}

enum status metadata_credentials_read(const char *text, size_t size, const char *provider,
                                      struct credentials **ret_credentials,
                                      char ret_why[static METADATA_WHY_SIZE])
{
	struct json_fields *fields;
	enum status status;
	int r = json_fields_read(text, size, &fields);

	snprintf(ret_why, METADATA_WHY_SIZE, "%s",
	         r == -ENOMEM ? "no memory for the answer" : "the answer is not a JSON object");
	if (r < 0)
		return r == -ENOMEM ? STATUS_NO_MEMORY : STATUS_PROTOCOL;
	status = read_fields(fields, provider, ret_credentials, ret_why);
	json_fields_free(fields);
	return status;
}
