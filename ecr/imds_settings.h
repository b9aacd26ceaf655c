/* How the instance metadata service (IMDS) of EC2 is asked: by variables, else by the profile. */
#ifndef ECRFS_ECR_IMDS_SETTINGS_H
#define ECRFS_ECR_IMDS_SETTINGS_H

#include "ecr/endpoint.h"

#include <stdbool.h>
#include <stdint.h>

struct profile_content;

/* As texts, NULL where not set. */
struct imds_variables {
	bool disabled;  /* AWS_EC2_METADATA_DISABLED is "true", in any case */
	char *endpoint; /* AWS_EC2_METADATA_SERVICE_ENDPOINT */
	char *mode;     /* AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE */
	char *timeout;  /* AWS_METADATA_SERVICE_TIMEOUT */
	char *attempts; /* AWS_METADATA_SERVICE_NUM_ATTEMPTS */
};

/* Copies the variables, before any thread runs. Answers 0, or -ENOMEM with nothing to deinit. */
int imds_variables_init(struct imds_variables *variables);
void imds_variables_deinit(struct imds_variables *variables);

struct imds_settings {
	char url[ENDPOINT_URL_SIZE]; /* ends in "/" */
	uint64_t timeout_ns;         /* of one attempt */
	unsigned attempts;
};

/* What variables and profile say together; `content` may be NULL. An endpoint wins over a mode, a
 * variable over the key of the profile, as in botocore. Answers NULL, or what is wrong and to be
 * corrected (static storage), with nothing returned. Threads: pure. */
const char *imds_settings_choose(const struct imds_variables *variables,
                                 const struct profile_content *content,
                                 struct imds_settings *ret_settings);

#endif
