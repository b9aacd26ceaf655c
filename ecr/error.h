/* What an error answer of an AWS API means. Pure: code name and HTTP status in, meaning out.
 *
 * The code name decides, not the HTTP status: the model gives none for ECR's exceptions, and the
 * pages of AWS differ on those of the common ones.
 */
#ifndef ECRFS_ECR_ERROR_H
#define ECRFS_ECR_ERROR_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

struct api_error {
	enum status status;
	bool retryable;           /* the same call may succeed when it is sent again */
	bool throttled;           /* because of the rate of calls */
	bool credentials_refused; /* others might be taken: fetch them once, try once more */
	bool time_refused;        /* because of its time, it says: the clock here is wrong */
	bool time_may_be_refused; /* the signature is wrong, for which the time may be the reason */
	bool invalid_parameter;   /* the server would not even look for such a name */
	bool not_understood;      /* the request has a member that the server does not know */
	bool repository_absent;   /* STATUS_ABSENT because of the repository */
};

/* Copies a code as it came, without prefix ("…#") and suffix (":…"), cut as botocore cuts them.
 * Threads: pure. */
void api_error_copy_code(const char *text, char *code, size_t size);

/* `code` is "" when the body named none. Threads: pure. */
struct api_error api_error_of(const char *code, long http_status);

/* Whether the server refused the request because of its filter, as far as code and message tell.
 * Threads: pure. */
bool api_error_is_about_filter(const struct api_error *error, const char *message);

/* The meaning of a failureCode of BatchGetImage. Threads: pure. */
enum status image_failure_status(const char *failure_code);

#endif
