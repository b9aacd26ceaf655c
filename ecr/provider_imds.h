/* Credentials of the role of an EC2 instance, by its metadata service. */
#ifndef ECRFS_ECR_PROVIDER_IMDS_H
#define ECRFS_ECR_PROVIDER_IMDS_H

struct provider;
struct provider_parts;

/* Returns new, or NULL when out of memory. Threads: loop, or before it runs. */
struct provider *provider_imds_new(const struct provider_parts *parts);

#endif
