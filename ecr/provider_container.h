/* Credentials of a container: ECS, EKS Pod Identity, Greengrass, and whoever else sets their
 * variables. */
#ifndef ECRFS_ECR_PROVIDER_CONTAINER_H
#define ECRFS_ECR_PROVIDER_CONTAINER_H

struct provider;
struct provider_parts;

/* Reads the variables now, once, before any thread runs; the file of the token is read for each
 * question, since it is replaced. Freed after the HTTP client. Returns new, or NULL when out of
 * memory. */
struct provider *provider_container_new(const struct provider_parts *parts);

#endif
