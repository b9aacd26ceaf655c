/* What failed, in plain words, and what to do. Threads: pure. */
#ifndef ECRFS_FS_CHECK_WORDS_H
#define ECRFS_FS_CHECK_WORDS_H

#include "base/status.h"
#include "ecr/trial.h"
#include "fs/check_report.h"

/* What was asked, and where. */
struct check_call {
	const char *operation; /* "": nothing but whether anybody is there */
	const char *account;   /* of the registry; "": not known */
	const char *repository;
	const char *region;
	const char *host;
	const char *service;    /* of the VPC endpoint: "ecr.api", "sts" */
	const char *origin;     /* who gave the host as an address; NULL: it is AWS's own */
	enum trial_fault fault; /* with STATUS_MISCONFIGURED */
	enum endpoint_answer endpoint_answer;
	const char *culprit; /* the credential provider that failed; NULL: none */
	const char *profile; /* in use, with that */
	bool is_foreign;     /* the registry is not that of the credentials */
	bool has_proxy;      /* the environment names one */
};

/* What a failure of this status is about. */
enum check_exit check_words_exit(enum status status);

/* Makes the finding a failure, with its remedy. */
void check_words_fail(struct finding *finding, enum status status, const struct check_call *call);

#endif
