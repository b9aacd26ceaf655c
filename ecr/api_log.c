/* Lines that name operation, path below the mount point, and request id. */
#include "ecr/api_log.h"
#include "ecr/api.h"
#include "ecr/breaker.h"
#include "ecr/clock_skew.h"
#include "ecr/endpoint.h"
#include "ecr/registry.h"

#include <inttypes.h>
#include <stdio.h>

const char *api_log_account(const struct registry *registry)
{
	return registry->account[0] ? registry->account : "default";
}

/* Between registry and repository, where there is one. */
static const char *slash(const char *name)
{
	return name[0] ? "/" : "";
}

void api_log_success(struct log *log, const struct api_subject *subject,
                     const struct api_answer *answer)
{
	log_write(log, LEVEL_DEBUG, "%s of %s%s%s: %zu bytes, request id %s", subject->operation,
	          api_log_account(subject->registry), slash(subject->name), subject->name,
	          answer->body_size, answer->request_id);
}

void api_log_failure(struct log *log, const struct api_subject *subject,
                     const struct api_answer *answer, const struct api_failure *failure)
{
	const char *account = api_log_account(subject->registry);
	const struct log_field fields[] = {
	        {"ECRFS_OPERATION", subject->operation},       {"ECRFS_REGISTRY", account},
	        {"ECRFS_REPOSITORY", subject->name},           {"ECRFS_ENDPOINT", failure->host},
	        {"ECRFS_STATUS", status_text(answer->status)}, {"ECRFS_CODE", failure->code},
	        {"ECRFS_REQUEST_ID", answer->request_id},      {NULL, NULL}};
	char key[256];

	snprintf(key, sizeof(key), "%s %s %s %d", subject->operation, account, failure->code,
	         (int)answer->status);
	log_event_about(log, failure->expected ? LEVEL_DEBUG : LEVEL_ERROR, key, fields,
	                "%s of %s%s%s at %s failed: %s (%s%s%s) after %u attempt%s%s%s",
	                subject->operation, account, slash(subject->name), subject->name,
	                failure->host, status_text(answer->status), failure->code,
	                failure->code[0] && failure->message[0] ? ": " : "", failure->message,
	                failure->attempts, failure->attempts == 1 ? "" : "s",
	                answer->request_id[0] ? ", request id " : "", answer->request_id);
}

void api_log_complaint(struct log *log, const struct api_subject *subject, const char *request_id,
                       const char *what)
{
	const char *account = api_log_account(subject->registry);
	char key[256];

	snprintf(key, sizeof(key), "%s %s %s", subject->operation, account, what);
	log_event(log, LEVEL_ERROR, key, "%s of %s%s%s: %s%s%s", subject->operation, account,
	          slash(subject->name), subject->name, what, request_id[0] ? ", request id " : "",
	          request_id);
}

void api_log_clock(struct log *log, const char *host, int64_t offset_s)
{
	bool agrees = imaxabs(offset_s) <= CLOCK_SKEW_REFUSED_S;
	const char *side = offset_s < 0 ? "ahead of" : "behind";
	char key[256];

	snprintf(key, sizeof(key), "clock %s %s", agrees ? "as" : side, host);
	if (agrees)
		log_event(log, LEVEL_INFO, key, "the clock agrees with that of %s again", host);
	else
		log_event(log, LEVEL_WARNING, key,
		          "the clock is %" PRIdMAX " s %s that of %s: requests are signed with "
		          "its time; set the clock",
		          imaxabs(offset_s), side, host);
}

/* Each time, also soon after the last one, and so below: the last line must say how things are. */
void api_log_offline(struct log *log, const char *host, enum status reason)
{
	log_write(log, LEVEL_WARNING,
	          "%s is offline: %u attempts in a row failed (%s). What is cached is served, "
	          "calls fail at once, and it is tried until it answers; check network, name "
	          "server, proxy and endpoint",
	          host, BREAKER_ATTEMPTS, status_text(reason));
}

void api_log_recovered(struct log *log, const char *host, uint64_t offline_ns)
{
	log_write(log, LEVEL_WARNING, "%s has recovered: it answers again, after %llu s offline",
	          host, (unsigned long long)(offline_ns / NS_PER_S));
}
