/* What the user decided about AWS: the options and environment that the ecr layer heeds.
 *
 * All strings are borrowed and outlive the modules that were given the settings; NULL = not given.
 */
#ifndef ECRFS_ECR_SETTINGS_H
#define ECRFS_ECR_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

struct aws_settings {
	const char *region;
	const char *profile;
	const char *endpoint_url;     /* of ECR */
	const char *sts_endpoint_url; /* the environment's alone: the option is about ECR */
	const char *ca_bundle;
	bool no_verify_ssl;
	bool use_fips_endpoint;
	bool use_dualstack_endpoint;
	uint64_t connect_timeout_ns;
	uint64_t read_timeout_ns; /* one attempt, from first byte sent to last byte received */
	unsigned max_connections; /* calls at the same time; as many more of other repositories */
	unsigned max_attempts;
};

/* Fills in region, endpoints and CA bundle from the environment, where they are not given yet.
 * Before any thread runs. */
void aws_settings_complete(struct aws_settings *settings);

#endif
