/* The token that a command of the AWS CLI has left in its cache, renewed where that is possible,
 * and then written back for all who use it.
 *
 * The file is read each time: whoever logs in again, or out, in another terminal is heard at once.
 * A renewed token that cannot be written is kept in memory, for as long as the file stays as it
 * was. Threads: loop.
 */
#ifndef ECRFS_ECR_LOGIN_CACHE_H
#define ECRFS_ECR_LOGIN_CACHE_H

#include "base/status.h"

struct json_fields;
struct login_cache;
struct login_kind;
struct login_token;
struct provider_parts;

/* botocore: a token is renewed no oftener than that. */
#define LOGIN_CACHE_ATTEMPT_S 60

/* `token` is borrowed for the call, NULL unless STATUS_OK: what went wrong has been logged, with
 * what to do. */
typedef void (*login_cache_fn)(void *arg, enum status status, const struct login_token *token);

/* The directory is what the variable says (NULL: there is none), else the other one. Borrows the
 * members of `parts`. Returns new, or NULL when out of memory. */
struct login_cache *login_cache_new(const struct provider_parts *parts,
                                    const struct login_kind *kind, const char *variable,
                                    const char *directory);

/* After the http client was freed, or while nothing is asked. Accepts NULL. */
void login_cache_free(struct login_cache *cache);

/* Asks for a token that has not expired: the file of this name (without .json), renewed at this
 * URL; NULL: it is not renewed. Copies both. `done` is called later. One question at a time. */
void login_cache_ask(struct login_cache *cache, const char *name, const char *url,
                     login_cache_fn done, void *arg);

#endif
