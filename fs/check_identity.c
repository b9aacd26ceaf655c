/* Credentials and their account, for each profile that is in use. */
#include "fs/check_identity.h"
#include "base/clock.h"
#include "fs/check_words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *profile_for(const struct check *check, const char *account)
{
	const struct aws_settings *aws = &check->options->aws;

	for (size_t i = 0; i < aws->n_account_profiles; i++)
		if (strcmp(aws->account_profiles[i].account, account) == 0)
			return aws->account_profiles[i].profile;
	return NULL;
}

/* The one of the list that has this profile, or the free place behind the last one. */
static struct check_identity *find(struct check_identity *identity, const char *profile)
{
	while (identity->first && (!identity->profile != !profile ||
	                           (profile && strcmp(identity->profile, profile) != 0)))
		identity++;
	return identity;
}

int check_identities_list(struct check *check)
{
	size_t n = check->options->n_registries;

	check->identities = calloc(n + 1, sizeof(*check->identities));
	if (!check->identities)
		return -ENOMEM;
	for (struct check_registry *one = check->registries; one->named; one++) {
		const char *profile = profile_for(check, one->named->registry.account);

		one->identity = find(check->identities, profile);
		one->identity->profile = profile;
		if (!one->identity->first)
			one->identity->first = one->named;
	}
	return 0;
}

/* Findings about the mount's own profile name no registry. */
static struct finding *add_finding(struct check *check, const char *step,
                                   const struct check_identity *identity)
{
	struct finding *finding = check_report_add(
	        &check->report, step, identity->profile ? identity->first->name : NULL);

	if (identity->profile)
		finding_fact(finding, "profile", identity->profile);
	return finding;
}

/* Where the profile matters. */
static bool is_of_profile(const struct trial *trial)
{
	static const char *const others[] = {"env", "container-role", "iam-role"};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(trial->provider, others[i]) == 0)
			return false;
	return true;
}

static void tell(struct finding *finding, const struct trial *trial)
{
	char until[CLOCK_UTC_SIZE] = "";
	bool of_profile = is_of_profile(trial);

	if (trial->expires_ns)
		clock_format_utc((int64_t)(trial->expires_ns / NS_PER_S), until);
	finding_ok(finding, "from %s%s%s, key id %s%s%s", trial->provider,
	           of_profile ? " of profile " : "", of_profile ? trial->profile : "",
	           trial->key_id, until[0] ? ", until " : "", until);
	finding_fact(finding, "expires_at", until);
	if (of_profile && !finding->registry)
		finding_fact(finding, "profile", trial->profile);
}

void check_credentials(struct check *check, struct check_identity *identity)
{
	struct finding *finding = add_finding(check, "credentials", identity);
	struct trial trial = {.kind = TRIAL_CREDENTIALS, .registry = &identity->first->registry};
	struct check_call call = {.operation = "credentials"};

	check_try(check, &trial, finding);
	identity->has_credentials = trial.status == STATUS_OK;
	if (!identity->has_credentials) {
		call.fault = trial.fault;
		call.culprit = trial.culprit;
		call.profile = trial.profile;
		finding_fact(finding, "provider", trial.culprit);
		check_words_fail(finding, trial.status, &call);
		return;
	}
	tell(finding, &trial);
	finding_fact(finding, "provider", trial.provider);
	finding_fact(finding, "access_key_id", trial.key_id);
}

void check_account(struct check *check, struct check_identity *identity,
                   const struct check_registry *registry)
{
	struct finding *finding = add_finding(check, "account", identity);
	struct trial trial = {.kind = TRIAL_ACCOUNT,
	                      .registry = &registry->named->registry,
	                      .endpoint = registry->endpoint};
	struct check_call call;

	check_try(check, &trial, finding);
	if (trial.status == STATUS_OK) {
		snprintf(identity->account, sizeof(identity->account), "%s", trial.account);
		finding_ok(finding, "the credentials are those of %s",
		           trial.arn[0] ? trial.arn : trial.account);
		finding_fact(finding, "account", trial.account);
		finding_fact(finding, "arn", trial.arn);
		return;
	}
	call = check_call_of(registry, &trial);
	check_words_fail(finding, trial.status, &call);
	if (finding->exit_code == CHECK_EXIT_CREDENTIALS)
		return;
	finding->is_failure = false;
	finding_warn(finding,
	             "STS does not tell whose the credentials are (%s); only the registry "
	             "'default' would need that, for a link with the account's id",
	             status_text(trial.status));
}
