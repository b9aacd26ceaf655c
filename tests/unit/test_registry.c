/* The names that people give registries. */
#include "ecr/registry.h"
#include "tests/unit/unit_test.h"

#include <stdio.h>
#include <string.h>

struct example {
	const char *text;
	const char *region;
	bool fips;
	bool dualstack;
};

static void assert_host(const struct example *example)
{
	struct registry registry;

	print_message("%s\n", example->text);
	assert_int_equal(registry_parse(example->text, &registry), REGISTRY_HOST);
	assert_string_equal(registry.account, "012345678910");
	assert_string_equal(registry.region, example->region);
	assert_int_equal(registry.fips, example->fips);
	assert_int_equal(registry.dualstack, example->dualstack);
}

static void an_account_id_has_twelve_digits(void **state)
{
	struct registry registry;

	(void)state;
	assert_int_equal(registry_parse("012345678910", &registry), REGISTRY_ACCOUNT);
	assert_string_equal(registry.account, "012345678910");
	assert_string_equal(registry.region, "");
	assert_false(registry.fips || registry.dualstack);
	assert_int_equal(registry_parse("12345678910", &registry), REGISTRY_INVALID);
	assert_int_equal(registry_parse("1234567891011", &registry), REGISTRY_INVALID);
	assert_int_equal(registry_parse("01234567891a", &registry), REGISTRY_INVALID);
	assert_int_equal(registry_parse("", &registry), REGISTRY_INVALID);
}

static void default_is_the_callers_own(void **state)
{
	struct registry registry = {.account = "111111111111", .region = "left over"};

	(void)state;
	assert_int_equal(registry_parse("default", &registry), REGISTRY_DEFAULT);
	assert_string_equal(registry.account, "");
	assert_string_equal(registry.region, "");
}

static void every_form_of_host_name_is_known(void **state)
{
	static const struct example examples[] = {
	        {"012345678910.dkr.ecr.us-west-2.amazonaws.com", "us-west-2", false, false},
	        {"012345678910.dkr.ecr.us-gov-west-1.amazonaws.com", "us-gov-west-1", false, false},
	        {"012345678910.dkr.ecr-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1", true,
	         false},
	        {"012345678910.dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1", false, false},
	        {"012345678910.dkr.ecr.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1", false,
	         false},
	        {"012345678910.dkr.ecr.us-iso-east-1.c2s.ic.gov", "us-iso-east-1", false, false},
	        {"012345678910.dkr.ecr.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1", false,
	         false},
	        {"012345678910.dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk", "eu-isoe-west-1", false,
	         false},
	        {"012345678910.dkr.ecr.us-isof-south-1.csp.hci.ic.gov", "us-isof-south-1", false,
	         false},
	        {"012345678910.dkr-ecr.us-west-2.on.aws", "us-west-2", false, true},
	        {"012345678910.dkr-ecr-fips.us-west-2.on.aws", "us-west-2", true, true},
	        {"012345678910.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn", "cn-north-1", false,
	         true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++)
		assert_host(&examples[i]);
}

static void a_host_name_is_matched_as_a_whole(void **state)
{
	static const char *const others[] = {
	        "012345678910.dkr.ecr.us-west-2.amazonaws.com.evil.example",
	        "x012345678910.dkr.ecr.us-west-2.amazonaws.com",
	        "https://012345678910.dkr.ecr.us-west-2.amazonaws.com",
	        "012345678910.dkr.ecr.us-west-2.amazonaws.com/team",
	        "012345678910.dkr.ecr.us-west-2.amazonaws.com:443",
	        "012345678910.dkr.ecr.us-west-2.amazonaws.com.",
	        "012345678910.dkr.ecr.us-west-2.amazonaws",
	        "012345678910.dkr.ecr.us-west-2",
	        "012345678910.dkr.ecr..amazonaws.com",
	        "012345678910.dkr.ecr.-us.amazonaws.com",
	        "012345678910.dkr.ecr.us-.amazonaws.com",
	        "012345678910.dkr.ecr.us_west.amazonaws.com",
	        "012345678910.dkr.ecrfips.us-west-2.amazonaws.com",
	        "012345678910.dkr.ecr-fipsus-west-2.amazonaws.com",
	        "012345678910.dkr.ecr.us-west-2.on.aws",
	        "012345678910.dkr-ecr.us-west-2.amazonaws.com",
	        "012345678910.DKR.ecr.us-west-2.amazonaws.com",
	        "012345678910.dkr",
	        "012345678910.",
	        "12345.dkr.ecr.us-west-2.amazonaws.com",
	        "api.ecr.us-west-2.amazonaws.com",
	        "docker.io",
	        "none",
	        "Default",
	        ".ecrfs",
	};
	struct registry registry = {.account = "untouched"};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		print_message("%s\n", others[i]);
		assert_int_equal(registry_parse(others[i], &registry), REGISTRY_INVALID);
	}
	assert_string_equal(registry.account, "untouched");
}

static void public_registries_are_known_but_not_supported(void **state)
{
	struct registry registry = {.account = "untouched"};

	(void)state;
	assert_int_equal(registry_parse("public.ecr.aws", &registry), REGISTRY_PUBLIC);
	assert_int_equal(registry_parse("ecr-public.aws.com", &registry), REGISTRY_PUBLIC);
	assert_string_equal(registry.account, "untouched");
}

static void a_region_that_does_not_fit_is_refused(void **state)
{
	struct registry registry;
	char text[256], region[REGISTRY_REGION_SIZE + 1];

	(void)state;
	memset(region, 'r', sizeof(region) - 1);
	region[sizeof(region) - 1] = '\0';
	snprintf(text, sizeof(text), "012345678910.dkr.ecr.%s.amazonaws.com", region);
	assert_int_equal(registry_parse(text, &registry), REGISTRY_INVALID);
	region[sizeof(region) - 2] = '\0';
	snprintf(text, sizeof(text), "012345678910.dkr.ecr.%s.amazonaws.com", region);
	assert_int_equal(registry_parse(text, &registry), REGISTRY_HOST);
	assert_string_equal(registry.region, region);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(an_account_id_has_twelve_digits),
	        cmocka_unit_test(default_is_the_callers_own),
	        cmocka_unit_test(every_form_of_host_name_is_known),
	        cmocka_unit_test(a_host_name_is_matched_as_a_whole),
	        cmocka_unit_test(public_registries_are_known_but_not_supported),
	        cmocka_unit_test(a_region_that_does_not_fit_is_refused),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
