/* The calls of a mount, each tried once. Threads: main. */
#ifndef ECRFS_FS_CHECK_CALLS_H
#define ECRFS_FS_CHECK_CALLS_H

#include "ecr/endpoint.h"
#include "fs/check_ask.h"
#include "fs/check_report.h"
#include "fs/options.h"

/* A registry, as far as it is known. */
struct check_registry {
	const struct named_registry *named; /* NULL: behind the last one */
	struct endpoint endpoint;
	bool is_reached;
};

struct check {
	const struct options *options;
	struct check_report report;
	struct check_asker asker;
	struct check_registry *registries;
	char account[REGISTRY_ACCOUNT_DIGITS + 1]; /* of the credentials; "": not known */
	bool has_credentials;
	bool has_clock; /* what the time is has been found out */
};

/* Whether there are credentials, and which. */
void check_credentials(struct check *check);

/* Region and endpoint of a registry, whether anybody is there, and what the time is there. */
void check_endpoint(struct check *check, struct check_registry *registry);

/* Whose the credentials are. */
void check_account(struct check *check, const struct check_registry *registry);

/* DescribeRepositories; and of its first repository DescribeImages, ListImages and BatchGetImage.
 */
void check_registry(struct check *check, const struct check_registry *registry);

#endif
