/* What the user decided about AWS: the options and environment that the ecr layer heeds.
 *
 * All strings are borrowed and outlive the modules that were given the settings; NULL = not given.
 */
#ifndef ECRFS_ECR_SETTINGS_H
#define ECRFS_ECR_SETTINGS_H

#include "ecr/endpoint.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum retry_mode {
	RETRY_MODE_NOT_GIVEN,
	RETRY_MODE_STANDARD,
	RETRY_MODE_ADAPTIVE,
};

/* A setting that may be on or off, or left to whom is asked next. */
enum aws_choice {
	AWS_CHOICE_NONE,
	AWS_CHOICE_ON,
	AWS_CHOICE_OFF,
};

/* Whose registry is read with another profile than the mount's own. */
struct account_profile {
	char account[REGISTRY_ACCOUNT_DIGITS + 1];
	const char *profile;
};

struct aws_settings {
	const char *region;
	const char *region_origin; /* who says so: static; NULL with the region */
	const char *profile;
	const char *endpoint_url;                 /* the option's, which is about ECR alone */
	const char *service_urls[AWS_N_SERVICES]; /* AWS_ENDPOINT_URL_ECR and so on */
	const char *common_url;                   /* AWS_ENDPOINT_URL */
	enum aws_choice ignore_configured_urls;   /* those two, and the profile's */
	const char *ca_bundle;
	const char *ca_bundle_origin; /* likewise */
	bool no_verify_ssl;
	enum aws_choice use_fips_endpoint;
	enum aws_choice use_dualstack_endpoint;
	uint64_t connect_timeout_ns;
	uint64_t read_timeout_ns; /* one attempt, from first byte sent to last byte received */
	unsigned max_connections; /* calls at the same time; as many more of other repositories */
	enum retry_mode retry_mode;
	unsigned max_attempts; /* 0: not given */
	const struct account_profile *account_profiles;
	size_t n_account_profiles;
};

/* No call is sent more often, whatever a variable or a profile says. */
#define AWS_MAX_ATTEMPTS_LIMIT 100

/* Fills in region, endpoints and CA bundle from the environment, where they are not given yet.
 * Before any thread runs; the environment is not looked at for them any more. */
void aws_settings_complete(struct aws_settings *settings);

/* A variable of the environment, NULL when it is not set, or to nothing. Borrowed. */
const char *aws_settings_variable(const char *name);

/* The value of a setting that is "true", in any case, or anything else, which means no; NULL is no
 * choice. Threads: pure. */
enum aws_choice aws_settings_choice(const char *text);

/* Read the values of retry_mode ("standard", "adaptive", "legacy") and of max_attempts (a whole
 * number above 0, of which AWS_MAX_ATTEMPTS_LIMIT is taken at most), as variables and profiles have
 * them. Answer whether it was one. Threads: pure. */
bool aws_settings_parse_retry_mode(const char *text, enum retry_mode *ret_mode);
bool aws_settings_parse_attempts(const char *text, unsigned *ret_attempts);

#endif
