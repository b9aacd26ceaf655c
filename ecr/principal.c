/* From a profile to what a call needs:
 *
 *   principal_prepare ─► profile ─► endpoints ─► certificates ─► ready, until it is forgotten
 *                           │ cannot be read soon
 *                           └───────► as before, or as the settings say ─► ready, for a second
 */
#include "ecr/principal.h"
#include "base/cleanup.h"
#include "ecr/ca_bundle.h"
#include "ecr/corrected_clock.h"
#include "ecr/imds.h"
#include "ecr/profile.h"
#include "ecr/provider.h"
#include "ecr/providers.h"
#include "ecr/region.h"
#include "net/http.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

struct principal_question {
	struct principal_question *next;
	principal_fn done; /* NULL: credentials are wanted */
	void *arg;
	struct principal *principal;
	chain_fn found;
};

static void answer_known(struct loop_task *task);

/* A profile that an option names wins over what variables name; AWS_PROFILE does not. So it is in
 * the AWS CLI. */
static int build_chain(struct principal *principal)
{
	const struct principal_parts *parts = &principal->parts;
	struct provider_parts of_providers = {
	        .loop = parts->loop,
	        .clock = &parts->aws_clock->clock,
	        .aws_clock = parts->aws_clock,
	        .log = parts->log,
	        .http = principal->http,
	        .imds = principal->imds,
	        .profile = principal->profile,
	        .main_profile = principal->profile,
	        .region = principal->region,
	        .settings = &principal->settings,
	        .profile_alone = principal->settings.profile,
	};
	struct provider *providers[PROVIDERS_MAX];
	size_t n = providers_new(&of_providers, providers);

	return chain_new(parts->loop, of_providers.clock, parts->log, providers, n,
	                 &principal->chain);
}

/* When it has its profile. Answers 0 or -ENOMEM. */
static int build(struct principal *principal)
{
	const struct principal_parts *parts = &principal->parts;
	int r = http_new_sharing(parts->http, &principal->http);

	if (r == 0)
		r = ca_bundle_new(parts->loop, parts->log, &principal->ca_bundle);
	if (r == 0)
		r = region_new(parts->loop, parts->log, principal->profile, principal->imds,
		               principal->settings.region, &principal->region);
	if (r == 0)
		r = build_chain(principal);
	return r;
}

void principal_init(struct principal *principal, const struct principal_parts *parts)
{
	*principal = (struct principal){
	        .parts = *parts,
	        .settings = *parts->settings,
	        .answer.run = answer_known,
	};
}

static struct principal *allocate(const struct principal_parts *parts)
{
	struct principal *principal = calloc(1, sizeof(*principal));

	if (!principal)
		return NULL;
	principal_init(principal, parts);
	return principal;
}

/* Answers `r`; takes the principal where that is an error. */
static int finish(struct principal *principal, int r, struct principal **ret_principal)
{
	if (r < 0)
		principal_free(principal);
	else
		*ret_principal = principal;
	return r;
}

int principal_new(const struct principal_parts *parts, struct principal **ret_principal)
{
	struct principal *principal = allocate(parts);
	int r;

	if (!principal)
		return -ENOMEM;
	r = profile_new(parts->loop, parts->log, parts->settings->profile, &principal->profile);
	if (r == 0)
		r = imds_new(parts->loop, parts->clock, parts->log, parts->http, principal->profile,
		             &principal->imds);
	if (r == 0)
		r = build(principal);
	return finish(principal, r, ret_principal);
}

int principal_new_for(struct principal *own, const struct account_profile *of,
                      struct principal **ret_principal)
{
	struct principal *principal = allocate(&own->parts);
	int r;

	if (!principal)
		return -ENOMEM;
	principal->settings.profile = of->profile;
	snprintf(principal->account, sizeof(principal->account), "%s", of->account);
	principal->imds = own->imds;
	r = profile_new_of(own->profile, of->profile, &principal->profile);
	if (r == 0)
		r = build(principal);
	return finish(principal, r, ret_principal);
}

void principal_free(struct principal *principal)
{
	struct principal_question *question, *next;

	if (!principal)
		return;
	loop_unpost(principal->parts.loop, &principal->answer);
	LL_FOREACH_SAFE(principal->questions, question, next)
	{
		free(question);
	}
	chain_free(principal->chain);
	region_free(principal->region);
	if (!principal->account[0])
		imds_free(principal->imds);
	profile_free(principal->profile);
	ca_bundle_free(principal->ca_bundle);
	http_free(principal->http);
	endpoint_choice_deinit(&principal->endpoints);
	free(principal->ca_path);
	free(principal);
}

/* Takes the question. */
static void answer_one(struct principal_question *question, enum status status)
{
	if (question->done)
		question->done(question->arg, status);
	else if (status != STATUS_OK)
		question->found(question->arg, status, NULL);
	else if (chain_get(question->principal->chain, question->found, question->arg) < 0)
		question->found(question->arg, STATUS_NO_MEMORY, NULL);
	free(question);
}

static void answer_all(struct principal *principal)
{
	struct principal_question *question = principal->questions, *next;
	enum status status = principal->trouble;

	principal->questions = NULL;
	for (; question; question = next) {
		next = question->next;
		answer_one(question, status);
	}
}

/* A lack of memory or descriptors is the trouble of those who wait, not of who comes next. */
static void prepared(struct principal *principal, enum status status)
{
	bool is_shortage = status == STATUS_NO_MEMORY || status == STATUS_NO_DESCRIPTORS;

	principal->is_preparing = false;
	principal->is_prepared = !principal->is_stale && !is_shortage;
	principal->is_stale = false;
	principal->trouble = status;
	if (status != STATUS_OK)
		principal->again_ns =
		        clock_monotonic_ns(principal->parts.clock) + PRINCIPAL_RETRY_NS;
	answer_all(principal);
}

static void bundle_was_loaded(void *arg, enum status status)
{
	struct principal *principal = arg;

	if (status == STATUS_OK) {
		http_set_ca_bundle(principal->http, ca_bundle_file(principal->ca_bundle));
	} else {
		free(principal->ca_path); /* to be read again */
		principal->ca_path = NULL;
	}
	prepared(principal, status);
}

/* Takes the path; NULL is the system's bundle, where libcurl finds it. */
static void trust(struct principal *principal, char *path, const char *origin)
{
	bool is_loaded = path && principal->ca_path && strcmp(path, principal->ca_path) == 0;

	free(principal->ca_path);
	principal->ca_path = path;
	if (is_loaded) {
		prepared(principal, STATUS_OK);
	} else if (path) {
		ca_bundle_load(principal->ca_bundle, path, origin, bundle_was_loaded, principal);
	} else {
		http_set_ca_bundle(principal->http, NULL);
		prepared(principal, STATUS_OK);
	}
}

/* The path of the certificates to be trusted, heap, NULL: the system's. Answers 0 or -errno. */
static int find_bundle(const struct principal *principal, const struct profile_content *content,
                       char **ret_path, const char **ret_origin)
{
	const char *path = principal->settings.ca_bundle;

	*ret_path = NULL;
	*ret_origin = principal->settings.ca_bundle_origin;
	if (!path && content) {
		path = profile_get(content, "ca_bundle");
		*ret_origin = "ca_bundle of the profile";
	}
	if (!path || principal->settings.no_verify_ssl)
		return 0;
	return profile_absolute_path(principal->profile, path, ret_path);
}

/* Goes by what the profile says, or by the settings alone where `content` is NULL. */
static void decide(struct principal *principal, const struct profile_content *content)
{
	const char *origin;
	char *path;
	int r;

	endpoint_choice_deinit(&principal->endpoints);
	r = endpoint_choice_init(&principal->endpoints, &principal->settings, content);
	if (r == 0)
		r = find_bundle(principal, content, &path, &origin);
	if (r == 0)
		trust(principal, path, origin);
	else
		prepared(principal, r == -ENOMEM ? STATUS_NO_MEMORY : STATUS_MISCONFIGURED);
}

static void profile_was_read(void *arg, int error, const struct profile_content *content)
{
	struct principal *principal = arg;
	enum status shortage = status_of_shortage(-error);

	principal->again_ns =
	        error ? clock_monotonic_ns(principal->parts.clock) + PRINCIPAL_RETRY_NS : 0;
	principal->is_known = principal->is_known || !error;
	if (shortage != STATUS_OK)
		prepared(principal, shortage);
	else if (error && principal->is_known)
		prepared(principal, principal->trouble);
	else
		decide(principal, content);
}

static void answer_known(struct loop_task *task)
{
	struct principal *principal =
	        (struct principal *)((char *)task - offsetof(struct principal, answer));

	if (principal->is_preparing)
		profile_was_read(principal, principal->refused, NULL);
	else
		answer_all(principal);
}

/* The profile may not even be asked: that is known later, as all is. */
static void start_preparing(struct principal *principal)
{
	principal->is_preparing = true;
	principal->refused = profile_read_soon(principal->profile, profile_was_read, principal);
	if (principal->refused)
		loop_post(principal->parts.loop, &principal->answer);
}

static int ask(struct principal *principal, const struct principal_question *asked)
{
	struct principal_question *question = malloc(sizeof(*question));
	bool is_first = !principal->questions;

	if (!question)
		return -ENOMEM;
	*question = *asked;
	question->principal = principal;
	LL_APPEND(principal->questions, question);
	if (principal->is_preparing || !is_first)
		return 0;
	if (principal_is_ready(principal))
		loop_post(principal->parts.loop, &principal->answer);
	else
		start_preparing(principal);
	return 0;
}

bool principal_is_ready(const struct principal *principal)
{
	return principal->is_prepared &&
	       (!principal->again_ns ||
	        clock_monotonic_ns(principal->parts.clock) < principal->again_ns);
}

int principal_prepare(struct principal *principal, principal_fn done, void *arg)
{
	struct principal_question question = {.done = done, .arg = arg};

	return ask(principal, &question);
}

int principal_credentials(struct principal *principal, chain_fn done, void *arg)
{
	struct principal_question question = {.found = done, .arg = arg};

	return ask(principal, &question);
}

const char *principal_region_origin(const struct principal *principal)
{
	if (principal->settings.region)
		return principal->settings.region_origin;
	return region_origin(principal->region);
}

void principal_forget(struct principal *principal)
{
	free(principal->ca_path);
	principal->ca_path = NULL;
	principal->is_prepared = false;
	principal->is_stale = principal->is_preparing;
	chain_forget(principal->chain);
	region_forget(principal->region);
}
