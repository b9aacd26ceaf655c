/* Credentials from the program that the profile in use names: credential_process.
 *
 * It is cut into words as by a shell, and run without one, found by PATH, for at most a minute. It
 * may even look into the mount that waits for it: what it asks there fails in time.
 */
#ifndef ECRFS_ECR_PROVIDER_PROCESS_H
#define ECRFS_ECR_PROVIDER_PROCESS_H

struct provider;
struct provider_parts;

/* Borrows the members of `parts`. Returns new, or NULL when out of memory. */
struct provider *provider_process_new(const struct provider_parts *parts);

#endif
