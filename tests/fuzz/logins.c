/* What logins of the AWS CLI leave in files; and, behind a line of "----", what a server answers to
 * who renews that.
 */
#include "base/cleanup.h"
#include "base/clock.h"
#include "ecr/json_fields.h"
#include "ecr/login_token.h"
#include "ecr/signin_token.h"
#include "ecr/sso_token.h"
#include "tests/fuzz/credentials_check.h"
#include "tests/fuzz/fuzz.h"

#include <errno.h>

#define NOW_NS (1767323045 * NS_PER_S)
#define YEAR_S (366LL * 24 * 3600)
#define URL    "https://localhost/token"

static const char *secret_path(const struct login_kind *kind)
{
	return kind == &sso_token_kind ? SSO_TOKEN_ACCESS : SIGNIN_TOKEN_SECRET;
}

/* A token that is written to its file, and read from there, is the same. */
static void check_token(const struct login_token *token)
{
	CLEANUP(free_string) char *text = json_fields_print(token->fields);
	const char *path = secret_path(token->kind);
	struct login_token *again;

	MUST(text);
	MUST(json_fields_text(token->fields, path));
	credentials_check_end(token->expires_ns,
	                      json_fields_text(token->fields, token->kind->expires_at));
	if (strstr(text, "\\u0000")) /* which is taken for a NUL, whatever is before it */
		return;
	MUST(login_token_read(token->kind, text, strlen(text), &again) == 0);
	MUST(again->expires_ns == token->expires_ns);
	MUST(fuzz_is_same(json_fields_text(token->fields, path),
	                  json_fields_text(again->fields, path)));
	MUST(login_token_is_renewable(again, NOW_NS) == login_token_is_renewable(token, NOW_NS));
	login_token_free(again);
}

/* It is JSON with these texts, and one line of a header. */
static void check_question(const struct login_token *token)
{
	static const char *const names[] = {"clientId", "refreshToken"};
	struct json_fields *question;
	char *body = NULL, *header = NULL;
	int r = token->kind->question(token->fields, URL, NOW_NS, &body, &header);

	MUST(r == 0 || r == -EBADMSG);
	MUST((r == 0) == (body != NULL));
	for (const char *c = header ? header : ""; *c; c++)
		MUST(*c >= ' ' && *c <= '~');
	if (r == 0 && json_fields_read(body, strlen(body), &question) == 0) {
		MUST(fuzz_is_same(json_fields_text(question, "grantType"), "refresh_token"));
		for (size_t i = 0; i < 2; i++)
			MUST(fuzz_is_same(json_fields_text(question, names[i]),
			                  json_fields_text(token->fields, names[i])));
		json_fields_free(question);
	} else if (r == 0) {
		MUST(strstr(body, "\\u0000"));
	}
	json_fields_free_text(body);
	json_fields_free_text(header);
}

static void check_renewal(struct login_token *token, const char *answer, size_t size)
{
	int r = login_token_renew(token, answer, size, NOW_NS);

	MUST(r == 0 || r == -EBADMSG || r == -ENOENT);
	if (r < 0)
		return;
	MUST(token->expires_ns > NOW_NS && token->expires_ns < NOW_NS + 11 * YEAR_S * NS_PER_S);
	check_token(token);
}

static void check_kind(const struct login_kind *kind, const char *file, size_t file_size,
                       const char *answer, size_t size)
{
	struct login_token *token = NULL;
	int r = login_token_read(kind, file, file_size, &token);

	MUST(r == 0 || r == -EBADMSG);
	MUST((r == 0) == (token != NULL));
	if (r < 0)
		return;
	check_token(token);
	if (login_token_is_renewable(token, NOW_NS)) {
		check_question(token);
		check_renewal(token, answer, size);
	}
	login_token_free(token);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *file = (const char *)data, *answer = file;
	size_t file_size = fuzz_cut_part(&answer, &size);

	check_kind(&sso_token_kind, file, file_size, answer, size);
	check_kind(&signin_token_kind, file, file_size, answer, size);
	return 0;
}
