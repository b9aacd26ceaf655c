/* Answers of STS to those who take a role, in JSON and XML. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "ecr/credentials.h"
#include "ecr/json.h"
#include "ecr/json_fields.h"
#include "ecr/query.h"
#include "ecr/registry.h"
#include "ecr/sts_answer.h"
#include "tests/fuzz/credentials_check.h"
#include "tests/fuzz/fuzz.h"

#include <ctype.h>
#include <errno.h>

/* 2286, beyond which no session lasts. */
#define LAST_NS (9999999999 * NS_PER_S)

/* A key of more bytes may have been cut. */
#define MAX_XML_KEY 254

static void must_be_same(const struct credentials *a, const struct credentials *b)
{
	MUST(fuzz_is_same(credentials_access_key_id(a), credentials_access_key_id(b)));
	MUST(fuzz_is_same(credentials_secret(a), credentials_secret(b)));
	MUST(fuzz_is_same(credentials_session_token(a), credentials_session_token(b)));
	MUST(credentials_expires_ns(a) == credentials_expires_ns(b));
}

static void check_written(const struct credentials *credentials, const char *text)
{
	struct credentials *again;

	MUST(sts_answer_read(text, strlen(text), "Again", "fuzz", &again) == 0);
	must_be_same(credentials, again);
	credentials_unref(again);
}

static void format_end(const struct credentials *credentials, char end[static CLOCK_UTC_SIZE])
{
	clock_format_utc((int64_t)(credentials_expires_ns(credentials) / NS_PER_S), end);
}

static void check_json(const struct credentials *credentials)
{
	CLEANUP(free_string) char *printed = NULL;
	CLEANUP(free_string) char *text = NULL;
	struct json_fields *fields = json_fields_new();
	char end[CLOCK_UTC_SIZE];

	format_end(credentials, end);
	MUST(fields);
	MUST(json_fields_set(fields, "AccessKeyId", credentials_access_key_id(credentials)) == 0);
	MUST(json_fields_set(fields, "SecretAccessKey", credentials_secret(credentials)) == 0);
	MUST(json_fields_set(fields, "SessionToken", credentials_session_token(credentials)) == 0);
	MUST(json_fields_set(fields, "Expiration", end) == 0);
	printed = json_fields_print(fields);
	json_fields_free(fields);
	MUST(printed);
	MUST(asprintf(&text, "{\"AgainResponse\":{\"AgainResult\":{\"Credentials\":%s}}}",
	              printed) > 0);
	if (!strstr(text, "\\u0000")) /* which is taken for a NUL, whatever is before it */
		check_written(credentials, text);
}

/* Writes what is printable as references. */
static char *write_element(char *end, const char *name, const char *text)
{
	end += sprintf(end, "<%s>", name);
	for (; *text; text++)
		if (*text >= ' ' && *text <= '~' && !isalnum((unsigned char)*text))
			end += sprintf(end, isdigit((unsigned char)text[1]) ? "&#%d;" : "&#x%x;",
			               *text);
		else
			*end++ = *text;
	return end + sprintf(end, "</%s>", name);
}

static void check_xml(const struct credentials *credentials)
{
	const char *key_id = credentials_access_key_id(credentials);
	const char *secret = credentials_secret(credentials);
	const char *token = credentials_session_token(credentials);
	size_t size = 6 * (strlen(key_id) + strlen(secret) + strlen(token)) + 1000;
	CLEANUP(free_string) char *text = malloc(size);
	char time[CLOCK_UTC_SIZE], *end = text;

	MUST(text);
	if (strlen(key_id) > MAX_XML_KEY || strlen(secret) > MAX_XML_KEY)
		return;
	format_end(credentials, time);
	end = write_element(end, "AccessKeyId", key_id);
	end = write_element(end, "SecretAccessKey", secret);
	end = write_element(end, "SessionToken", token);
	write_element(end, "Expiration", time);
	check_written(credentials, text);
}

static void check_answer(const char *body, size_t size, const char *action)
{
	struct credentials *credentials = NULL;
	int r = sts_answer_read(body, size, action, "fuzz", &credentials);
	const char *account;

	MUST(r == 0 || r == -EBADMSG);
	MUST((r == 0) == (credentials != NULL));
	if (r < 0)
		return;
	account = credentials_account(credentials);
	MUST(!account || registry_is_account(account));
	MUST(credentials_session_token(credentials)[0]);
	MUST(credentials_expires_ns(credentials) && credentials_expires_ns(credentials) < LAST_NS);
	credentials_check(credentials);
	check_json(credentials);
	check_xml(credentials);
	credentials_unref(credentials);
}

static void check_remedy(const char *body, size_t size)
{
	char code[JSON_CODE_SIZE];

	query_read_text(body, size, "Code", code, sizeof(code));
	for (int by_token = 0; by_token < 2; by_token++) {
		const char *remedy = sts_answer_remedy(code, by_token);

		MUST(!remedy || (remedy[0] && code[0]));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *body = (const char *)data;

	check_answer(body, size, "AssumeRole");
	check_answer(body, size, "AssumeRoleWithWebIdentity");
	check_remedy(body, size);
	return 0;
}
