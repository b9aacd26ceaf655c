/* Credentials of IAM Identity Center ("AWS SSO"), for those who are logged in with the AWS CLI. */
#ifndef ECRFS_ECR_PROVIDER_SSO_H
#define ECRFS_ECR_PROVIDER_SSO_H

struct provider;
struct provider_parts;

/* Borrows the members of `parts`. Returns new, or NULL when out of memory. */
struct provider *provider_sso_new(const struct provider_parts *parts);

#endif
