/* One principal per account that has a profile of its own. */
#include "ecr/principals.h"
#include "ecr/principal.h"

#include <stddef.h>
#include <string.h>
#include <utlist.h>

static const struct account_profile *find_profile(const struct aws_settings *settings,
                                                  const char *account)
{
	for (size_t i = 0; i < settings->n_account_profiles; i++)
		if (strcmp(settings->account_profiles[i].account, account) == 0)
			return &settings->account_profiles[i];
	return NULL;
}

struct principal *principals_of(struct principals *principals, const struct registry *registry)
{
	const struct account_profile *profile =
	        find_profile(&principals->own->settings, registry->account);
	struct principal *principal;

	if (!profile)
		return principals->own;
	LL_FOREACH (principals->others, principal) {
		if (strcmp(principal->account, registry->account) == 0)
			return principal;
	}
	if (principal_new_for(principals->own, profile, &principal) < 0)
		return NULL;
	LL_APPEND(principals->others, principal);
	return principal;
}

const struct principal *principals_at(const struct principals *principals, size_t i)
{
	const struct principal *principal = principals->others;

	if (i == 0)
		return principals->own;
	while (principal && --i)
		principal = principal->next;
	return principal;
}

void principals_forget(struct principals *principals)
{
	struct principal *principal;

	principal_forget(principals->own);
	LL_FOREACH (principals->others, principal) {
		principal_forget(principal);
	}
}

void principals_deinit(struct principals *principals)
{
	struct principal *principal, *next;

	LL_FOREACH_SAFE(principals->others, principal, next)
	{
		principal_free(principal);
	}
	principal_free(principals->own);
	principals->own = NULL;
	principals->others = NULL;
}
