/* With whose credentials a mount reads. Threads: main. */
#ifndef ECRFS_FS_CHECK_IDENTITY_H
#define ECRFS_FS_CHECK_IDENTITY_H

#include "fs/check_calls.h"

/* Fills in identities of the registries, which are there already. Answers 0 or -ENOMEM. */
int check_identities_list(struct check *check);

/* Whether there are credentials, and which. */
void check_credentials(struct check *check, struct check_identity *identity);

/* Whose the credentials are; asked at the STS of a registry that was reached. */
void check_account(struct check *check, struct check_identity *identity,
                   const struct check_registry *registry);

#endif
