/* Cached tokens: those of IAM Identity Center. */
#include "ecr/login_token.h"
#include "base/clock.h"
#include "ecr/json_fields.h"
#include "ecr/sso_token.h"
#include "tests/unit/fake_clock.h"
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NOW_NS FAKE_CLOCK_REALTIME_NS

#define BASE "\"accessToken\": \"access\", \"expiresAt\": \"2026-01-02T04:04:05Z\""
#define REST                                                                                       \
	", \"refreshToken\": \"refresh\", \"clientId\": \"id\", \"clientSecret\": \"secret\", "    \
	"\"registrationExpiresAt\": \"2026-03-01T00:00:00Z\""

static struct login_token *read_text(const char *text)
{
	struct login_token *token = NULL;

	assert_int_equal(login_token_read(&sso_token_kind, text, strlen(text), &token), 0);
	return token;
}

static void token_and_end_are_read(void **state)
{
	struct login_token *token = read_text("{" BASE "}");

	(void)state;
	assert_string_equal(json_fields_text(token->fields, "accessToken"), "access");
	assert_int_equal(token->expires_ns, NOW_NS + 3600 * NS_PER_S);
	login_token_free(token);
	login_token_free(NULL);
	token = read_text("{\"accessToken\": \"a\", \"expiresAt\": \"2026-01-02T03:04:05UTC\"}");
	assert_int_equal(token->expires_ns, NOW_NS);
	login_token_free(token);
	token = read_text("{\"accessToken\": \"a\", \"expiresAt\": \"2600-01-02T03:04:05Z\"}");
	assert_true(token->expires_ns / NS_PER_S == UINT64_MAX / NS_PER_S);
	login_token_free(token);
}

static void what_has_no_token_or_no_end_is_none(void **state)
{
	static const char *const texts[] = {
	        "",
	        "[]",
	        "{}",
	        "{\"accessToken\": \"a\"}",
	        "{\"expiresAt\": \"2026-01-02T03:04:05Z\"}",
	        "{\"accessToken\": \"a\", \"expiresAt\": \"tomorrow\"}",
	        "{\"accessToken\": \"a\", \"expiresAt\": 1767323045}",
	        "{\"accessToken\": \"a\", \"expiresAt\": \"1960-01-02T03:04:05Z\"}",
	        "{\"accessToken\": 7, \"expiresAt\": \"2026-01-02T03:04:05Z\"}",
	};
	struct login_token *token = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(
		        login_token_read(&sso_token_kind, texts[i], strlen(texts[i]), &token),
		        -EBADMSG);
	assert_null(token);
}

static void renewing_takes_all_parts_and_a_registration(void **state)
{
	static const char *const parts[] = {"refreshToken", "clientId", "clientSecret",
	                                    "registrationExpiresAt"};
	struct login_token *token = read_text("{" BASE REST "}");

	(void)state;
	assert_true(login_token_is_renewable(token, NOW_NS));
	assert_false(login_token_is_renewable(token, NOW_NS + 100 * 86400 * NS_PER_S));
	login_token_free(token);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		char text[] = "{" BASE REST "}";

		*strstr(text, parts[i]) = 'X';
		token = read_text(text);
		assert_false(login_token_is_renewable(token, NOW_NS));
		login_token_free(token);
	}
}

static void assert_text(char *text, const char *expected)
{
	assert_string_equal(text, expected);
	json_fields_free_text(text);
}

static void the_question_has_what_the_server_wants(void **state)
{
	struct login_token *token = read_text("{" BASE REST "}");
	char *body, *header;

	(void)state;
	assert_int_equal(
	        sso_token_kind.question(token->fields, "https://u", NOW_NS, &body, &header), 0);
	assert_null(header);
	assert_text(body, "{\"grantType\":\"refresh_token\",\"clientId\":\"id\","
	                  "\"clientSecret\":\"secret\",\"refreshToken\":\"refresh\"}");
	login_token_free(token);
}

static int renew(struct login_token *token, const char *answer)
{
	return login_token_renew(token, answer, strlen(answer), NOW_NS);
}

static void the_answer_takes_the_place_of_the_old_one(void **state)
{
	struct login_token *token =
	        read_text("{\"startUrl\": \"https://s\", \"odd\": {\"a\": [1]}, " BASE REST "}");

	(void)state;
	assert_int_equal(renew(token, "{\"accessToken\": \"new\", \"expiresIn\": 7200, "
	                              "\"refreshToken\": \"next\", \"tokenType\": \"Bearer\"}"),
	                 0);
	assert_string_equal(json_fields_text(token->fields, "accessToken"), "new");
	assert_int_equal(token->expires_ns, NOW_NS + 7200 * NS_PER_S);
	assert_text(
	        json_fields_print(token->fields),
	        "{\"startUrl\":\"https://s\",\"odd\":{\"a\":[1]},\"clientId\":\"id\","
	        "\"clientSecret\":\"secret\",\"registrationExpiresAt\":\"2026-03-01T00:00:00Z\","
	        "\"accessToken\":\"new\",\"refreshToken\":\"next\","
	        "\"expiresAt\":\"2026-01-02T05:04:05Z\"}");
	login_token_free(token);
}

static void a_refresh_token_is_used_once(void **state)
{
	struct login_token *token = read_text("{" BASE REST "}");

	(void)state;
	assert_int_equal(renew(token, "{\"accessToken\": \"new\", \"expiresIn\": 1e300}"), 0);
	assert_false(login_token_is_renewable(token, NOW_NS));
	login_token_free(token);
}

static void an_answer_that_is_none_changes_nothing(void **state)
{
	static const char *const answers[] = {
	        "",
	        "{}",
	        "{\"accessToken\": \"new\"}",
	        "{\"expiresIn\": 3600}",
	        "{\"accessToken\": \"new\", \"expiresIn\": 0}",
	        "{\"accessToken\": \"new\", \"expiresIn\": \"3600\"}",
	};
	struct login_token *token = read_text("{" BASE REST "}");

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		assert_int_equal(renew(token, answers[i]), -EBADMSG);
	assert_string_equal(json_fields_text(token->fields, "accessToken"), "access");
	assert_true(login_token_is_renewable(token, NOW_NS));
	login_token_free(token);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(token_and_end_are_read),
	        cmocka_unit_test(what_has_no_token_or_no_end_is_none),
	        cmocka_unit_test(renewing_takes_all_parts_and_a_registration),
	        cmocka_unit_test(the_question_has_what_the_server_wants),
	        cmocka_unit_test(the_answer_takes_the_place_of_the_old_one),
	        cmocka_unit_test(a_refresh_token_is_used_once),
	        cmocka_unit_test(an_answer_that_is_none_changes_nothing),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
