/* From a status to a remedy. */
#include "fs/check_words.h"
#include "ecr/endpoint.h"
#include "fs/check_provider.h"

#include <string.h>

enum check_exit check_words_exit(enum status status)
{
	switch (status) {
	case STATUS_OK:
		return CHECK_EXIT_WELL;
	case STATUS_DENIED:
		return CHECK_EXIT_DENIED;
	case STATUS_NO_CREDENTIALS:
	case STATUS_CREDENTIALS_EXPIRED:
	case STATUS_CREDENTIALS_REJECTED:
		return CHECK_EXIT_CREDENTIALS;
	case STATUS_TIMED_OUT:
	case STATUS_UNRESOLVED:
	case STATUS_REFUSED:
	case STATUS_PROTOCOL:
		return CHECK_EXIT_NETWORK;
	case STATUS_MISCONFIGURED:
		return CHECK_EXIT_SETTINGS;
	case STATUS_NO_MEMORY:
	case STATUS_NO_DESCRIPTORS:
		return CHECK_EXIT_SYSTEM;
	case STATUS_ABSENT:
	case STATUS_THROTTLED:
	case STATUS_WRONG_BYTES:
	case STATUS_NOT_PULLED:
	case STATUS_ARCHIVED:
	case STATUS_UNSUPPORTED:
	case STATUS_SERVER_ERROR:
		break;
	}
	return CHECK_EXIT_SERVICE;
}

static void advise_permission(struct finding *finding, const struct check_call *call)
{
	if (strcmp(call->service, "sts") == 0) {
		finding_remedy(finding,
		               "allow sts:%s in the policies of the organisation, and of "
		               "the VPC endpoint",
		               call->operation);
		return;
	}
	finding_remedy(finding,
	               "allow ecr:%s on arn:%s:ecr:%s:%s:repository/%s in the policy of the role "
	               "or user%s; the policy AmazonEC2ContainerRegistryReadOnly has all that a "
	               "mount needs",
	               call->operation, endpoint_partition(call->region), call->region,
	               call->account[0] ? call->account : "*",
	               call->repository[0] ? call->repository : "*",
	               call->is_foreign ? ", and, since the account is another one, in the policy "
	                                  "of the repository"
	                                : "");
}

/* A network without a way out needs an endpoint of its own, one per service. */
static void advise_vpc(struct finding *finding, const struct check_call *call, const char *first)
{
	finding_remedy(finding,
	               "%s; in a network without internet access, make the VPC interface endpoint "
	               "com.amazonaws.%s.%s with private DNS, and let its security group take port "
	               "443 from here%s",
	               first, call->region, call->service,
	               call->has_proxy ? "; a proxy is set in the environment: it may be what "
	                                 "cannot be reached (see https_proxy, no_proxy)"
	                               : "");
}

/* AWS has them in a few regions only. */
static bool is_fips_host(const struct check_call *call)
{
	return !call->origin && strstr(call->host, "-fips.");
}

static void advise_network(struct finding *finding, enum status status,
                           const struct check_call *call)
{
	char by_hand[160];

	snprintf(by_hand, sizeof(by_hand), "check %s: it gives this address",
	         call->origin ? call->origin : "");
	if (status == STATUS_PROTOCOL)
		finding_remedy(
		        finding,
		        "%s; where a proxy opens TLS, give its certificate with "
		        "-o ca_bundle=FILE; check that the clock is right: certificates have "
		        "a time",
		        call->origin ? by_hand : "something else than AWS has answered");
	else if (call->origin)
		finding_remedy(finding, "%s", by_hand);
	else if (status == STATUS_UNRESOLVED && is_fips_host(call))
		finding_remedy(
		        finding,
		        "AWS has no FIPS endpoint in every region: leave FIPS out (the option "
		        "use_fips_endpoint, AWS_USE_FIPS_ENDPOINT, use_fips_endpoint of the "
		        "profile), or take another region; else check network and DNS");
	else if (status == STATUS_UNRESOLVED)
		advise_vpc(finding, call, "check the spelling of the region, the network, and DNS");
	else if (status == STATUS_REFUSED)
		advise_vpc(finding, call, "a firewall or proxy refuses the connection: allow it");
	else
		advise_vpc(finding, call, "check routes, firewall and proxy: packets are dropped");
}

static void advise_endpoint(struct finding *finding, const struct check_call *call)
{
	switch (call->endpoint_answer) {
	case ENDPOINT_CONFLICT:
		finding_remedy(finding,
		               "leave out the endpoint URL (the option endpoint_url, "
		               "AWS_ENDPOINT_URL, the profile), or FIPS and dual-stack "
		               "(the options use_fips_endpoint and use_dualstack_endpoint, "
		               "AWS_USE_FIPS_ENDPOINT, the profile)");
		break;
	case ENDPOINT_UNAVAILABLE:
		finding_remedy(finding,
		               "leave out FIPS or dual-stack: options, AWS_USE_FIPS_ENDPOINT "
		               "and AWS_USE_DUALSTACK_ENDPOINT, keys of the profile");
		break;
	case ENDPOINT_BAD_URL:
		finding_remedy(finding,
		               "mend the URL, http(s)://HOST[:PORT]: AWS_ENDPOINT_URL_ECR, "
		               "AWS_ENDPOINT_URL, endpoint_url of the profile");
		break;
	case ENDPOINT_NO_SERVICES:
		finding_remedy(finding,
		               "add the section [services NAME] to the AWS config file, or "
		               "take the key `services` out of the profile");
		break;
	case ENDPOINT_BAD_REGION:
	case ENDPOINT_FOUND:
		finding_remedy(finding, "mend the name of the region, such as eu-west-1");
		break;
	}
}

static void advise_setting(struct finding *finding, const struct check_call *call)
{
	switch (call->fault) {
	case TRIAL_FAULT_REGION:
		finding_remedy(finding, "give the region with -o region=NAME or AWS_REGION, or as "
		                        "part of the registry's host name");
		break;
	case TRIAL_FAULT_ENDPOINT:
		advise_endpoint(finding, call);
		break;
	case TRIAL_FAULT_CERTIFICATES:
		finding_remedy(finding,
		               "name a file of PEM certificates that you may read: the option "
		               "ca_bundle, AWS_CA_BUNDLE, or ca_bundle of the profile");
		break;
	case TRIAL_FAULT_CREDENTIALS:
		finding_remedy(finding, "mend the setting that is named");
		break;
	}
}

static void advise_credentials(struct finding *finding, enum status status)
{
	if (status == STATUS_NO_CREDENTIALS)
		finding_remedy(finding,
		               "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile "
		               "with -o profile=NAME, as the user who mounts: sudo drops the "
		               "environment");
	else if (status == STATUS_CREDENTIALS_EXPIRED)
		finding_remedy(finding, "renew them: aws sso login for a profile with SSO, or new "
		                        "keys and session token");
	else
		finding_remedy(
		        finding,
		        "check key id, secret and session token: one of them is wrong or was "
		        "deleted; temporary keys work with their session token only");
}

static void advise_service(struct finding *finding, enum status status)
{
	if (status == STATUS_THROTTLED)
		finding_remedy(finding, "too many calls are made in this account and region: try "
		                        "again later, or mount with -o retry_mode=adaptive");
	else if (status == STATUS_UNSUPPORTED)
		finding_remedy(finding, "what answers there is not ECR: check endpoint_url, and "
		                        "AWS_ENDPOINT_URL in the environment");
	else if (status == STATUS_ABSENT)
		finding_remedy(finding, "check the account id and the region of the registry");
	else
		finding_remedy(finding, "try again later; see health.aws.amazon.com");
}

static void advise(struct finding *finding, enum status status, const struct check_call *call)
{
	if (strcmp(call->operation, "credentials") == 0 &&
	    check_provider_advise(finding, status, call))
		return;
	switch (check_words_exit(status)) {
	case CHECK_EXIT_DENIED:
		advise_permission(finding, call);
		break;
	case CHECK_EXIT_CREDENTIALS:
		advise_credentials(finding, status);
		break;
	case CHECK_EXIT_NETWORK:
		advise_network(finding, status, call);
		break;
	case CHECK_EXIT_SETTINGS:
		advise_setting(finding, call);
		break;
	case CHECK_EXIT_SERVICE:
		advise_service(finding, status);
		break;
	case CHECK_EXIT_SYSTEM:
		finding_remedy(finding, "free memory, or raise the limits: see ulimit -a");
		break;
	case CHECK_EXIT_WELL:
	case CHECK_EXIT_MACHINE:
	case CHECK_EXIT_CLOCK:
		break;
	}
}

void check_words_fail(struct finding *finding, enum status status, const struct check_call *call)
{
	enum check_exit exit_code = check_words_exit(status);

	if (status == STATUS_MISCONFIGURED)
		finding_fail(finding, exit_code, "a setting is missing or wrong");
	else if (call->operation[0])
		finding_fail(finding, exit_code, "%s", status_text(status));
	else
		finding_fail(finding, exit_code, "nobody answers at %s: %s", call->host,
		             status_text(status));
	advise(finding, status, call);
}
