/* Providers that are asked in order, until one has credentials or fails. */
#ifndef ECRFS_ECR_PROVIDER_LIST_H
#define ECRFS_ECR_PROVIDER_LIST_H

#include "ecr/provider.h"

#include <stddef.h>

struct provider_list;

/* PROVIDER_NOT_CONFIGURED when none of them is. `outlasts` is that of the provider that found them
 * (see struct provider_ops). */
typedef void (*provider_list_fn)(void *arg, enum provider_answer answer, enum status status,
                                 struct credentials *credentials, bool outlasts);

/* Takes the providers, at least one, also on failure; one that is NULL could not be made for want
 * of memory. Answers 0 or -ENOMEM. */
int provider_list_new(struct provider *const *providers, size_t n, struct provider_list **ret_list);

/* A question that is open is not answered any more. Accepts NULL. Threads: loop. */
void provider_list_free(struct provider_list *list);

/* Asks; `done` is called later on the loop thread, never inside this call. One question at a time.
 * Threads: loop. */
void provider_list_ask(struct provider_list *list, provider_list_fn done, void *arg);

/* The name of the one that was asked last, static: of the last question it gave the answer. */
const char *provider_list_last(const struct provider_list *list);

/* The names of all, with their remarks: "env, profile, …, iam-role (the instance has no role)", cut
 * to `size`. Threads: loop. */
void provider_list_names(const struct provider_list *list, char *ret_names, size_t size);

#endif
