/* The token without which IMDSv2 tells nothing. Of `ecr/imds.c`. Threads: loop. */
#ifndef ECRFS_ECR_IMDS_TOKEN_H
#define ECRFS_ECR_IMDS_TOKEN_H

#include "ecr/imds.h"

struct imds_settings;
struct imds_token;

/* IMDS_FOUND with the token, which is good for what is asked at once, else IMDS_ABSENT or
 * IMDS_FAILED with the reason. `text` is borrowed for the call. */
typedef void (*imds_token_fn)(void *arg, enum imds_answer answer, enum status status,
                              const char *text);

/* Borrows all. Answers 0 or -ENOMEM. */
int imds_token_new(struct loop *loop, const struct clock *clock, struct http *http,
                   imds_token_fn came, void *arg, struct imds_token **ret_token);

/* After http_free(). Accepts NULL. */
void imds_token_free(struct imds_token *token);

/* The token at hand, NULL where there is none that is good for a while. Borrowed until the loop
 * goes on. */
const char *imds_token_text(const struct imds_token *token);

/* Fetches one, unless that is under way; `came` of imds_token_new() is called later. Answers 0 or
 * -ENOMEM. */
int imds_token_fetch(struct imds_token *token, const struct imds_settings *settings);

/* The next one is fetched. */
void imds_token_forget(struct imds_token *token);

/* IMDS does not know `text` any more, or is another one: if that is still at hand it is forgotten.
 */
void imds_token_reject(struct imds_token *token, const char *text);

#endif
