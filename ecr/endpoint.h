/* Where the ECR API of a region is, and STS: partitions, dual-stack, FIPS, and an address given by
 * hand. */
#ifndef ECRFS_ECR_ENDPOINT_H
#define ECRFS_ECR_ENDPOINT_H

#include "ecr/registry.h"

#include <stdbool.h>

#define ENDPOINT_URL_SIZE 512

struct endpoint {
	char url[ENDPOINT_URL_SIZE];  /* scheme, host, port, path; ends in "/" */
	char host[ENDPOINT_URL_SIZE]; /* as it is signed: with ":port" unless the scheme's own */
	char region[REGISTRY_REGION_SIZE];
};

enum endpoint_answer {
	ENDPOINT_FOUND,
	ENDPOINT_BAD_REGION,  /* not a region name */
	ENDPOINT_BAD_URL,     /* the address given by hand is not http(s)://host[:port][/] */
	ENDPOINT_CONFLICT,    /* FIPS or dual-stack together with an address given by hand */
	ENDPOINT_UNAVAILABLE, /* the partition has no such (FIPS + dual-stack) form */
};

/* The ECR endpoint of `region`. `url` is an address given by hand, or NULL. Threads: pure. */
enum endpoint_answer endpoint_resolve(const char *region, bool fips, bool dualstack,
                                      const char *url, struct endpoint *ret_endpoint);

/* The STS endpoint of `region`, likewise. Threads: pure. */
enum endpoint_answer endpoint_resolve_sts(const char *region, bool fips, bool dualstack,
                                          const char *url, struct endpoint *ret_endpoint);

/* The partition of AWS that the region is in, as ARNs name it: "aws". Static storage. Threads:
 * pure. */
const char *endpoint_partition(const char *region);

/* What to tell the user about an answer other than ENDPOINT_FOUND. Static storage. */
const char *endpoint_answer_text(enum endpoint_answer answer);

#endif
