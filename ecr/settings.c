/* Settings of the environment, for what no option said. */
#include "ecr/settings.h"

#include <stddef.h>
#include <stdlib.h>

/* A variable that is set to nothing counts as not set, as for the AWS CLI. */
static const char *environment(const char *name)
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
	settings->region = first_of(settings->region, environment("AWS_REGION"),
	                            environment("AWS_DEFAULT_REGION"));
	settings->endpoint_url =
	        first_of(settings->endpoint_url, environment("AWS_ENDPOINT_URL_ECR"),
	                 environment("AWS_ENDPOINT_URL"));
	settings->sts_endpoint_url =
	        first_of(settings->sts_endpoint_url, environment("AWS_ENDPOINT_URL_STS"),
	                 environment("AWS_ENDPOINT_URL"));
	settings->ca_bundle = first_of(settings->ca_bundle, environment("AWS_CA_BUNDLE"), NULL);
}
