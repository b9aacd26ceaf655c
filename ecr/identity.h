/* Whose the credentials in use are: their account, as far as it is known.
 *
 * Known for one key at a time, since keys that come later may be another account's. Threads: loop.
 */
#ifndef ECRFS_ECR_IDENTITY_H
#define ECRFS_ECR_IDENTITY_H

#include "ecr/registry.h"

#include <stddef.h>

struct credentials;

/* AWS: an access key id has at most 128 characters. */
#define IDENTITY_KEY_SIZE 129

struct identity {
	char key_id[IDENTITY_KEY_SIZE]; /* "" while nothing is known, and the account is "" */
	char account[REGISTRY_ACCOUNT_DIGITS + 1];
};

/* The account: that which the credentials themselves name, else what was learnt of their key. NULL
 * when it is not known. Borrowed from one of the two. */
const char *identity_account(const struct identity *identity,
                             const struct credentials *credentials);

/* From now on the account of this key is known. Anything but 12 digits is ignored. */
void identity_learn(struct identity *identity, const struct credentials *credentials,
                    const char *account);

/* Learns from an answer of ECR to a request that named no registry: then the `registryId` in it is
 * the caller's own. */
void identity_learn_from_answer(struct identity *identity, const struct credentials *credentials,
                                const char *body, size_t size);

#endif
