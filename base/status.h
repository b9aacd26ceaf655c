/* What became of a question that was asked of ECR, a file or another server.
 *
 * One enum from the network up to the kernel: `fs/reply.c` alone turns it into an errno
 * (the table is in docs/SEMANTICS.md). Threads: pure.
 */
#ifndef ECRFS_BASE_STATUS_H
#define ECRFS_BASE_STATUS_H

#include <stdbool.h>

enum status {
	STATUS_OK = 0,
	STATUS_ABSENT,         /* ECR said that there is no such registry, repository or image */
	STATUS_DENIED,         /* IAM or a repository policy refused the call */
	STATUS_NO_CREDENTIALS, /* no provider had any credentials */
	STATUS_CREDENTIALS_EXPIRED,  /* expired, and nothing renews them */
	STATUS_CREDENTIALS_REJECTED, /* unknown key, wrong signature, clock off */
	STATUS_THROTTLED,            /* still throttled after all retries */
	STATUS_TIMED_OUT,            /* no answer in time */
	STATUS_UNRESOLVED,           /* the name does not resolve, or there is no route */
	STATUS_REFUSED,              /* connection refused */
	STATUS_PROTOCOL,             /* TLS failed, or the answer is malformed or oversized */
	STATUS_WRONG_BYTES,          /* the bytes do not hash to the digest */
	STATUS_NOT_PULLED,           /* it would have to be pulled, which was forbidden here */
	STATUS_ARCHIVED,             /* the image exists, but its manifest cannot be read now */
	STATUS_UNSUPPORTED,          /* the server does not know the operation */
	STATUS_SERVER_ERROR,         /* the server failed, or said something unknown */
	STATUS_NO_MEMORY,            /* out of memory: an error of this one request */
	STATUS_NO_DESCRIPTORS,       /* out of file descriptors: the same */
	STATUS_MISCONFIGURED,        /* a setting is missing or wrong; the log says which */
};

/* A few words for log lines, such as "timed out". Static storage. */
const char *status_text(enum status status);

/* Whether that errno means that this process lacks something just now: STATUS_NO_MEMORY,
 * STATUS_NO_DESCRIPTORS, or else STATUS_OK. */
enum status status_of_shortage(int error);

/* Whether ECR could not be asked, or not now: it has said nothing against what was known before. */
bool status_is_transient(enum status status);

#endif
