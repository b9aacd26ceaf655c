/* What STS answered, in JSON or XML, and what its errors mean to a person. */
#ifndef ECRFS_ECR_STS_ANSWER_H
#define ECRFS_ECR_STS_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

struct credentials;

/* The credentials in the answer to `action` ("AssumeRole", …); `provider` (static) names whose they
 * are. Answers 0, -EBADMSG (there are none, or not all of them) or -ENOMEM. Threads: any. */
int sts_answer_read(const char *body, size_t size, const char *action, const char *provider,
                    struct credentials **ret_credentials);

/* What to do about an error code, for who assumes a role by a token, or by other credentials; NULL
 * for codes that speak for themselves. Static storage. Threads: pure. */
const char *sts_answer_remedy(const char *code, bool by_token);

#endif
