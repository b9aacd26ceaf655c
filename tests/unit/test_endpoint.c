/* Where the ECR API of a region is. */
#include "ecr/endpoint.h"
#include "tests/unit/unit_test.h"

#include <stdio.h>
#include <string.h>

struct partition_example {
	const char *region;
	const char *plain;
	const char *dualstack;
	const char *fips;
	const char *both; /* NULL: there is none */
};

/* The rule set of the service model. */
static const struct partition_example partitions[] = {
        {"us-east-1", "api.ecr.us-east-1.amazonaws.com", "ecr.us-east-1.api.aws",
         "api.ecr-fips.us-east-1.amazonaws.com", "ecr-fips.us-east-1.api.aws"},
        {"us-gov-west-1", "api.ecr.us-gov-west-1.amazonaws.com", "ecr.us-gov-west-1.api.aws",
         "api.ecr-fips.us-gov-west-1.amazonaws.com", "ecr-fips.us-gov-west-1.api.aws"},
        {"cn-north-1", "api.ecr.cn-north-1.amazonaws.com.cn",
         "ecr.cn-north-1.api.amazonwebservices.com.cn", "api.ecr-fips.cn-north-1.amazonaws.com.cn",
         "ecr-fips.cn-north-1.api.amazonwebservices.com.cn"},
        {"us-iso-east-1", "api.ecr.us-iso-east-1.c2s.ic.gov", "ecr.us-iso-east-1.api.aws.ic.gov",
         "api.ecr-fips.us-iso-east-1.c2s.ic.gov", NULL},
        {"us-isob-east-1", "api.ecr.us-isob-east-1.sc2s.sgov.gov",
         "ecr.us-isob-east-1.api.aws.scloud", "api.ecr-fips.us-isob-east-1.sc2s.sgov.gov", NULL},
        {"eu-isoe-west-1", "api.ecr.eu-isoe-west-1.cloud.adc-e.uk",
         "ecr.eu-isoe-west-1.api.cloud-aws.adc-e.uk", "api.ecr-fips.eu-isoe-west-1.cloud.adc-e.uk",
         NULL},
        {"us-isof-south-1", "api.ecr.us-isof-south-1.csp.hci.ic.gov",
         "ecr.us-isof-south-1.api.aws.hci.ic.gov", "api.ecr-fips.us-isof-south-1.csp.hci.ic.gov",
         NULL},
        {"eusc-de-east-1", "api.ecr.eusc-de-east-1.amazonaws.eu",
         "ecr.eusc-de-east-1.api.amazonwebservices.eu", "api.ecr-fips.eusc-de-east-1.amazonaws.eu",
         NULL},
        {"mx-central-1", "api.ecr.mx-central-1.amazonaws.com", "ecr.mx-central-1.api.aws",
         "api.ecr-fips.mx-central-1.amazonaws.com", "ecr-fips.mx-central-1.api.aws"},
};

static void assert_resolves(const char *region, bool fips, bool dualstack, const char *host)
{
	struct endpoint endpoint;
	char url[ENDPOINT_URL_SIZE];

	if (!host) {
		assert_int_equal(
		        endpoint_resolve(AWS_ECR, region, fips, dualstack, NULL, &endpoint),
		        ENDPOINT_UNAVAILABLE);
		return;
	}
	assert_int_equal(endpoint_resolve(AWS_ECR, region, fips, dualstack, NULL, &endpoint),
	                 ENDPOINT_FOUND);
	snprintf(url, sizeof(url), "https://%s/", host);
	assert_string_equal(endpoint.host, host);
	assert_string_equal(endpoint.url, url);
	assert_string_equal(endpoint.region, region);
}

static void every_partition_has_its_own_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(partitions) / sizeof(partitions[0]); i++) {
		const struct partition_example *example = &partitions[i];

		assert_resolves(example->region, false, false, example->plain);
		assert_resolves(example->region, false, true, example->dualstack);
		assert_resolves(example->region, true, false, example->fips);
		assert_resolves(example->region, true, true, example->both);
	}
}

static void a_region_of_unknown_form_is_one_of_aws(void **state)
{
	(void)state;
	assert_resolves("moon-1", false, false, "api.ecr.moon-1.amazonaws.com");
}

static void what_is_no_region_is_refused(void **state)
{
	static const char *const bad[] = {
	        "",
	        "-",
	        "us-",
	        "-us",
	        "US-EAST-1",
	        "us_east_1",
	        "us.aa",
	        "us-east-1/",
	        "evil.com#",
	        "us-east-1 ",
	        "0123456789012345678901234567890123456789012345678901234567890123",
	};
	struct endpoint endpoint = {.host = "untouched"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(endpoint_resolve(AWS_ECR, bad[i], false, false, NULL, &endpoint),
		                 ENDPOINT_BAD_REGION);
	assert_int_equal(endpoint_resolve(AWS_ECR, "", false, false, "http://localhost", &endpoint),
	                 ENDPOINT_BAD_REGION);
	assert_string_equal(endpoint.host, "untouched");
}

static void assert_address(const char *url, const char *host, const char *result)
{
	struct endpoint endpoint;

	print_message("%s\n", url);
	assert_int_equal(endpoint_resolve(AWS_ECR, "eu-west-1", false, false, url, &endpoint),
	                 ENDPOINT_FOUND);
	assert_string_equal(endpoint.host, host);
	assert_string_equal(endpoint.url, result);
	assert_string_equal(endpoint.region, "eu-west-1");
}

static void an_address_by_hand_is_taken(void **state)
{
	(void)state;
	assert_address("http://127.0.0.1:4566", "127.0.0.1:4566", "http://127.0.0.1:4566/");
	assert_address("http://127.0.0.1:4566/", "127.0.0.1:4566", "http://127.0.0.1:4566/");
	assert_address("https://vpce-1.api.ecr.eu-west-1.vpce.amazonaws.com",
	               "vpce-1.api.ecr.eu-west-1.vpce.amazonaws.com",
	               "https://vpce-1.api.ecr.eu-west-1.vpce.amazonaws.com/");
	assert_address("http://[::1]:80/", "[::1]", "http://[::1]/");
	assert_address("HTTPS://Example.COM:8443", "example.com:8443", "https://example.com:8443/");
}

/* libcurl leaves the scheme's own port out of the Host header, whose value is signed. */
static void the_schemes_own_port_is_not_signed(void **state)
{
	(void)state;
	assert_address("http://ecr.example:80", "ecr.example", "http://ecr.example/");
	assert_address("https://ecr.example:0443/", "ecr.example", "https://ecr.example/");
	assert_address("http://ecr.example:443", "ecr.example:443", "http://ecr.example:443/");
	assert_address("https://ecr.example:80", "ecr.example:80", "https://ecr.example:80/");
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const bad[] = {
	        "",
	        "http",
	        "http://",
	        "http:///",
	        "127.0.0.1:4566",
	        "ftp://ecr.example",
	        "https://ecr.example/path",
	        "https://ecr.example//",
	        "https://ecr.example?query",
	        "https://ecr.example#fragment",
	        "https://user:password@ecr.example",
	        "https://ecr.example:",
	        "https://ecr.example:0",
	        "https://ecr.example:65536",
	        "https://ecr.example:443443443",
	        "https://ecr.example:8o",
	        "https://ecr example",
	        "https://[::1",
	        "https://[]",
	        "https://::1",
	        "https://ecr.example\r\nX-Evil: 1",
	        " https://ecr.example",
	};
	struct endpoint endpoint = {.host = "untouched"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		print_message("%s\n", bad[i]);
		assert_int_equal(
		        endpoint_resolve(AWS_ECR, "eu-west-1", false, false, bad[i], &endpoint),
		        ENDPOINT_BAD_URL);
	}
	assert_string_equal(endpoint.host, "untouched");
}

static void a_long_address_is_refused(void **state)
{
	struct endpoint endpoint;
	char url[2 * ENDPOINT_URL_SIZE] = "https://";

	(void)state;
	memset(url + strlen("https://"), 'h', sizeof(url) - strlen("https://") - 1);
	assert_int_equal(endpoint_resolve(AWS_ECR, "eu-west-1", false, false, url, &endpoint),
	                 ENDPOINT_BAD_URL);
}

static void fips_and_dualstack_contradict_an_address_by_hand(void **state)
{
	struct endpoint endpoint;

	(void)state;
	assert_int_equal(endpoint_resolve(AWS_ECR, "eu-west-1", true, false, "http://x", &endpoint),
	                 ENDPOINT_CONFLICT);
	assert_int_equal(endpoint_resolve(AWS_ECR, "eu-west-1", false, true, "http://x", &endpoint),
	                 ENDPOINT_CONFLICT);
}

static void assert_host(enum aws_service service, const char *region, bool fips, bool dualstack,
                        const char *host)
{
	struct endpoint endpoint;

	assert_int_equal(endpoint_resolve(service, region, fips, dualstack, NULL, &endpoint),
	                 ENDPOINT_FOUND);
	assert_string_equal(endpoint.host, host);
	assert_string_equal(endpoint.region, region);
	assert_null(endpoint.origin);
}

static void sts_is_asked_in_the_region(void **state)
{
	struct endpoint endpoint;

	(void)state;
	assert_host(AWS_STS, "eu-west-1", false, false, "sts.eu-west-1.amazonaws.com");
	assert_host(AWS_STS, "eu-west-1", false, true, "sts.eu-west-1.api.aws");
	assert_host(AWS_STS, "us-east-1", true, false, "sts-fips.us-east-1.amazonaws.com");
	assert_host(AWS_STS, "us-east-1", true, true, "sts-fips.us-east-1.api.aws");
	assert_host(AWS_STS, "cn-north-1", false, false, "sts.cn-north-1.amazonaws.com.cn");
	assert_int_equal(endpoint_resolve(AWS_STS, "eu-west-1", false, false,
	                                  "http://localhost:4566", &endpoint),
	                 ENDPOINT_FOUND);
	assert_string_equal(endpoint.host, "localhost:4566");
}

static void in_govcloud_the_plain_host_is_the_fips_one(void **state)
{
	(void)state;
	assert_host(AWS_STS, "us-gov-west-1", true, false, "sts.us-gov-west-1.amazonaws.com");
	assert_host(AWS_STS, "us-gov-west-1", true, true, "sts-fips.us-gov-west-1.api.aws");
	assert_host(AWS_SSO, "us-gov-west-1", true, false,
	            "portal.sso.us-gov-west-1.amazonaws.com");
	assert_host(AWS_SSO_OIDC, "us-gov-east-1", true, false, "oidc.us-gov-east-1.amazonaws.com");
	assert_host(AWS_ECR, "us-gov-west-1", true, false,
	            "api.ecr-fips.us-gov-west-1.amazonaws.com");
}

static void sso_is_a_portal_and_gives_tokens(void **state)
{
	(void)state;
	assert_host(AWS_SSO, "eu-west-1", false, false, "portal.sso.eu-west-1.amazonaws.com");
	assert_host(AWS_SSO, "eu-west-1", true, false, "portal.sso-fips.eu-west-1.amazonaws.com");
	assert_host(AWS_SSO, "eu-west-1", false, true, "portal.sso.eu-west-1.api.aws");
	assert_host(AWS_SSO_OIDC, "cn-north-1", false, false, "oidc.cn-north-1.amazonaws.com.cn");
	assert_host(AWS_SSO_OIDC, "us-east-2", true, true, "oidc-fips.us-east-2.api.aws");
}

static void signing_in_has_a_domain_of_its_own(void **state)
{
	(void)state;
	assert_host(AWS_SIGNIN, "eu-west-1", false, false, "eu-west-1.signin.aws.amazon.com");
	assert_host(AWS_SIGNIN, "cn-north-1", false, false, "cn-north-1.signin.amazonaws.cn");
	assert_host(AWS_SIGNIN, "us-gov-west-1", false, false,
	            "us-gov-west-1.signin.amazonaws-us-gov.com");
	assert_host(AWS_SIGNIN, "us-iso-east-1", false, false, "signin.us-iso-east-1.c2s.ic.gov");
	assert_host(AWS_SIGNIN, "eu-west-1", true, false, "signin-fips.eu-west-1.amazonaws.com");
	assert_host(AWS_SIGNIN, "eu-west-1", false, true, "signin.eu-west-1.api.aws");
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_partition_has_its_own_names),
	        cmocka_unit_test(a_region_of_unknown_form_is_one_of_aws),
	        cmocka_unit_test(what_is_no_region_is_refused),
	        cmocka_unit_test(an_address_by_hand_is_taken),
	        cmocka_unit_test(the_schemes_own_port_is_not_signed),
	        cmocka_unit_test(what_is_no_address_is_refused),
	        cmocka_unit_test(a_long_address_is_refused),
	        cmocka_unit_test(fips_and_dualstack_contradict_an_address_by_hand),
	        cmocka_unit_test(sts_is_asked_in_the_region),
	        cmocka_unit_test(in_govcloud_the_plain_host_is_the_fips_one),
	        cmocka_unit_test(sso_is_a_portal_and_gives_tokens),
	        cmocka_unit_test(signing_in_has_a_domain_of_its_own),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
