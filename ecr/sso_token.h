/* A token of IAM Identity Center, as the AWS CLI caches it in a JSON file. Threads: any. */
#ifndef ECRFS_ECR_SSO_TOKEN_H
#define ECRFS_ECR_SSO_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sso_token;

/* Reads the file's text. Answers 0, -EBADMSG (it has no accessToken and expiresAt) or -ENOMEM. */
int sso_token_read(const char *text, size_t size, struct sso_token **ret_token);

/* Wipes. Accepts NULL. */
void sso_token_free(struct sso_token *token);

/* The secret itself; borrowed. */
const char *sso_token_access(const struct sso_token *token);

/* Nanoseconds since 1970. */
uint64_t sso_token_expires_ns(const struct sso_token *token);

/* Whether it has all that renewing takes, at this time (nanoseconds since 1970). */
bool sso_token_is_renewable(const struct sso_token *token, uint64_t now_ns);

/* What is to be posted for a new one. A string for json_fields_free_text(), or NULL when out of
 * memory. Of a renewable one only. */
char *sso_token_question(const struct sso_token *token);

/* Takes over what the server answered to that at this time. Answers 0, -EBADMSG or -ENOMEM; what it
 * was then is lost in part. */
int sso_token_renew(struct sso_token *token, const char *answer, size_t size, uint64_t now_ns);

/* As the file is to be; with members that only others know as they were. A string for
 * json_fields_free_text(), or NULL when out of memory. */
char *sso_token_text(const struct sso_token *token);

#endif
