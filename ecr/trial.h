/* Single questions, to see whether they can be asked: what `ecrfs --check` is made of.
 *
 * Each is made as a mount makes it, with the same credentials, endpoint and retries; none is a
 * pull.
 */
#ifndef ECRFS_ECR_TRIAL_H
#define ECRFS_ECR_TRIAL_H

#include "base/status.h"
#include "ecr/endpoint.h"
#include "ecr/name.h"
#include "ecr/registry.h"

#include <stdbool.h>
#include <stdint.h>

struct api;
struct principal;
struct trial;

enum trial_kind {
	TRIAL_CREDENTIALS,  /* with which it is asked: `provider`, `key_id`, `expires_ns` */
	TRIAL_REGION,       /* where ECR is for it: `endpoint`, `region_origin` */
	TRIAL_ENDPOINT,     /* whether anybody is at `endpoint`, and what the time is there */
	TRIAL_ACCOUNT,      /* whose the credentials are, by GetCallerIdentity: `account`, `arn` */
	TRIAL_REPOSITORIES, /* one page of DescribeRepositories: the first `repository` */
	TRIAL_DESCRIBE,     /* one page of DescribeImages, of `repository` */
	TRIAL_LIST,         /* one page of ListImages, likewise */
	TRIAL_FETCH,        /* BatchGetImage, likewise, of a digest that no image has */
};

/* What a setting is wrong about, with STATUS_MISCONFIGURED. */
enum trial_fault {
	TRIAL_FAULT_REGION,
	TRIAL_FAULT_ENDPOINT, /* `endpoint_answer` */
	TRIAL_FAULT_CERTIFICATES,
	TRIAL_FAULT_CREDENTIALS, /* `culprit` */
};

struct trial {
	enum trial_kind kind;
	const struct registry *registry;          /* borrowed until the answer */
	char repository[NAME_REPOSITORY_MAX + 1]; /* "" where there is none */
	void (*done)(struct trial *trial);

	enum status status; /* with STATUS_OK the answer is below, else it may be in part */
	enum trial_fault fault;
	enum endpoint_answer endpoint_answer;
	const char *provider;
	const char *culprit;       /* the provider that failed; static, NULL where none did */
	char profile[128];         /* in use, "" where its name is longer */
	char key_id[16];           /* its first and last characters */
	uint64_t expires_ns;       /* real time; 0: never */
	struct endpoint endpoint;  /* given for TRIAL_ENDPOINT and TRIAL_ACCOUNT */
	const char *region_origin; /* who says so; static */
	char error[256]; /* of TRIAL_REGION and TRIAL_ENDPOINT; of the others it is in the log */
	bool has_time;   /* the endpoint told its time, which is … */
	int64_t clock_offset_s; /* … so far ahead of the clock here */
	char account[REGISTRY_ACCOUNT_DIGITS + 1];
	char arn[256]; /* "" when not told */

	/* Own, while it is asked. */
	struct api *api;
	struct principal *principal; /* who asks */
	int64_t sent_s;
};

/* Asks. `done` follows once, maybe inside this call; maybe not, when the client is freed before.
 * Threads: loop. */
void trial_ask(struct trial *trial, struct api *api);

/* The operation of ECR or STS, "" where it is none. Static storage. Threads: pure. */
const char *trial_operation(enum trial_kind kind);

#endif
