/* Settings of the environment, for what no option said. */
#include "ecr/settings.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

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

void aws_settings_complete(struct aws_settings *settings)
{
	settings->region = first_of(settings->region, aws_settings_variable("AWS_REGION"),
	                            aws_settings_variable("AWS_DEFAULT_REGION"));
	settings->endpoint_url =
	        first_of(settings->endpoint_url, aws_settings_variable("AWS_ENDPOINT_URL_ECR"),
	                 aws_settings_variable("AWS_ENDPOINT_URL"));
	settings->sts_endpoint_url =
	        first_of(settings->sts_endpoint_url, aws_settings_variable("AWS_ENDPOINT_URL_STS"),
	                 aws_settings_variable("AWS_ENDPOINT_URL"));
	settings->ca_bundle =
	        first_of(settings->ca_bundle, aws_settings_variable("AWS_CA_BUNDLE"), NULL);
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
