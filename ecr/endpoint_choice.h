/* Which endpoint is used: what was decided by hand, and by whom, before AWS's own of the region.
 *
 *   the option (ECR alone) ─► AWS_ENDPOINT_URL_<SERVICE> ─► AWS_ENDPOINT_URL ─►
 *   endpoint_url in the section that the profile's `services` names ─► that of the profile ─► AWS
 *
 * AWS_IGNORE_CONFIGURED_ENDPOINT_URLS, or the profile's key of that name, leaves only the first and
 * the last. FIPS and dual-stack are for all services: the option, else the variable, else the
 * profile. In all that is botocore's order.
 *
 * Threads: pure.
 */
#ifndef ECRFS_ECR_ENDPOINT_CHOICE_H
#define ECRFS_ECR_ENDPOINT_CHOICE_H

#include "ecr/endpoint.h"

struct aws_settings;
struct profile_content;

/* The endpoint of the service. `content` (what the profile says) may be NULL. */
enum endpoint_answer endpoint_choose(const struct aws_settings *settings,
                                     const struct profile_content *content,
                                     enum aws_service service, const char *region,
                                     struct endpoint *ret_endpoint);

/* What is decided of all services at once, to be kept when the profile's content is gone. */
struct endpoint_choice {
	bool fips, dualstack;
	struct endpoint_address {
		enum endpoint_answer answer;
		char *url; /* NULL: AWS's own */
		const char *origin;
	} of[AWS_N_SERVICES];
};

/* Copies what it keeps. Answers 0 or -ENOMEM. */
int endpoint_choice_init(struct endpoint_choice *choice, const struct aws_settings *settings,
                         const struct profile_content *content);
void endpoint_choice_deinit(struct endpoint_choice *choice);

/* As endpoint_choose(), for what is done about a registry, whose name may be a FIPS or dual-stack
 * one: an address given by hand stands for whatever the name says. */
enum endpoint_answer endpoint_choice_get(const struct endpoint_choice *choice,
                                         enum aws_service service, const struct registry *registry,
                                         const char *region, struct endpoint *ret_endpoint);

/* "ECR", "STS", …: for messages. Static storage. */
const char *endpoint_service_name(enum aws_service service);

#endif
