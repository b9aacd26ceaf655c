/* The log lines about API calls. */
#ifndef ECRFS_ECR_API_LOG_H
#define ECRFS_ECR_API_LOG_H

#include "base/log.h"
#include "base/status.h"

#include <stdint.h>

struct api_answer;
struct registry;

/* What a call is about. */
struct api_subject {
	const struct registry *registry;
	const char *operation;
	const char *name; /* the repository, or "" */
};

/* The registry's account, or "default". Borrowed. */
const char *api_log_account(const struct registry *registry);

void api_log_success(struct log *log, const struct api_subject *subject,
                     const struct api_answer *answer);

/* A call that failed for good. */
struct api_failure {
	const char *host;
	const char *code; /* "" when there is none, as is the message */
	const char *message;
	unsigned attempts;
	bool expected; /* the caller can do with this answer */
};

/* One line; for the debug log where the failure was expected. */
void api_log_failure(struct log *log, const struct api_subject *subject,
                     const struct api_answer *answer, const struct api_failure *failure);

/* One line about an answer that was fine as a call, but not what was asked for. */
void api_log_complaint(struct log *log, const struct api_subject *subject, const char *request_id,
                       const char *what);

/* One line: the clock here was found to be this far behind that of the host, ahead when negative.
 */
void api_log_clock(struct log *log, const char *host, int64_t offset_s);

/* One line: nobody can be reached there, for this reason. */
void api_log_offline(struct log *log, const char *host, enum status reason);

/* One line: it answers again, after so long. */
void api_log_recovered(struct log *log, const char *host, uint64_t offline_ns);

#endif
