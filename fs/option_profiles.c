/* Accounts and their profiles. */
#include "fs/option_profiles.h"
#include "fs/option_texts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_known(const struct option_texts *texts, const char *account)
{
	for (size_t i = 0; i < texts->n_account_profiles; i++)
		if (strcmp(texts->account_profiles[i].account, account) == 0)
			return true;
	return false;
}

/* Takes the name. Answers 0 or -1. */
static int append(struct option_texts *texts, const char *account, char *name)
{
	size_t n = texts->n_account_profiles;
	struct account_profile *grown =
	        name ? reallocarray(texts->account_profiles, n + 1, sizeof(*grown)) : NULL;

	if (!grown) {
		free(name);
		fprintf(stderr, "ecrfs: no memory for profile.%s\n", account);
		return -1;
	}
	texts->account_profiles = grown;
	grown[n] = (struct account_profile){.profile = name};
	snprintf(grown[n].account, sizeof(grown[n].account), "%s", account);
	texts->n_account_profiles++;
	return 0;
}

int option_profiles_add(struct option_texts *texts, const char *assignment)
{
	size_t length = strcspn(assignment, "=");
	const char *name = assignment[length] ? assignment + length + 1 : NULL;
	char account[REGISTRY_ACCOUNT_DIGITS + 1] = "";

	if (length < sizeof(account))
		memcpy(account, assignment, length);
	if (!name || !registry_is_account(account)) {
		fprintf(stderr,
		        "ecrfs: profile.%s is not valid: give an account id of 12 digits and a "
		        "profile, as in profile.123456789012=audit\n",
		        assignment);
		return -1;
	}
	if (is_known(texts, account)) {
		fprintf(stderr,
		        "ecrfs: profile.%s is given twice: an account is read with one profile\n",
		        account);
		return -1;
	}
	return name[0] ? append(texts, account, strdup(name)) : 0; /* as profile= */
}

void option_profiles_free(struct option_texts *texts)
{
	for (size_t i = 0; i < texts->n_account_profiles; i++)
		free((char *)texts->account_profiles[i].profile);
	free(texts->account_profiles);
}
