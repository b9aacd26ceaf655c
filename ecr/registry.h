/* A registry, as people name it: an account id, an ECR host name, or `default` for the caller's
 * own. */
#ifndef ECRFS_ECR_REGISTRY_H
#define ECRFS_ECR_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>

#define REGISTRY_ACCOUNT_DIGITS 12
#define REGISTRY_REGION_SIZE    64

struct registry {
	char account[REGISTRY_ACCOUNT_DIGITS + 1]; /* "" for the caller's own; zeros may lead */
	char region[REGISTRY_REGION_SIZE];         /* "" where the name does not tell */
	bool fips;                                 /* the host name is a FIPS one */
	bool dualstack;                            /* the host name is a dual-stack one */
};

enum registry_kind {
	REGISTRY_INVALID, /* no registry can have this name */
	REGISTRY_ACCOUNT, /* 12 digits */
	REGISTRY_HOST,    /* <account>.dkr.ecr.<region>.amazonaws.com and its other forms */
	REGISTRY_DEFAULT, /* "default": the caller's own */
	REGISTRY_PUBLIC,  /* public.ecr.aws, ecr-public.aws.com: known, not supported */
};

/* What kind of registry name `text` is; fills `ret_registry` for account, host and default, else
 * leaves it untouched. Only the bare name: no scheme, no path. Threads: pure. */
enum registry_kind registry_parse(const char *text, struct registry *ret_registry);

/* Whether it is an account id: twelve digits. Threads: pure. */
bool registry_is_account(const char *text);

/* The length of the region name that `text` starts with: lower-case letters, digits and inner
 * hyphens; 0 where there is none, or none that fits. Threads: pure. */
size_t registry_region_length(const char *text);

#endif
