/* Variables and keys of the profile, and what they mean. */
#include "ecr/imds_settings.h"
#include "base/clock.h"
#include "ecr/profile_content.h"
#include "ecr/settings.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define IPV4_URL "http://169.254.169.254"
#define IPV6_URL "http://[fd00:ec2::254]"

/* botocore's (configprovider.py). One that is longer than a minute would be a mistake: nobody is to
 * wait for so long. */
#define TIMEOUT_S     1
#define MAX_TIMEOUT_S 60
#define ATTEMPTS      1

/* The variables that are texts. */
static const struct {
	const char *name;
	size_t offset;
} texts[] = {
        {"AWS_EC2_METADATA_SERVICE_ENDPOINT", offsetof(struct imds_variables, endpoint)},
        {"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", offsetof(struct imds_variables, mode)},
        {"AWS_METADATA_SERVICE_TIMEOUT", offsetof(struct imds_variables, timeout)},
        {"AWS_METADATA_SERVICE_NUM_ATTEMPTS", offsetof(struct imds_variables, attempts)},
};
#define N_TEXTS (sizeof(texts) / sizeof(texts[0]))

static char **text_at(struct imds_variables *variables, size_t i)
{
	return (char **)((char *)variables + texts[i].offset);
}

void imds_variables_deinit(struct imds_variables *variables)
{
	for (size_t i = 0; i < N_TEXTS; i++)
		free(*text_at(variables, i));
}

int imds_variables_init(struct imds_variables *variables)
{
	const char *disabled = aws_settings_variable("AWS_EC2_METADATA_DISABLED");

	*variables =
	        (struct imds_variables){.disabled = disabled && strcasecmp(disabled, "true") == 0};
	for (size_t i = 0; i < N_TEXTS; i++) {
		const char *value = aws_settings_variable(texts[i].name);

		if (!value)
			continue;
		*text_at(variables, i) = strdup(value);
		if (!*text_at(variables, i)) {
			imds_variables_deinit(variables);
			return -ENOMEM;
		}
	}
	return 0;
}

static const char *choose(const char *variable, const struct profile_content *content,
                          const char *key)
{
	if (variable)
		return variable;
	return content ? profile_get(content, key) : NULL;
}

static const char *choose_url(const char *endpoint, const char *mode, char *ret_url)
{
	struct endpoint read;

	if (!endpoint && mode && strcasecmp(mode, "ipv4") != 0 && strcasecmp(mode, "ipv6") != 0)
		return "the endpoint mode of the metadata service is neither IPv4 nor IPv6; "
		       "correct AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE, or "
		       "ec2_metadata_service_endpoint_mode in the profile";
	if (!endpoint)
		endpoint = mode && strcasecmp(mode, "ipv6") == 0 ? IPV6_URL : IPV4_URL;
	if (endpoint_read_url(endpoint, &read) != ENDPOINT_FOUND)
		return "the endpoint of the metadata service is not http(s)://HOST[:PORT]; correct "
		       "AWS_EC2_METADATA_SERVICE_ENDPOINT, or ec2_metadata_service_endpoint in "
		       "the profile";
	strcpy(ret_url, read.url);
	return NULL;
}

const char *imds_settings_choose(const struct imds_variables *variables,
                                 const struct profile_content *content,
                                 struct imds_settings *ret_settings)
{
	const char *timeout = choose(variables->timeout, content, "metadata_service_timeout");
	const char *attempts =
	        choose(variables->attempts, content, "metadata_service_num_attempts");
	struct imds_settings settings = {.attempts = ATTEMPTS};
	unsigned timeout_s = TIMEOUT_S;
	const char *wrong;

	/* A whole number above 0 of bounded size is what both are. */
	if (timeout && !aws_settings_parse_attempts(timeout, &timeout_s))
		return "the time limit of the metadata service is not a whole number of seconds "
		       "above 0; correct AWS_METADATA_SERVICE_TIMEOUT, or "
		       "metadata_service_timeout in the profile";
	if (attempts && !aws_settings_parse_attempts(attempts, &settings.attempts))
		return "the number of attempts for the metadata service is not a whole number "
		       "above 0; correct AWS_METADATA_SERVICE_NUM_ATTEMPTS, or "
		       "metadata_service_num_attempts in the profile";
	wrong = choose_url(choose(variables->endpoint, content, "ec2_metadata_service_endpoint"),
	                   choose(variables->mode, content, "ec2_metadata_service_endpoint_mode"),
	                   settings.url);
	if (wrong)
		return wrong;
	settings.timeout_ns = NS_PER_S * (timeout_s < MAX_TIMEOUT_S ? timeout_s : MAX_TIMEOUT_S);
	*ret_settings = settings;
	return NULL;
}
