/* Settings of the environment, for what no option said. */
#include "ecr/settings.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A variable that is set to nothing counts as not set, as for the AWS CLI. */
const char *aws_settings_variable(const char *name)
{
	const char *value = getenv(name);

	return value && value[0] ? value : NULL;
}

static const char *first_of(const char *a, const char *b, const char *c)
{
	if (a)
		return a;
	return b ? b : c;
}

/* As botocore reads them. */
enum aws_choice aws_settings_choice(const char *text)
{
	if (!text)
		return AWS_CHOICE_NONE;
	return strcasecmp(text, "true") == 0 ? AWS_CHOICE_ON : AWS_CHOICE_OFF;
}

static void complete_choice(enum aws_choice *choice, const char *variable)
{
	if (*choice == AWS_CHOICE_NONE)
		*choice = aws_settings_choice(aws_settings_variable(variable));
}

static void complete_urls(struct aws_settings *settings)
{
	static const char *const variables[AWS_N_SERVICES] = {
	        [AWS_ECR] = "AWS_ENDPOINT_URL_ECR",
	        [AWS_STS] = "AWS_ENDPOINT_URL_STS",
	        [AWS_SSO] = "AWS_ENDPOINT_URL_SSO",
	        [AWS_SSO_OIDC] = "AWS_ENDPOINT_URL_SSO_OIDC",
	        [AWS_SIGNIN] = "AWS_ENDPOINT_URL_SIGNIN",
	};

	for (size_t i = 0; i < AWS_N_SERVICES; i++)
		settings->service_urls[i] = first_of(settings->service_urls[i],
		                                     aws_settings_variable(variables[i]), NULL);
	settings->common_url =
	        first_of(settings->common_url, aws_settings_variable("AWS_ENDPOINT_URL"), NULL);
}

/* `option` is what its origin is where it is given, but nobody has said by whom. */
static void complete_text(const char **text, const char **origin, const char *option,
                          const char *variable)
{
	if (*text) {
		*origin = *origin ? *origin : option;
		return;
	}
	*text = aws_settings_variable(variable);
	*origin = *text ? variable : NULL;
}

void aws_settings_complete(struct aws_settings *settings)
{
	complete_text(&settings->region, &settings->region_origin, "the option region",
	              "AWS_REGION");
	complete_text(&settings->region, &settings->region_origin, NULL, "AWS_DEFAULT_REGION");
	complete_text(&settings->ca_bundle, &settings->ca_bundle_origin, "the option ca_bundle",
	              "AWS_CA_BUNDLE");
	complete_urls(settings);
	complete_choice(&settings->ignore_configured_urls, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
	complete_choice(&settings->use_fips_endpoint, "AWS_USE_FIPS_ENDPOINT");
	complete_choice(&settings->use_dualstack_endpoint, "AWS_USE_DUALSTACK_ENDPOINT");
}

/* `legacy` is botocore's own mode, of before there was a standard. Who names it in a file that is
 * for the AWS CLI, too, gets the standard. */
bool aws_settings_parse_retry_mode(const char *text, enum retry_mode *ret_mode)
{
	if (strcmp(text, "standard") == 0 || strcmp(text, "legacy") == 0)
		*ret_mode = RETRY_MODE_STANDARD;
	else if (strcmp(text, "adaptive") == 0)
		*ret_mode = RETRY_MODE_ADAPTIVE;
	else
		return false;
	return true;
}

bool aws_settings_parse_attempts(const char *text, unsigned *ret_attempts)
{
	unsigned attempts = 0;

	if (!text[0] || text[strspn(text, "0123456789")])
		return false;
	for (; *text && attempts < AWS_MAX_ATTEMPTS_LIMIT; text++)
		attempts = attempts * 10 + (unsigned)(*text - '0');
	if (!attempts)
		return false;
	*ret_attempts = attempts < AWS_MAX_ATTEMPTS_LIMIT ? attempts : AWS_MAX_ATTEMPTS_LIMIT;
	return true;
}
