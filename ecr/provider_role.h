/* The role that the profile in use names by `role_arn`, assumed with the credentials of its
 * `source_profile` or `credential_source`. */
#ifndef ECRFS_ECR_PROVIDER_ROLE_H
#define ECRFS_ECR_PROVIDER_ROLE_H

struct provider;
struct provider_parts;

/* Reads the environment now, as provider_env_new() does. Returns new, or NULL when out of memory.
 */
struct provider *provider_role_new(const struct provider_parts *parts);

#endif
