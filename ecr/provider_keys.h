/* Static keys of the profile in use, from one of the two shared files. Key id, secret and token are
 * of the same file: halves of two would be no key. */
#ifndef ECRFS_ECR_PROVIDER_KEYS_H
#define ECRFS_ECR_PROVIDER_KEYS_H

struct provider;
struct provider_parts;

/* Return new, or NULL when out of memory. */
struct provider *provider_credentials_file_new(const struct provider_parts *parts);
struct provider *provider_config_file_new(const struct provider_parts *parts);

#endif
