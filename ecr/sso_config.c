/* Both forms, checked as botocore checks them. */
#include "ecr/sso_config.h"
#include "ecr/endpoint_choice.h"
#include "ecr/profile.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
	const struct profile_content *content;
	const char *session; /* NULL: the form of old */
	char *error;         /* of SSO_CONFIG_ERROR_SIZE */
};

static const char *in_session(const struct reader *reader, const char *key)
{
	return reader->session ? profile_get_in_section(reader->content, "sso-session",
	                                                reader->session, key)
	                       : NULL;
}

static const char *get(const struct reader *reader, const char *key)
{
	const char *value = in_session(reader, key);

	return value ? value : profile_get(reader->content, key);
}

/* What is in both places must be the same: whoever wrote it would not know which counts. */
static bool places_agree(const struct reader *reader)
{
	static const char *const keys[] = {"sso_region", "sso_start_url", "sso_account_id",
	                                   "sso_role_name", "sso_registration_scopes"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *shared = in_session(reader, keys[i]);
		const char *own = profile_get(reader->content, keys[i]);

		if (!shared || !own || strcmp(shared, own) == 0)
			continue;
		snprintf(reader->error, SSO_CONFIG_ERROR_SIZE,
		         "profile %s has another %s than its [sso-session %s]: delete that of the "
		         "profile",
		         reader->content->name, keys[i], reader->session);
		return false;
	}
	return true;
}

static bool is_complete(const struct reader *reader)
{
	static const struct {
		const char *key;
		bool is_shared; /* a session has it, where there is one */
	} keys[] = {{"sso_start_url", true},
	            {"sso_region", true},
	            {"sso_account_id", false},
	            {"sso_role_name", false}};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		bool of_session = reader->session && keys[i].is_shared;

		if (of_session ? in_session(reader, keys[i].key) != NULL
		               : get(reader, keys[i].key) != NULL)
			continue;
		snprintf(reader->error, SSO_CONFIG_ERROR_SIZE,
		         "%s %s lacks %s: run `aws configure sso --profile %s`, or add it",
		         of_session ? "the sso-session" : "profile",
		         of_session ? reader->session : reader->content->name, keys[i].key,
		         reader->content->name);
		return false;
	}
	return true;
}

static bool choose_endpoint(const struct reader *reader, const struct aws_settings *settings,
                            enum aws_service service, struct endpoint *ret_endpoint)
{
	const char *region = get(reader, "sso_region");
	enum endpoint_answer answer =
	        endpoint_choose(settings, reader->content, service, region, ret_endpoint);

	if (answer == ENDPOINT_FOUND)
		return true;
	snprintf(reader->error, SSO_CONFIG_ERROR_SIZE,
	         "the endpoint of %s in sso_region %s of profile %s: %s",
	         endpoint_service_name(service), region, reader->content->name,
	         endpoint_answer_text(answer));
	return false;
}

static char *copy(const char *text, bool *complete)
{
	char *copied = text ? strdup(text) : NULL;

	*complete = *complete && !copied == !text;
	return copied;
}

static enum sso_config_answer take(const struct reader *reader, struct sso_config *config)
{
	bool complete = true;

	config->session = copy(reader->session, &complete);
	config->start_url = copy(get(reader, "sso_start_url"), &complete);
	config->account = copy(get(reader, "sso_account_id"), &complete);
	config->role = copy(get(reader, "sso_role_name"), &complete);
	if (complete)
		return SSO_CONFIG_FOUND;
	sso_config_deinit(config);
	return SSO_CONFIG_NO_MEMORY;
}

enum sso_config_answer sso_config_read(const struct profile_content *content,
                                       const struct aws_settings *settings,
                                       struct sso_config *ret_config,
                                       char ret_error[static SSO_CONFIG_ERROR_SIZE])
{
	struct reader reader = {
	        .content = content,
	        .session = profile_get(content, "sso_session"),
	        .error = ret_error,
	};
	struct sso_config config = {0};
	enum sso_config_answer answer;

	if (!profile_get(content, "sso_account_id") && !profile_get(content, "sso_role_name"))
		return SSO_CONFIG_NOT_THERE;
	if (reader.session && !profile_has_section(content, "sso-session", reader.session)) {
		snprintf(ret_error, SSO_CONFIG_ERROR_SIZE,
		         "profile %s names the sso-session %s, which the AWS config file does not "
		         "have: run `aws configure sso --profile %s`",
		         content->name, reader.session, content->name);
		return SSO_CONFIG_WRONG;
	}
	if (!places_agree(&reader) || !is_complete(&reader) ||
	    !choose_endpoint(&reader, settings, AWS_SSO, &config.portal) ||
	    !choose_endpoint(&reader, settings, AWS_SSO_OIDC, &config.oidc))
		return SSO_CONFIG_WRONG;
	answer = take(&reader, &config);
	if (answer == SSO_CONFIG_FOUND)
		*ret_config = config;
	return answer;
}

void sso_config_deinit(struct sso_config *config)
{
	free(config->session);
	free(config->start_url);
	free(config->account);
	free(config->role);
	*config = (struct sso_config){0};
}
