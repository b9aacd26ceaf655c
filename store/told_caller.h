/* Whose what was told is, in this life and the next.
 *
 * A caller is an account, where that is known, else a key. Which account a key belongs to never
 * changes, so what was learnt of it is kept (as a file of LISTING_CALLER, under the key's hash).
 *
 * Without credentials for the moment (they have expired, or the home directory hangs), the caller
 * is the last one who came from the same source. What that one was told counts only as long as ECR
 * cannot be asked: as soon as there are credentials, they say who asks.
 *
 * Threads: disk, except where said.
 */
#ifndef ECRFS_STORE_TOLD_CALLER_H
#define ECRFS_STORE_TOLD_CALLER_H

#include "ecr/registry.h"
#include "store/told_files.h"

/* A struct caller, copied. Of the key there is the hash only. */
struct told_caller {
	char place[640];
	char source[1088];
	char key[DIGEST_HEX_SIZE];                 /* "": none */
	char account[REGISTRY_ACCOUNT_DIGITS + 1]; /* "": not known */
};

/* Answers whether it fits. Threads: any. */
bool told_caller_copy(const struct caller *caller, struct told_caller *ret_caller);

struct told_identity {
	char text[DIGEST_HEX_SIZE + sizeof("account ")];
	char account[REGISTRY_ACCOUNT_DIGITS + 1]; /* "": not known */
	uint64_t account_told_ns;                  /* real time */
	bool is_guess;                             /* by the source */
};

/* Answers whether there is one. */
bool told_caller_identify(struct told_files *files, const struct told_caller *caller,
                          struct told_identity *ret_identity);

/* Keeps what the next life may not find out. */
void told_caller_remember(struct told_files *files, const struct told_caller *caller,
                          const struct told_identity *identity);

/* The key of what the caller was told of a registry (`repository` "") or a repository. Answers
 * whether it fits. Threads: pure. */
bool told_caller_key(const struct told_caller *caller, const struct told_identity *identity,
                     const struct registry *registry, const char *repository,
                     char ret_key[static TOLD_KEY_SIZE]);

#endif
