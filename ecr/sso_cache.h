/* The token of IAM Identity Center that `aws sso login` has left in its cache, renewed where that
 * is possible, and then written back for all who use it.
 *
 * The file is read each time: whoever logs in again, or out, in another terminal is heard at once.
 * A renewed token that cannot be written is kept in memory, for as long as the file stays as it
 * was. Threads: loop.
 */
#ifndef ECRFS_ECR_SSO_CACHE_H
#define ECRFS_ECR_SSO_CACHE_H

#include "base/status.h"

struct provider_parts;
struct sso_cache;
struct sso_config;

/* botocore: a token is renewed when so little of its life is left, and no oftener than that. */
#define SSO_CACHE_WINDOW_S  (15 * 60)
#define SSO_CACHE_ATTEMPT_S 60

/* `token` is borrowed for the call, NULL unless STATUS_OK: what went wrong has been logged, with
 * what to do. */
typedef void (*sso_cache_fn)(void *arg, enum status status, const char *token);

/* Borrows the members of `parts`. Returns new, or NULL when out of memory. */
struct sso_cache *sso_cache_new(const struct provider_parts *parts);

/* After the http client was freed, or while nothing is asked. Accepts NULL. */
void sso_cache_free(struct sso_cache *cache);

/* Asks for a token that has not expired. `config` is borrowed until `done` is called, which is
 * later. One question at a time. */
void sso_cache_ask(struct sso_cache *cache, const struct sso_config *config, sso_cache_fn done,
                   void *arg);

#endif
