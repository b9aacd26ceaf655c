/* Whose a registry is: its account, which the name `default` does not tell. */
#ifndef ECRFS_CACHE_OWNER_H
#define ECRFS_CACHE_OWNER_H

#include "cache/core.h"

/* Embedded in what stands for a registry. */
struct owner {
	struct core *core;
	const struct registry *registry;
	struct fetch fetch;
	char account[REGISTRY_ACCOUNT_DIGITS + 1]; /* when the last answer was STATUS_OK */
};

void owner_init(struct owner *owner, struct core *core, const struct registry *registry);

/* As cache_find_account(). Takes the lock. */
enum cache_answer owner_find(struct owner *owner, struct asker *asker,
                             char ret_account[static REGISTRY_ACCOUNT_DIGITS + 1],
                             enum status *ret_status);

#endif
