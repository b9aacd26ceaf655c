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

/* The same, for what is done about a registry whose name may be a FIPS or dual-stack one: an
 * address given by hand stands for whatever the name says. */
enum endpoint_answer endpoint_choose_for(const struct aws_settings *settings,
                                         const struct profile_content *content,
                                         enum aws_service service, const struct registry *registry,
                                         const char *region, struct endpoint *ret_endpoint);

/* "ECR", "STS", …: for messages. Static storage. */
const char *endpoint_service_name(enum aws_service service);

#endif
