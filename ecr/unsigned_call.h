/* One call to an AWS API that is not signed, since it is what credentials come from: sent again by
 * the rules of `ecr/retry.h`.
 *
 * Threads: loop.
 */
#ifndef ECRFS_ECR_UNSIGNED_CALL_H
#define ECRFS_ECR_UNSIGNED_CALL_H

#include "net/http.h"

struct loop;
struct unsigned_call;

#define UNSIGNED_CALL_HEADERS 3

struct unsigned_question {
	const char *url;
	const char *headers[UNSIGNED_CALL_HEADERS + 1]; /* "Name: value", NULL at the end */
	const char *body;                               /* NULL: it is a GET */
};

/* Asks; copies the question, and wipes its copy. `done` is called once, later, with the answer of
 * the last attempt; then `ret_call` is freed. Answers 0 or -ENOMEM. */
int unsigned_call_start(struct loop *loop, struct http *http,
                        const struct unsigned_question *question, http_fn done, void *arg,
                        struct unsigned_call **ret_call);

/* Of one that is not done: it is not any more. Only after http_free(), since requests cannot be
 * taken back. Accepts NULL. */
void unsigned_call_free(struct unsigned_call *call);

/* A short text about an answer that is no success: the code and message that the body names, or
 * what went wrong on the way. */
#define UNSIGNED_CALL_WHY_SIZE 400
void unsigned_call_explain(const struct http_answer *answer,
                           char ret_why[static UNSIGNED_CALL_WHY_SIZE]);

#endif
