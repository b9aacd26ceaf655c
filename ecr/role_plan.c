/* From profile to profile. */
#include "ecr/role_plan.h"
#include "ecr/profile_content.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Those that `credential_source` may name. */
static const char *const source_names[N_ROLE_SOURCES] = {
        [ROLE_SOURCE_ENVIRONMENT] = "Environment",
        [ROLE_SOURCE_CONTAINER] = "EcsContainer",
        [ROLE_SOURCE_INSTANCE] = "Ec2InstanceMetadata",
};

/* The way so far. The names are borrowed. */
struct way {
	struct role_plan *plan;
	const struct profile_content *content;
	const char *visited[ROLE_PLAN_MAX_STEPS + 1];
	size_t n_visited;
	char *error;
};

/* A profile with a token file is one of a web identity. */
static bool has_role(const struct profile_content *content, const char *profile)
{
	return profile_get_of(content, profile, "role_arn") &&
	       !profile_get_of(content, profile, "web_identity_token_file");
}

static bool has_keys(const struct profile_content *content, const char *profile)
{
	return profile_get_of(content, profile, "aws_access_key_id") ||
	       profile_get_of(content, profile, "aws_secret_access_key");
}

/* Answers 0 or -ENOMEM. */
static int copy(const char *text, char **ret_copy)
{
	*ret_copy = text ? strdup(text) : NULL;
	return text && !*ret_copy ? -ENOMEM : 0;
}

static bool is_number(const char *text)
{
	return text && text[0] && !text[strspn(text, "0123456789")];
}

/* A duration that is no number is left out, as the AWS CLI does. */
static int add_step(struct way *way, const char *profile)
{
	const struct profile_content *content = way->content;
	const char *duration = profile_get_of(content, profile, "duration_seconds");
	struct role_step *step = &way->plan->steps[way->plan->n_steps++];
	int r = copy(profile_get_of(content, profile, "role_arn"), &step->arn);

	if (r == 0)
		r = copy(profile_get_of(content, profile, "role_session_name"),
		         &step->session_name);
	if (r == 0)
		r = copy(profile_get_of(content, profile, "external_id"), &step->external_id);
	if (r == 0)
		r = copy(is_number(duration) ? duration : NULL, &step->duration);
	return r;
}

/* Says what is wrong with a profile. */
static int refuse(struct way *way, const char *profile, const char *what, const char *name,
                  const char *remedy)
{
	snprintf(way->error, ROLE_PLAN_ERROR_SIZE, "profile %s has a role_arn, %s%s; %s", profile,
	         what, name, remedy);
	return -EINVAL;
}

static int take_named_source(struct way *way, const char *profile, const char *name)
{
	for (int i = 0; i < N_ROLE_SOURCES; i++) {
		if (!source_names[i] || strcmp(name, source_names[i]) != 0)
			continue;
		way->plan->source = (enum role_source)i;
		return 0;
	}
	return refuse(way, profile, "but an unknown credential_source: ", name,
	              "there are Environment, EcsContainer and Ec2InstanceMetadata");
}

static bool was_visited(const struct way *way, const char *profile)
{
	for (size_t i = 0; i < way->n_visited; i++)
		if (strcmp(way->visited[i], profile) == 0)
			return true;
	return false;
}

/* A profile may name itself, where it has keys: then these are the source. */
static int check_source(struct way *way, const char *profile, const char *source)
{
	if (!profile_exists_of(way->content, source))
		return refuse(way, profile, "but there is no source_profile ", source,
		              "name a profile of the AWS config or credentials file");
	if (was_visited(way, source) &&
	    (strcmp(source, profile) != 0 || !has_keys(way->content, source)))
		return refuse(way, profile, "but its source_profile leads in a circle: ", source,
		              "the last profile of a chain needs credentials of its own");
	if (way->n_visited == ROLE_PLAN_MAX_STEPS)
		return refuse(way, profile, "but at the end of too long a chain from ",
		              way->content->name, "shorten it");
	return 0;
}

/* Adds the step of a profile. `ret_next` is the source that has a role itself, or NULL at the end.
 */
static int follow(struct way *way, const char *profile, const char **ret_next)
{
	const char *source = profile_get_of(way->content, profile, "source_profile");
	const char *named = profile_get_of(way->content, profile, "credential_source");
	int r = add_step(way, profile);

	*ret_next = NULL;
	if (r < 0)
		return r;
	if (source && named)
		return refuse(way, profile, "but both source_profile and credential_source", "",
		              "leave one of them out");
	if (!source && !named)
		return refuse(way, profile, "but neither source_profile nor credential_source", "",
		              "add one of them");
	if (profile_get_of(way->content, profile, "mfa_serial"))
		return refuse(
		        way, profile, "and an mfa_serial, which a mount cannot ask a code for", "",
		        "mount with credentials that were got with the code, such as those of "
		        "`aws configure export-credentials`, or use a role without MFA");
	if (named)
		return take_named_source(way, profile, named);
	r = check_source(way, profile, source);
	if (r < 0)
		return r;
	way->visited[way->n_visited++] = source;
	if (has_role(way->content, source) && !has_keys(way->content, source)) {
		*ret_next = source;
		return 0;
	}
	way->plan->source = ROLE_SOURCE_PROFILE;
	return copy(source, &way->plan->source_profile);
}

int role_plan_init(struct role_plan *plan, const struct profile_content *content,
                   char error[static ROLE_PLAN_ERROR_SIZE])
{
	struct way way = {
	        .plan = plan,
	        .content = content,
	        .visited = {content->name},
	        .n_visited = 1,
	        .error = error,
	};
	const char *next = has_role(content, content->name) ? content->name : NULL;
	int r = 0;

	*plan = (struct role_plan){0};
	while (next && r == 0)
		r = follow(&way, next, &next);
	return r;
}

void role_plan_deinit(struct role_plan *plan)
{
	for (size_t i = 0; i < plan->n_steps; i++) {
		free(plan->steps[i].arn);
		free(plan->steps[i].session_name);
		free(plan->steps[i].external_id);
		free(plan->steps[i].duration);
	}
	free(plan->source_profile);
	*plan = (struct role_plan){0};
}
