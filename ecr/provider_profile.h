/* Credentials from the shared files: static keys of the profile in use. */
#ifndef ECRFS_ECR_PROVIDER_PROFILE_H
#define ECRFS_ECR_PROVIDER_PROFILE_H

struct log;
struct loop;
struct profile;
struct provider;

/* Borrows all. Returns new, or NULL when out of memory. */
struct provider *provider_profile_new(struct loop *loop, struct log *log, struct profile *profile);

#endif
