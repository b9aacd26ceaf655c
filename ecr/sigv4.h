/* AWS Signature Version 4 for one POST to "/": pure, the time is handed in.
 *
 * Own code and not libcurl's signer: that one cannot correct a skewed clock, and the libcurl of
 * RHEL 9 (7.76) and Ubuntu 22.04 (7.81) sign this service wrongly.
 */
#ifndef ECRFS_ECR_SIGV4_H
#define ECRFS_ECR_SIGV4_H

#include <stddef.h>
#include <stdint.h>

struct credentials;

struct sigv4_request {
	const char *service; /* "ecr", "sts" */
	const char *region;
	const char *host; /* with ":port" unless it is the scheme's own */
	const char *content_type;
	const char *target; /* X-Amz-Target, or NULL for services without */
	const void *body;
	size_t body_size;
	int64_t time_s; /* seconds since 1970 UTC, corrected for skew */
};

#define SIGV4_DATE_SIZE          sizeof("20260102T030405Z")
#define SIGV4_AUTHORIZATION_SIZE 512

struct sigv4_signature {
	char date[SIGV4_DATE_SIZE];                   /* X-Amz-Date */
	char authorization[SIGV4_AUTHORIZATION_SIZE]; /* Authorization */
};

/* Has OpenSSL load what signing needs. Where memory is short at its first use, it would fail for
 * ever. Answers 0 or -EIO. Threads: any. */
int sigv4_prepare(void);

/* Signs. The signed headers are content-type, host, x-amz-date, x-amz-security-token (when the
 * credentials have one) and x-amz-target (when there is one); the caller sends exactly these.
 * Answers 0, -ENOMEM, -EINVAL (a field is too long, key id or token cannot be in a header, or the
 * time has no date) or -EIO (OpenSSL). Threads: any. */
int sigv4_sign(const struct sigv4_request *request, const struct credentials *credentials,
               struct sigv4_signature *ret_signature);

#endif
