/* Credentials: one immutable snapshot of key, secret and token, counted, wiped when the last user
 * is done.
 *
 * The only type in which secrets live. A request takes one reference and signs with that, so that
 * a refresh can never mix two sets. The log has no way to print it.
 */
#ifndef ECRFS_ECR_CREDENTIALS_H
#define ECRFS_ECR_CREDENTIALS_H

#include <stdint.h>

struct credentials;

/* Copies everything. `session_token` and `account` may be NULL; `expires_ns` is real time
 * (nanoseconds since 1970), 0 for never. `provider` names where they come from, static storage.
 * Returns new, or NULL when out of memory. Threads: any. */
struct credentials *credentials_new(const char *access_key_id, const char *secret_access_key,
                                    const char *session_token, const char *account,
                                    uint64_t expires_ns, const char *provider);
struct credentials *credentials_ref(struct credentials *credentials);

/* The last reference wipes. Accepts NULL. */
void credentials_unref(struct credentials *credentials);

/* All borrowed from `credentials`. Session token and account are NULL where there is none. */
const char *credentials_access_key_id(const struct credentials *credentials);
const char *credentials_secret(const struct credentials *credentials);
const char *credentials_session_token(const struct credentials *credentials);
const char *credentials_account(const struct credentials *credentials);
const char *credentials_provider(const struct credentials *credentials);
uint64_t credentials_expires_ns(const struct credentials *credentials);

#endif
