/* Credentials of those who signed in with `aws login`. */
#ifndef ECRFS_ECR_PROVIDER_LOGIN_H
#define ECRFS_ECR_PROVIDER_LOGIN_H

struct provider;
struct provider_parts;

/* Borrows the members of `parts`. Returns new, or NULL when out of memory. */
struct provider *provider_login_new(const struct provider_parts *parts);

#endif
