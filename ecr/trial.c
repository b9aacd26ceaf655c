/* From a question to its call, and from the answer to what it tells. */
#include "ecr/trial.h"
#include "ecr/api.h"
#include "ecr/api_wire.h"
#include "ecr/body.h"
#include "ecr/clock_skew.h"
#include "ecr/credentials.h"
#include "ecr/json.h"
#include "ecr/listing.h"
#include "ecr/principal.h"
#include "ecr/principals.h"
#include "ecr/profile.h"
#include "ecr/query.h"
#include "ecr/region.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Any error page. */
#define PROBE_MAX_BYTES (64u * 1024)

/* A Date has whole seconds. */
#define DATE_TOLERATED_S 1

/* What the SHA-256 of nothing is. No manifest is empty. */
#define NO_IMAGE "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

const char *trial_operation(enum trial_kind kind)
{
	switch (kind) {
	case TRIAL_CREDENTIALS:
	case TRIAL_REGION:
	case TRIAL_ENDPOINT:
		break;
	case TRIAL_ACCOUNT:
		return "GetCallerIdentity";
	case TRIAL_REPOSITORIES:
		return "DescribeRepositories";
	case TRIAL_DESCRIBE:
		return "DescribeImages";
	case TRIAL_LIST:
		return "ListImages";
	case TRIAL_FETCH:
		return "BatchGetImage";
	}
	return "";
}

static void finish(struct trial *trial, enum status status)
{
	trial->status = status;
	trial->done(trial);
}

/* Half of a short one stays hidden, too. */
static void mask(const char *key_id, char *ret_masked, size_t size)
{
	size_t length = strlen(key_id);

	if (length >= 16)
		snprintf(ret_masked, size, "%.4s...%s", key_id, key_id + length - 4);
	else
		snprintf(ret_masked, size, "%.*s...", (int)(length < 8 ? length / 2 : 4), key_id);
}

static void credentials_found(void *arg, enum status status, struct credentials *credentials)
{
	struct trial *trial = arg;

	trial->fault = trial->principal->trouble == STATUS_OK ? TRIAL_FAULT_CREDENTIALS
	                                                      : TRIAL_FAULT_CERTIFICATES;
	trial->culprit = chain_culprit(trial->principal->chain);
	snprintf(trial->profile, sizeof(trial->profile), "%s",
	         profile_name(trial->principal->profile));
	if (status == STATUS_OK) {
		trial->provider = credentials_provider(credentials);
		trial->expires_ns = credentials_expires_ns(credentials);
		mask(credentials_access_key_id(credentials), trial->key_id, sizeof(trial->key_id));
	}
	finish(trial, status);
}

static int64_t now_s(const struct trial *trial)
{
	return (int64_t)(clock_realtime_ns(api_parts(trial->api)->clock) / NS_PER_S);
}

static void region_found(void *arg, enum status status, const char *region)
{
	struct trial *trial = arg;
	enum endpoint_answer found;

	if (status != STATUS_OK) {
		trial->fault = TRIAL_FAULT_REGION;
		finish(trial, status);
		return;
	}
	trial->fault = TRIAL_FAULT_ENDPOINT;
	found = endpoint_choice_get(&trial->principal->endpoints, AWS_ECR, trial->registry, region,
	                            &trial->endpoint);
	trial->endpoint_answer = found;
	if (found != ENDPOINT_FOUND)
		snprintf(trial->error, sizeof(trial->error), "no ECR endpoint in %s: %s", region,
		         endpoint_answer_text(found));
	trial->region_origin = trial->registry->region[0]
	                               ? "the registry's name"
	                               : principal_region_origin(trial->principal);
	finish(trial, found == ENDPOINT_FOUND ? STATUS_OK : STATUS_MISCONFIGURED);
}

static void principal_is_prepared(void *arg, enum status status)
{
	struct trial *trial = arg;

	trial->fault = TRIAL_FAULT_CERTIFICATES;
	if (status != STATUS_OK)
		finish(trial, status);
	else if (trial->registry->region[0])
		region_found(trial, STATUS_OK, trial->registry->region);
	else if (region_get(trial->principal->region, region_found, trial) < 0)
		finish(trial, STATUS_NO_MEMORY);
}

/* Any answer will do. */
static void endpoint_answered(void *arg, const struct http_answer *http)
{
	struct trial *trial = arg;
	struct clock_sample sample = {.sent_s = trial->sent_s, .received_s = now_s(trial)};

	snprintf(trial->error, sizeof(trial->error), "%s", http->error);
	trial->has_time = http->status == STATUS_OK &&
	                  clock_skew_parse_date(api_wire_header(http, "date"), &sample.server_s);
	if (trial->has_time)
		clock_skew_learn(&trial->clock_offset_s, &sample, DATE_TOLERATED_S);
	finish(trial, http->status);
}

static void call_endpoint(struct trial *trial)
{
	struct http_request request = {
	        .url = trial->endpoint.url,
	        .max_answer_bytes = PROBE_MAX_BYTES,
	};

	trial->sent_s = now_s(trial);
	if (http_send(trial->principal->http, &request, endpoint_answered, trial) < 0)
		finish(trial, STATUS_NO_MEMORY);
}

static enum status read_account(struct trial *trial, const struct api_answer *answer)
{
	char account[REGISTRY_ACCOUNT_DIGITS + 2];

	query_read_text(answer->body, answer->body_size, "Arn", trial->arn, sizeof(trial->arn));
	query_read_text(answer->body, answer->body_size, "Account", account, sizeof(account));
	if (!registry_is_account(account))
		return STATUS_PROTOCOL;
	memcpy(trial->account, account, sizeof(trial->account));
	return STATUS_OK;
}

static enum status status_of(int r)
{
	return r == 0 ? STATUS_OK : r == -EBADMSG ? STATUS_PROTOCOL : STATUS_NO_MEMORY;
}

static enum status read_repositories(struct trial *trial, const struct api_answer *answer)
{
	struct repositories_page page;
	int r = json_read_repositories(answer->body, answer->body_size, &page);

	if (r < 0)
		return status_of(r);
	if (page.n)
		snprintf(trial->repository, sizeof(trial->repository), "%s", page.records[0].name);
	json_free(page.document);
	return STATUS_OK;
}

static enum status read_images(const struct trial *trial, const struct api_answer *answer)
{
	struct images_page page;
	int r = trial->kind == TRIAL_DESCRIBE
	                ? json_read_images(answer->body, answer->body_size, &page)
	                : json_read_image_ids(answer->body, answer->body_size, &page);

	if (r == 0)
		json_free(page.document);
	return status_of(r);
}

/* That there is no such image is what was expected. */
static enum status read_manifests(const struct api_answer *answer)
{
	struct manifests_answer manifests;
	int r = json_read_manifests(answer->body, answer->body_size, &manifests);

	if (r == 0)
		json_free(manifests.document);
	return status_of(r);
}

static enum status read_answer(struct trial *trial, const struct api_answer *answer)
{
	switch (trial->kind) {
	case TRIAL_ACCOUNT:
		return read_account(trial, answer);
	case TRIAL_REPOSITORIES:
		return read_repositories(trial, answer);
	case TRIAL_DESCRIBE:
	case TRIAL_LIST:
		return read_images(trial, answer);
	case TRIAL_FETCH:
		return read_manifests(answer);
	case TRIAL_CREDENTIALS:
	case TRIAL_REGION:
	case TRIAL_ENDPOINT:
		break;
	}
	return STATUS_OK;
}

static void answered(void *arg, const struct api_answer *answer)
{
	struct trial *trial = arg;

	finish(trial, answer->status == STATUS_OK ? read_answer(trial, answer) : answer->status);
}

static char *body_of(const struct trial *trial)
{
	const char *no_image = NO_IMAGE;

	switch (trial->kind) {
	case TRIAL_ACCOUNT:
		return query_get_caller_identity();
	case TRIAL_REPOSITORIES:
		return body_list_repositories(NULL);
	case TRIAL_DESCRIBE:
	case TRIAL_LIST:
		return body_list_images(trial->repository, IMAGES_TAGGED, false, NULL);
	case TRIAL_FETCH:
		return body_fetch_manifests(trial->repository, &no_image, 1);
	case TRIAL_CREDENTIALS:
	case TRIAL_REGION:
	case TRIAL_ENDPOINT:
		break;
	}
	return NULL;
}

/* STS is elsewhere. */
static void find_sts(struct trial *trial)
{
	char region[REGISTRY_REGION_SIZE];

	memcpy(region, trial->endpoint.region, sizeof(region));
	trial->endpoint_answer = endpoint_choice_get(&trial->principal->endpoints, AWS_STS,
	                                             trial->registry, region, &trial->endpoint);
}

static void call(struct trial *trial)
{
	struct api_request request = {
	        .service = trial->kind == TRIAL_ACCOUNT ? API_STS : API_ECR,
	        .registry = trial->registry,
	        .operation = trial_operation(trial->kind),
	        .subject = trial->repository,
	        .body = body_of(trial),
	        .max_answer_bytes = LISTING_PAGE_MAX_BYTES,
	};

	trial->fault = TRIAL_FAULT_ENDPOINT;
	if (trial->kind == TRIAL_ACCOUNT)
		find_sts(trial);
	if (api_call(trial->api, &request, answered, trial) < 0)
		finish(trial, STATUS_NO_MEMORY);
}

void trial_ask(struct trial *trial, struct api *api)
{
	trial->api = api;
	trial->principal = principals_of(api_parts(api)->principals, trial->registry);
	if (!trial->principal) {
		finish(trial, STATUS_NO_MEMORY);
		return;
	}
	switch (trial->kind) {
	case TRIAL_CREDENTIALS:
		if (principal_credentials(trial->principal, credentials_found, trial) < 0)
			finish(trial, STATUS_NO_MEMORY);
		break;
	case TRIAL_REGION:
		if (principal_prepare(trial->principal, principal_is_prepared, trial) < 0)
			finish(trial, STATUS_NO_MEMORY);
		break;
	case TRIAL_ENDPOINT:
		call_endpoint(trial);
		break;
	case TRIAL_ACCOUNT:
	case TRIAL_REPOSITORIES:
	case TRIAL_DESCRIBE:
	case TRIAL_LIST:
	case TRIAL_FETCH:
		call(trial);
		break;
	}
}
