/* Where ECR is in a region, and the services that credentials come from: partitions, dual-stack,
 * FIPS, and an address given by hand. */
#ifndef ECRFS_ECR_ENDPOINT_H
#define ECRFS_ECR_ENDPOINT_H

#include "ecr/registry.h"

#include <stdbool.h>

#define ENDPOINT_URL_SIZE 512

enum aws_service {
	AWS_ECR,
	AWS_STS,
	AWS_SSO,      /* the portal of IAM Identity Center, which gives credentials */
	AWS_SSO_OIDC, /* which gives it its tokens */
	AWS_SIGNIN,   /* of `aws login` */
};
#define AWS_N_SERVICES (AWS_SIGNIN + 1)

struct endpoint {
	char url[ENDPOINT_URL_SIZE];  /* scheme, host, port, path; ends in "/" */
	char host[ENDPOINT_URL_SIZE]; /* as it is signed: with ":port" unless the scheme's own */
	char region[REGISTRY_REGION_SIZE];
	const char *origin; /* who gave the address by hand, static; NULL: it is AWS's own */
};

enum endpoint_answer {
	ENDPOINT_FOUND,
	ENDPOINT_BAD_REGION,  /* not a region name */
	ENDPOINT_BAD_URL,     /* the address given by hand is not http(s)://host[:port][/] */
	ENDPOINT_CONFLICT,    /* FIPS or dual-stack together with an address given by hand */
	ENDPOINT_UNAVAILABLE, /* the partition has no such (FIPS + dual-stack) form */
	ENDPOINT_NO_SERVICES, /* the profile names a services section that is not there */
};

/* The endpoint of the service in `region`. `url` is an address given by hand, or NULL. Who gave it
 * is left to the caller. Threads: pure. */
enum endpoint_answer endpoint_resolve(enum aws_service service, const char *region, bool fips,
                                      bool dualstack, const char *url,
                                      struct endpoint *ret_endpoint);

/* Reads an address given by hand, whatever it is of; the region is left as it is. ENDPOINT_FOUND or
 * ENDPOINT_BAD_URL, which leaves `endpoint` in pieces. Threads: pure. */
enum endpoint_answer endpoint_read_url(const char *url, struct endpoint *endpoint);

/* The partition of AWS that the region is in, as ARNs name it: "aws". Static storage. Threads:
 * pure. */
const char *endpoint_partition(const char *region);

/* What to tell the user about an answer other than ENDPOINT_FOUND. Static storage. */
const char *endpoint_answer_text(enum endpoint_answer answer);

#endif
