/* What a command of the AWS CLI that logs in has left in a JSON file: a token that lives for a
 * while, and what it can be renewed with. Threads: any.
 */
#ifndef ECRFS_ECR_LOGIN_TOKEN_H
#define ECRFS_ECR_LOGIN_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_fields;

/* A command, and how its file is read. All text is static. */
struct login_kind {
	const char *what;       /* such a token is called, in messages */
	const char *command;    /* that makes one */
	const char *log_key;    /* for its errors */
	const char *expires_at; /* the path of the time */
	uint64_t window_s;      /* so long before its end it is renewed */

	/* Whether it has all that it is for, and all that renewing takes. */
	bool (*is_complete)(const struct json_fields *fields);
	bool (*is_renewable)(const struct json_fields *fields, uint64_t now_ns);

	/* What is to be posted to `url`: a body and one more header, or NULL for no such header;
	 * both strings for json_fields_free_text(). Answers 0, -EBADMSG (what it is renewed with is
	 * not what it should be) or -ENOMEM. */
	int (*question)(const struct json_fields *fields, const char *url, uint64_t now_ns,
	                char **ret_body, char **ret_header);

	/* Takes over what the server answered, but for the time. Answers 0, with how many seconds
	 * it lives, -EBADMSG or -ENOMEM. */
	int (*renew)(struct json_fields *fields, const struct json_fields *answer,
	             double *ret_life_s);
};

struct login_token {
	const struct login_kind *kind;
	struct json_fields *fields;
	uint64_t expires_ns; /* since 1970 */
};

/* Reads the file's text. Answers 0, -EBADMSG (it is no such token) or -ENOMEM. */
int login_token_read(const struct login_kind *kind, const char *text, size_t size,
                     struct login_token **ret_token);

/* Wipes. Accepts NULL. */
void login_token_free(struct login_token *token);

bool login_token_is_renewable(const struct login_token *token, uint64_t now_ns);

/* Takes over what the server answered at this time; members that only others know stay as they
 * were. Answers 0, -EBADMSG or -ENOMEM: what it was is lost in part then. */
int login_token_renew(struct login_token *token, const char *answer, size_t size, uint64_t now_ns);

/* The body of a question: grantType refresh_token, and these members of the file. A string for
 * json_fields_free_text(). Answers 0 or -ENOMEM. */
int login_token_question(const struct json_fields *fields, const char *const *names,
                         char **ret_body);

/* Reads a time of a JSON object that is after 1970. Answers whether it was one. */
bool login_token_time(const struct json_fields *fields, const char *path, uint64_t *ret_ns);

#endif
