/* Error answers of ECR and STS, and single texts of any answer. */
#include "base/status.h"
#include "ecr/credentials.h"
#include "ecr/error.h"
#include "ecr/identity.h"
#include "ecr/json.h"
#include "ecr/query.h"
#include "tests/fuzz/fuzz.h"

#define N_TEXTS 3

static const char *const names[N_TEXTS] = {"Code", "Message", "Account"};

/* Whatever a server says: it is cut, and means something. */
static void check_error(const char *code, const char *message)
{
	static const long statuses[] = {200, 400, 403, 404, 413, 429, 500, 503, 999};
	struct api_error error;

	MUST(strlen(code) < JSON_CODE_SIZE && strlen(message) < JSON_MESSAGE_SIZE);
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		error = api_error_of(code, statuses[i]);
		MUST(error.status != STATUS_OK);
		MUST(strcmp(status_text(error.status), "") != 0);
		MUST(!error.throttled || error.retryable);
		MUST(!error.repository_absent || error.status == STATUS_ABSENT);
		api_error_is_about_filter(&error, message);
	}
	MUST(image_failure_status(code) != STATUS_OK);
}

/* What was cut once stays as it is. */
static void check_code(const char *text)
{
	char once[JSON_CODE_SIZE], twice[JSON_CODE_SIZE];

	api_error_copy_code(text, once, sizeof(once));
	api_error_copy_code(once, twice, sizeof(twice));
	MUST(strcmp(once, twice) == 0);
	MUST(!strpbrk(once, ":#"));
}

/* A text that is cut is the beginning of the whole one. */
static void check_texts(const char *body, size_t size)
{
	char text[600], cut[13];

	for (size_t i = 0; i < N_TEXTS; i++) {
		bool found = query_read_text(body, size, names[i], text, sizeof(text));

		MUST(found == query_read_text(body, size, names[i], cut, sizeof(cut)));
		MUST(found || !text[0]);
		MUST(strncmp(text, cut, sizeof(cut) - 1) == 0);
		MUST(strlen(cut) < sizeof(cut));
		check_code(text);
	}
}

static void check_identity(const char *body, size_t size)
{
	struct credentials *credentials = credentials_new("AKIA", "s", NULL, NULL, 0, "fuzz");
	struct identity identity = {0};
	const char *account;

	MUST(credentials);
	identity_learn_from_answer(&identity, credentials, body, size);
	account = identity_account(&identity, credentials);
	MUST(!account || registry_is_account(account));
	credentials_unref(credentials);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *body = (const char *)data;
	char code[JSON_CODE_SIZE], message[JSON_MESSAGE_SIZE];

	json_read_error(body, size, code, message);
	check_error(code, message);
	query_read_text(body, size, "Code", code, sizeof(code));
	query_read_text(body, size, "Message", message, sizeof(message));
	check_error(code, message);
	check_texts(body, size);
	check_identity(body, size);
	return 0;
}
