/* A role that a token in a file vouches for (EKS: IRSA): AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN
 * and AWS_ROLE_SESSION_NAME, or the keys of the profile. */
#ifndef ECRFS_ECR_PROVIDER_WEB_IDENTITY_H
#define ECRFS_ECR_PROVIDER_WEB_IDENTITY_H

struct provider;
struct provider_parts;

/* Reads the environment now, unless the profile alone counts. Returns new, or NULL when out of
 * memory. */
struct provider *provider_web_identity_new(const struct provider_parts *parts);

#endif
