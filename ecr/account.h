/* The account of a registry, also of the one that has no name but the caller's. */
#ifndef ECRFS_ECR_ACCOUNT_H
#define ECRFS_ECR_ACCOUNT_H

#include "ecr/source.h"

struct account;
struct api;
struct loop;
struct principal;

/* `principal` is the caller. Borrows all, for its life. Answers 0 or -ENOMEM. */
int account_new(struct loop *loop, struct api *api, struct principal *principal,
                struct account **ret_account);

/* After the api was freed. Questions that are still open are answered STATUS_SERVER_ERROR. Then the
 * principal, which may still know one, must be freed before the loop runs again. Accepts NULL.
 * Threads: loop. */
void account_free(struct account *account);

/* As `find_account` of `ecr/source.h`: any number of questions about the caller's own account share
 * one call, and none is made when credentials or an earlier answer tell. Threads: loop. */
int account_find(struct account *account, const struct registry *registry, account_fn found,
                 void *arg);

#endif
