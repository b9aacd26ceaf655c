/* The calls of a mount, each tried once. Threads: main. */
#ifndef ECRFS_FS_CHECK_CALLS_H
#define ECRFS_FS_CHECK_CALLS_H

#include "ecr/endpoint.h"
#include "fs/check_ask.h"
#include "fs/check_report.h"
#include "fs/check_words.h"
#include "fs/options.h"

/* Who reads: the profile of the mount, or that of an account. */
struct check_identity {
	const char *profile;                /* that the options name for it; NULL: none */
	const struct named_registry *first; /* of those that it reads; NULL: behind the last one */
	char account[REGISTRY_ACCOUNT_DIGITS + 1]; /* of the credentials; "": not known */
	bool has_credentials;
};

/* A registry, as far as it is known. */
struct check_registry {
	const struct named_registry *named; /* NULL: behind the last one */
	struct check_identity *identity;
	struct endpoint endpoint;
	const char *region_origin; /* who says which region: static */
	bool is_reached;
};

struct check {
	const struct options *options;
	struct check_report report;
	struct check_asker asker;
	struct check_registry *registries;
	struct check_identity *identities;
	bool has_clock; /* what the time is has been found out */
};

/* Region and endpoint of a registry, whether anybody is there, and what the time is there. */
void check_endpoint(struct check *check, struct check_registry *registry);

/* Asks, and adds what the log says of a failure. */
void check_try(struct check *check, struct trial *trial, struct finding *finding);

/* What the words for a failure need to know. Borrows registry and trial. */
struct check_call check_call_of(const struct check_registry *registry, const struct trial *trial);

/* DescribeRepositories; and of its first repository DescribeImages, ListImages and BatchGetImage.
 */
void check_registry(struct check *check, const struct check_registry *registry);

#endif
