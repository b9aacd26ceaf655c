/* No credentials of its own: refuses a profile that somebody named and that is in neither file,
 * before anything else is taken instead. */
#ifndef ECRFS_ECR_PROVIDER_PROFILE_H
#define ECRFS_ECR_PROVIDER_PROFILE_H

struct provider;
struct provider_parts;

/* Returns new, or NULL when out of memory. */
struct provider *provider_profile_new(const struct provider_parts *parts);

#endif
