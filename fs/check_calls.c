/* Questions, and the findings that their answers are. */
#include "fs/check_calls.h"
#include "base/clock.h"
#include "ecr/clock_skew.h"
#include "fs/check_words.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Behind a value, who gave it; nothing where it is AWS's own. */
#define FROM(origin) (origin) ? ", given by " : "", (origin) ? (origin) : ""

/* AWS refuses a signature whose time is wrong by more. */
#define CLOCK_REFUSED_S 300

void check_try(struct check *check, struct trial *trial, struct finding *finding)
{
	char line[sizeof(finding->detail)];

	check_ask(&check->asker, trial);
	check_asker_read_log(&check->asker, line, sizeof(line));
	if (trial->status == STATUS_OK)
		return;
	snprintf(finding->detail, sizeof(finding->detail), "%s",
	         trial->error[0] ? trial->error : line);
}

static bool has_proxy(void)
{
	static const char *const names[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
	                                    "http_proxy"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (aws_settings_variable(names[i]))
			return true;
	return false;
}

struct check_call check_call_of(const struct check_registry *registry, const struct trial *trial)
{
	const char *account = registry->named->registry.account;
	const char *caller = registry->identity->account;
	bool is_sts = trial->kind == TRIAL_ACCOUNT;

	return (struct check_call){
	        .operation = trial_operation(trial->kind),
	        .account = account[0] ? account : caller,
	        .repository = trial->repository,
	        .region = registry->endpoint.region,
	        .host = is_sts ? trial->endpoint.host : registry->endpoint.host,
	        .service = is_sts ? "sts" : "ecr.api",
	        .origin = is_sts ? trial->endpoint.origin : registry->endpoint.origin,
	        .fault = trial->fault,
	        .endpoint_answer = trial->endpoint_answer,
	        .is_foreign = account[0] && caller[0] && strcmp(account, caller) != 0,
	        .has_proxy = has_proxy(),
	};
}

static void check_clock(struct check *check, const char *host, int64_t offset_s)
{
	struct finding *finding = check_report_add(&check->report, "clock", NULL);
	const char *side = offset_s < 0 ? "ahead of" : "behind";

	check->has_clock = true;
	finding_number(finding, "clock_offset_s", offset_s);
	if (imaxabs(offset_s) <= CLOCK_SKEW_REFUSED_S) {
		finding_ok(finding, "within %d s of that of %s", CLOCK_SKEW_REFUSED_S, host);
		return;
	}
	finding_remedy(finding, "set the clock: timedatectl set-ntp true");
	if (imaxabs(offset_s) <= CLOCK_REFUSED_S)
		finding_warn(finding, "%" PRIdMAX " s %s that of %s, which AWS bears with",
		             imaxabs(offset_s), side, host);
	else
		finding_fail(finding, CHECK_EXIT_CLOCK,
		             "%" PRIdMAX
		             " s %s that of %s: AWS refuses such a time, so ecrfs signs "
		             "with the right one; others cannot",
		             imaxabs(offset_s), side, host);
}

static void check_reach(struct check *check, struct check_registry *registry,
                        struct finding *finding)
{
	struct trial trial = {.kind = TRIAL_ENDPOINT,
	                      .registry = &registry->named->registry,
	                      .endpoint = registry->endpoint};
	struct check_call call = check_call_of(registry, &trial);

	check_try(check, &trial, finding);
	registry->is_reached = trial.status == STATUS_OK;
	if (!registry->is_reached) {
		check_words_fail(finding, trial.status, &call);
		return;
	}
	finding_ok(finding, "%s answers%s%s, for region %s%s%s", registry->endpoint.url,
	           FROM(registry->endpoint.origin), registry->endpoint.region,
	           FROM(registry->region_origin));
	if (trial.has_time && !check->has_clock)
		check_clock(check, registry->endpoint.host, trial.clock_offset_s);
}

void check_endpoint(struct check *check, struct check_registry *registry)
{
	const struct named_registry *named = registry->named;
	struct finding *finding = check_report_add(&check->report, "endpoint", named->name);
	struct trial trial = {.kind = TRIAL_REGION, .registry = &named->registry};
	struct check_call call;

	if (registry->identity->profile)
		finding_fact(finding, "profile", registry->identity->profile);
	check_try(check, &trial, finding);
	registry->endpoint = trial.endpoint;
	registry->region_origin = trial.region_origin;
	if (trial.status != STATUS_OK) {
		call = check_call_of(registry, &trial);
		call.operation = "region";
		check_words_fail(finding, trial.status, &call);
		return;
	}
	finding_fact(finding, "region", trial.endpoint.region);
	finding_fact(finding, "region_from", trial.region_origin);
	finding_fact(finding, "endpoint", trial.endpoint.url);
	finding_fact(finding, "endpoint_from", trial.endpoint.origin);
	check_reach(check, registry, finding);
}

/* One call about the first repository. `lacking`: what a mount lacks where it is denied. */
static struct finding *check_images(struct check *check, const struct check_registry *registry,
                                    enum trial_kind kind, const char *repository,
                                    const char *lacking)
{
	struct finding *finding =
	        check_report_add(&check->report, trial_operation(kind), registry->named->name);
	struct trial trial = {.kind = kind, .registry = &registry->named->registry};
	struct check_call call;

	snprintf(trial.repository, sizeof(trial.repository), "%s", repository);
	snprintf(finding->repository, sizeof(finding->repository), "%s", repository);
	call = check_call_of(registry, &trial);
	check_try(check, &trial, finding);
	if (trial.status == STATUS_OK)
		finding_ok(finding, "allowed");
	else
		check_words_fail(finding, trial.status, &call);
	if (trial.status == STATUS_DENIED)
		finding_fail(finding, CHECK_EXIT_DENIED, "denied: %s", lacking);
	return finding;
}

static void check_listing(struct check *check, const struct check_registry *registry,
                          const char *repository)
{
	const struct finding *described;
	struct finding *listed;

	described = check_images(check, registry, TRIAL_DESCRIBE, repository,
	                         "no image has a time, a size or a status");
	check_report_show(&check->report);
	listed = check_images(check, registry, TRIAL_LIST, repository, "tags cannot be listed");
	if (listed->exit_code != CHECK_EXIT_DENIED || described->is_failure)
		return;
	listed->is_failure = false;
	finding_warn(listed, "denied: only needed where ecr:DescribeImages is denied");
}

static void check_repository(struct check *check, const struct check_registry *registry,
                             const char *repository)
{
	check_listing(check, registry, repository);
	check_report_show(&check->report);
	if (check->options->cache.no_pull)
		finding_ok(check_report_add(&check->report, "BatchGetImage", registry->named->name),
		           "not tried, since nopull forbids it");
	else
		(void)check_images(check, registry, TRIAL_FETCH, repository,
		                   "no manifest can be read");
}

static void warn_not_tried(struct check *check, const struct check_registry *registry)
{
	for (enum trial_kind kind = TRIAL_DESCRIBE; kind <= TRIAL_FETCH; kind++)
		finding_warn(check_report_add(&check->report, trial_operation(kind),
		                              registry->named->name),
		             "not tried, since no repository is known");
}

void check_registry(struct check *check, const struct check_registry *registry)
{
	struct finding *finding =
	        check_report_add(&check->report, "DescribeRepositories", registry->named->name);
	struct trial trial = {.kind = TRIAL_REPOSITORIES, .registry = &registry->named->registry};
	struct check_call call = check_call_of(registry, &trial);

	check_try(check, &trial, finding);
	if (trial.status != STATUS_OK) {
		check_words_fail(finding, trial.status, &call);
		if (trial.status != STATUS_DENIED)
			return;
		snprintf(finding->words, sizeof(finding->words),
		         "denied: repositories cannot be listed");
		warn_not_tried(check, registry);
		return;
	}
	finding_ok(finding,
	           trial.repository[0] ? "allowed" : "allowed; its first page names no repository");
	check_report_show(&check->report);
	if (trial.repository[0])
		check_repository(check, registry, trial.repository);
	else
		warn_not_tried(check, registry);
}
