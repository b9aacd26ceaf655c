/* Who asks:
 *
 *   registry ─► principal ─► its region, or the principal's ─► place ─► credentials ─► key, account
 *                                 └─ none: why                               └─ not now: no key
 */
#include "ecr/callers.h"
#include "ecr/chain.h"
#include "ecr/credentials.h"
#include "ecr/endpoint.h"
#include "ecr/identity.h"
#include "ecr/principal.h"
#include "ecr/principals.h"
#include "ecr/profile.h"
#include "ecr/region.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/* The name of the one provider that reads no profile. */
#define ENVIRONMENT "env"

#define SOURCE_SIZE 1024

struct question {
	struct question *prev, *next;
	struct callers *callers;
	const struct registry *registry;
	struct principal *principal;
	caller_fn found;
	void *arg;
	char place[ENDPOINT_URL_SIZE + REGISTRY_REGION_SIZE + 2];
};

struct callers {
	struct principals *principals;
	struct question *open;
	bool closing;
};

int callers_new(struct principals *principals, struct callers **ret_callers)
{
	struct callers *callers = calloc(1, sizeof(*callers));

	if (!callers)
		return -ENOMEM;
	callers->principals = principals;
	*ret_callers = callers;
	return 0;
}

static void answer(struct question *question, enum status status, const struct caller *caller)
{
	DL_DELETE(question->callers->open, question);
	question->found(question->arg, status, caller);
	free(question);
}

void callers_free(struct callers *callers)
{
	if (!callers)
		return;
	callers->closing = true;
	while (callers->open)
		answer(callers->open, STATUS_SERVER_ERROR, NULL);
	free(callers);
}

static void credentials_found(void *arg, enum status status, struct credentials *credentials)
{
	struct question *question = arg;
	const struct principal *principal = question->principal;
	struct caller caller = {.place = question->place};
	char source[SOURCE_SIZE];

	if (status != STATUS_OK && !status_is_transient(status)) {
		answer(question, status, NULL);
		return;
	}
	snprintf(source, sizeof(source), "profile %s", profile_name(principal->profile));
	caller.source = source;
	if (credentials) {
		if (strcmp(credentials_provider(credentials), ENVIRONMENT) == 0)
			caller.source = ENVIRONMENT;
		caller.key_id = credentials_access_key_id(credentials);
		caller.account = identity_account(&principal->identity, credentials);
	}
	answer(question, STATUS_OK, &caller);
}

/* With an address given by hand, the region is still what a signature is for. */
static void set_place(struct question *question, const char *region)
{
	const char *url = question->principal->endpoints.of[AWS_ECR].url;

	snprintf(question->place, sizeof(question->place), "%s %s",
	         url ? url : endpoint_partition(region), region);
}

static void ask_for_credentials(struct question *question)
{
	if (chain_get(question->principal->chain, credentials_found, question) < 0)
		answer(question, STATUS_NO_MEMORY, NULL);
}

static void region_found(void *arg, enum status status, const char *region)
{
	struct question *question = arg;

	if (status != STATUS_OK) {
		answer(question, status, NULL);
		return;
	}
	set_place(question, region);
	ask_for_credentials(question);
}

/* Files that hang have told their endpoints before, or the settings have. */
static void principal_is_prepared(void *arg, enum status status)
{
	struct question *question = arg;

	if (status != STATUS_OK && !status_is_transient(status)) {
		answer(question, status, NULL);
	} else if (question->registry->region[0]) {
		set_place(question, question->registry->region);
		ask_for_credentials(question);
	} else if (region_get(question->principal->region, region_found, question) < 0) {
		answer(question, STATUS_NO_MEMORY, NULL);
	}
}

int callers_find(struct callers *callers, const struct registry *registry, caller_fn found,
                 void *arg)
{
	struct question *question;
	int r = -ENOMEM;

	if (callers->closing)
		return -ECANCELED;
	question = calloc(1, sizeof(*question));
	if (!question)
		return -ENOMEM;
	*question = (struct question){
	        .callers = callers,
	        .registry = registry,
	        .principal = principals_of(callers->principals, registry),
	        .found = found,
	        .arg = arg,
	};
	if (question->principal)
		r = principal_prepare(question->principal, principal_is_prepared, question);
	if (r < 0)
		free(question);
	else
		DL_APPEND(callers->open, question);
	return r;
}
