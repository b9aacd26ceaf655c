/* Host names by service and partition (the rule sets of the services' models), and addresses given
 * by hand. */
#include "ecr/endpoint.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct partition {
	const char *name;
	const char *region_prefix;
	const char *suffix;
	const char *dualstack_suffix;
	bool fips_dualstack;       /* has hosts that are both */
	const char *signin_domain; /* NULL: as other services */
};

/* The first row that fits; botocore, too, takes a region of no known form for one of `aws`. */
static const struct partition partitions[] = {
        {"aws-us-gov", "us-gov-", "amazonaws.com", "api.aws", true, "amazonaws-us-gov.com"},
        {"aws-cn", "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn", true, "amazonaws.cn"},
        {"aws-iso", "us-iso-", "c2s.ic.gov", "api.aws.ic.gov", false, NULL},
        {"aws-iso-b", "us-isob-", "sc2s.sgov.gov", "api.aws.scloud", false, NULL},
        {"aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", false, NULL},
        {"aws-iso-f", "us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov", false, NULL},
        {"aws-eusc", "eusc-de-", "amazonaws.eu", "api.amazonwebservices.eu", false, NULL},
        {"aws", "", "amazonaws.com", "api.aws", true, "aws.amazon.com"},
};

static const struct partition *partition_of(const char *region)
{
	const struct partition *partition = partitions;

	while (strncmp(region, partition->region_prefix, strlen(partition->region_prefix)) != 0)
		partition++;
	return partition;
}

const char *endpoint_partition(const char *region)
{
	return partition_of(region)->name;
}

struct service {
	const char *plain, *dualstack, *fips, *both;
	bool gov_fips_is_plain; /* in GovCloud the plain host is the FIPS one, unless dual-stack */
	bool plain_is_signin;   /* its plain host is of no general form, in some partitions */
};

static const struct service services[AWS_N_SERVICES] = {
        [AWS_ECR] = {"api.ecr", "ecr", "api.ecr-fips", "ecr-fips", .gov_fips_is_plain = false},
        [AWS_STS] = {"sts", "sts", "sts-fips", "sts-fips", .gov_fips_is_plain = true},
        [AWS_SSO] = {"portal.sso", "portal.sso", "portal.sso-fips", "portal.sso-fips",
                     .gov_fips_is_plain = true},
        [AWS_SSO_OIDC] = {"oidc", "oidc", "oidc-fips", "oidc-fips", .gov_fips_is_plain = true},
        [AWS_SIGNIN] = {"signin", "signin", "signin-fips", "signin-fips", .plain_is_signin = true},
};

static const char *host_prefix(const struct service *service, const struct partition *partition,
                               bool fips, bool dualstack)
{
	if (dualstack)
		return fips ? service->both : service->dualstack;
	if (service->gov_fips_is_plain && strcmp(partition->name, "aws-us-gov") == 0)
		return service->plain;
	return fips ? service->fips : service->plain;
}

/* All parts are bounded: the longest is far shorter than the field. */
static enum endpoint_answer resolve_region(const struct service *service, const char *region,
                                           bool fips, bool dualstack, struct endpoint *endpoint)
{
	const struct partition *partition = partition_of(region);

	if (fips && dualstack && !partition->fips_dualstack)
		return ENDPOINT_UNAVAILABLE;
	if (service->plain_is_signin && partition->signin_domain && !fips && !dualstack)
		snprintf(endpoint->host, sizeof(endpoint->host), "%.*s.signin.%s",
		         REGISTRY_REGION_SIZE - 1, region, partition->signin_domain);
	else
		snprintf(endpoint->host, sizeof(endpoint->host), "%s.%.*s.%s",
		         host_prefix(service, partition, fips, dualstack), REGISTRY_REGION_SIZE - 1,
		         region, dualstack ? partition->dualstack_suffix : partition->suffix);
	snprintf(endpoint->url, sizeof(endpoint->url), "https://%.*s/",
	         (int)(sizeof(endpoint->url) - sizeof("https:///")), endpoint->host);
	return ENDPOINT_FOUND;
}

/* Reads ":port" at `text`, or nothing; what follows goes to `ret_rest`. Answers the port, `own`
 * where there is none, or 0. */
static unsigned parse_port(const char *text, unsigned own, const char **ret_rest)
{
	size_t digits;
	unsigned long port;

	*ret_rest = text;
	if (*text != ':')
		return own;
	digits = strspn(++text, "0123456789");
	*ret_rest = text + digits;
	if (digits == 0 || digits > 5)
		return 0;
	port = strtoul(text, NULL, 10);
	return port <= 65535 ? (unsigned)port : 0;
}

/* A name, an IPv4 address, or an IPv6 address in brackets. Answers its length, or 0. */
static size_t host_length(const char *text)
{
	size_t length;

	if (*text != '[')
		return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		                    "0123456789.-_");
	length = 1 + strspn(text + 1, "0123456789abcdefABCDEF:.");
	return length > 1 && text[length] == ']' ? length + 1 : 0;
}

/* Its host is written in lower case, and its port only where it has to be: so libcurl sends it, and
 * what is sent is what must be signed. */
enum endpoint_answer endpoint_read_url(const char *url, struct endpoint *endpoint)
{
	bool tls = strncasecmp(url, "https://", strlen("https://")) == 0;
	const char *scheme = tls ? "https://" : "http://", *host, *rest;
	unsigned own_port = tls ? 443 : 80, port;
	size_t length;
	int n;

	if (strncasecmp(url, scheme, strlen(scheme)) != 0)
		return ENDPOINT_BAD_URL;
	host = url + strlen(scheme);
	length = host_length(host);
	port = parse_port(host + length, own_port, &rest);
	if (length == 0 || length > ENDPOINT_URL_SIZE / 2 || port == 0 ||
	    (strcmp(rest, "") != 0 && strcmp(rest, "/") != 0))
		return ENDPOINT_BAD_URL;
	n = snprintf(endpoint->host, sizeof(endpoint->host), "%.*s", (int)length, host);
	for (char *c = endpoint->host; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	if (port != own_port)
		snprintf(endpoint->host + n, sizeof(endpoint->host) - (size_t)n, ":%u", port);
	snprintf(endpoint->url, sizeof(endpoint->url), "%s%.*s/", scheme,
	         (int)(sizeof(endpoint->url) - sizeof("https:///")), endpoint->host);
	return ENDPOINT_FOUND;
}

enum endpoint_answer endpoint_resolve(enum aws_service service, const char *region, bool fips,
                                      bool dualstack, const char *url,
                                      struct endpoint *ret_endpoint)
{
	size_t length = registry_region_length(region);
	struct endpoint endpoint = {0};
	enum endpoint_answer answer;

	if (length == 0 || region[length])
		return ENDPOINT_BAD_REGION;
	if (url && (fips || dualstack))
		return ENDPOINT_CONFLICT;
	memcpy(endpoint.region, region, length + 1);
	answer = url ? endpoint_read_url(url, &endpoint)
	             : resolve_region(&services[service], region, fips, dualstack, &endpoint);
	if (answer == ENDPOINT_FOUND)
		*ret_endpoint = endpoint;
	return answer;
}

const char *endpoint_answer_text(enum endpoint_answer answer)
{
	switch (answer) {
	case ENDPOINT_FOUND:
		return "found";
	case ENDPOINT_BAD_REGION:
		return "this is not the name of a region, such as eu-west-1";
	case ENDPOINT_BAD_URL:
		return "the endpoint URL is not http(s)://HOST[:PORT]";
	case ENDPOINT_CONFLICT:
		return "FIPS and dual-stack endpoints cannot be combined with an endpoint URL; "
		       "give the host that you mean as the endpoint URL alone";
	case ENDPOINT_UNAVAILABLE:
		return "it has no endpoint that is both FIPS and dual-stack; choose one of them";
	case ENDPOINT_NO_SERVICES:
		return "the profile's key `services` names a section that is not in the AWS config "
		       "file; add [services NAME] there, or remove the key";
	}
	return "unknown";
}
