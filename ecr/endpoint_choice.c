/* Who is asked for an address, one after the other. */
#include "ecr/endpoint_choice.h"
#include "ecr/profile_content.h"
#include "ecr/settings.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* What a service is called: by its variable, in a services section, and by people. */
struct service_names {
	const char *variable;
	const char *nested_key;
	const char *name;
};

static const struct service_names names[AWS_N_SERVICES] = {
        [AWS_ECR] = {"AWS_ENDPOINT_URL_ECR", "ecr.endpoint_url", "ECR"},
        [AWS_STS] = {"AWS_ENDPOINT_URL_STS", "sts.endpoint_url", "STS"},
        [AWS_SSO] = {"AWS_ENDPOINT_URL_SSO", "sso.endpoint_url", "SSO"},
        [AWS_SSO_OIDC] = {"AWS_ENDPOINT_URL_SSO_OIDC", "sso_oidc.endpoint_url", "SSO OIDC"},
        [AWS_SIGNIN] = {"AWS_ENDPOINT_URL_SIGNIN", "signin.endpoint_url", "sign-in"},
};

struct address {
	const char *url;
	const char *origin;
};

const char *endpoint_service_name(enum aws_service service)
{
	return names[service].name;
}

/* The variable, where it says something, else the key of the profile. */
static bool chosen(enum aws_choice choice, const struct profile_content *content, const char *key)
{
	if (choice == AWS_CHOICE_NONE && content)
		choice = aws_settings_choice(profile_get(content, key));
	return choice == AWS_CHOICE_ON;
}

static bool wants_fips(const struct aws_settings *settings, const struct profile_content *content)
{
	return chosen(settings->use_fips_endpoint, content, "use_fips_endpoint");
}

static bool wants_dualstack(const struct aws_settings *settings,
                            const struct profile_content *content)
{
	return chosen(settings->use_dualstack_endpoint, content, "use_dualstack_endpoint");
}

static enum endpoint_answer find_in_profile(const struct profile_content *content,
                                            enum aws_service service, struct address *address)
{
	const char *section = profile_get(content, "services");

	if (section && !profile_has_section(content, "services", section))
		return ENDPOINT_NO_SERVICES;
	if (section)
		address->url = profile_get_in_section(content, "services", section,
		                                      names[service].nested_key);
	address->origin = "the services section of the profile";
	if (address->url)
		return ENDPOINT_FOUND;
	address->url = profile_get(content, "endpoint_url");
	address->origin = "endpoint_url of the profile";
	return ENDPOINT_FOUND;
}

/* The address that was given by hand; its URL is NULL where none was. */
static enum endpoint_answer find_address(const struct aws_settings *settings,
                                         const struct profile_content *content,
                                         enum aws_service service, struct address *address)
{
	*address = (struct address){0};
	if (service == AWS_ECR && settings->endpoint_url)
		*address = (struct address){settings->endpoint_url, "the option endpoint_url"};
	else if (chosen(settings->ignore_configured_urls, content,
	                "ignore_configured_endpoint_urls"))
		*address = (struct address){0};
	else if (settings->service_urls[service])
		*address =
		        (struct address){settings->service_urls[service], names[service].variable};
	else if (settings->common_url)
		*address = (struct address){settings->common_url, "AWS_ENDPOINT_URL"};
	else if (content)
		return find_in_profile(content, service, address);
	return ENDPOINT_FOUND;
}

static enum endpoint_answer resolve(enum aws_service service, const char *region, bool fips,
                                    bool dualstack, const struct address *address,
                                    struct endpoint *ret_endpoint)
{
	enum endpoint_answer answer =
	        endpoint_resolve(service, region, fips, dualstack, address->url, ret_endpoint);

	if (answer == ENDPOINT_FOUND && address->url)
		ret_endpoint->origin = address->origin;
	return answer;
}

enum endpoint_answer endpoint_choose(const struct aws_settings *settings,
                                     const struct profile_content *content,
                                     enum aws_service service, const char *region,
                                     struct endpoint *ret_endpoint)
{
	struct address address;
	enum endpoint_answer answer = find_address(settings, content, service, &address);

	if (answer != ENDPOINT_FOUND)
		return answer;
	return resolve(service, region, wants_fips(settings, content),
	               wants_dualstack(settings, content), &address, ret_endpoint);
}

int endpoint_choice_init(struct endpoint_choice *choice, const struct aws_settings *settings,
                         const struct profile_content *content)
{
	*choice = (struct endpoint_choice){
	        .fips = wants_fips(settings, content),
	        .dualstack = wants_dualstack(settings, content),
	};
	for (enum aws_service service = 0; service < AWS_N_SERVICES; service++) {
		struct endpoint_address *kept = &choice->of[service];
		struct address address;

		kept->answer = find_address(settings, content, service, &address);
		kept->origin = address.origin;
		kept->url = address.url ? strdup(address.url) : NULL;
		if (address.url && !kept->url) {
			endpoint_choice_deinit(choice);
			return -ENOMEM;
		}
	}
	return 0;
}

void endpoint_choice_deinit(struct endpoint_choice *choice)
{
	for (int i = 0; i < AWS_N_SERVICES; i++)
		free(choice->of[i].url);
	*choice = (struct endpoint_choice){0};
}

enum endpoint_answer endpoint_choice_get(const struct endpoint_choice *choice,
                                         enum aws_service service, const struct registry *registry,
                                         const char *region, struct endpoint *ret_endpoint)
{
	const struct endpoint_address *kept = &choice->of[service];
	struct address address = {kept->url, kept->origin};

	if (kept->answer != ENDPOINT_FOUND)
		return kept->answer;
	return resolve(service, region, choice->fips || (registry->fips && !kept->url),
	               choice->dualstack || (registry->dualstack && !kept->url), &address,
	               ret_endpoint);
}
