/* The credential providers, as one list in the order in which they are asked: that of the AWS CLI.
 */
#ifndef ECRFS_ECR_PROVIDERS_H
#define ECRFS_ECR_PROVIDERS_H

#include <stddef.h>

struct provider;
struct provider_parts;

/* At least as many as there are rows. */
#define PROVIDERS_MAX 16

/* Makes the providers for `parts`, all that there are or only those that a profile names itself
 * (for the source profile of a role). One that could not be made for want of memory is NULL:
 * chain_new() sees to it. Answers how many. Threads: loop, or before it runs. */
size_t providers_new(const struct provider_parts *parts,
                     struct provider *ret_providers[PROVIDERS_MAX]);
size_t providers_new_of_profile(const struct provider_parts *parts,
                                struct provider *ret_providers[PROVIDERS_MAX]);

#endif
