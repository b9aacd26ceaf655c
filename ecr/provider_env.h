/* Credentials from the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN (or
 * AWS_SECURITY_TOKEN, as it once was called), AWS_CREDENTIAL_EXPIRATION. */
#ifndef ECRFS_ECR_PROVIDER_ENV_H
#define ECRFS_ECR_PROVIDER_ENV_H

struct provider;
struct provider_parts;

/* Reads the environment now, once, before any thread runs. A key id without a secret is
 * "configured but failing", as is an expiration that is no time. Returns new, or NULL when out of
 * memory. */
struct provider *provider_env_new(const struct provider_parts *parts);

#endif
