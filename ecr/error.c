/* The tables of AWS error codes. */
#include "ecr/error.h"

#include <stdio.h>
#include <string.h>

struct meaning {
	const char *code;
	struct api_error error;
};

#define ABSENT_ERROR                                                                               \
	{                                                                                          \
		.status = STATUS_ABSENT                                                            \
	}
#define DENIED_ERROR                                                                               \
	{                                                                                          \
		.status = STATUS_DENIED                                                            \
	}
#define REJECTED_ERROR                                                                             \
	{                                                                                          \
		.status = STATUS_CREDENTIALS_REJECTED, .credentials_refused = true                 \
	}
#define SIGNATURE_ERROR                                                                            \
	{                                                                                          \
		.status = STATUS_CREDENTIALS_REJECTED, .credentials_refused = true,                \
		.time_may_be_refused = true                                                        \
	}
#define TIME_ERROR                                                                                 \
	{                                                                                          \
		.status = STATUS_CREDENTIALS_REJECTED, .credentials_refused = true,                \
		.time_refused = true                                                               \
	}
#define EXPIRED_ERROR                                                                              \
	{                                                                                          \
		.status = STATUS_CREDENTIALS_EXPIRED, .credentials_refused = true                  \
	}
#define THROTTLED_ERROR                                                                            \
	{                                                                                          \
		.status = STATUS_THROTTLED, .retryable = true, .throttled = true                   \
	}
#define TRANSIENT_ERROR                                                                            \
	{                                                                                          \
		.status = STATUS_SERVER_ERROR, .retryable = true                                   \
	}
#define INVALID_ERROR                                                                              \
	{                                                                                          \
		.status = STATUS_SERVER_ERROR, .invalid_parameter = true                           \
	}

/* Throttling and transient codes: botocore's standard retry mode (aws-sdk-go-v2 has the same). */
static const struct meaning meanings[] = {
        {"RepositoryNotFoundException", {.status = STATUS_ABSENT, .repository_absent = true}},
        {"ImageNotFoundException", ABSENT_ERROR},
        {"LayersNotFoundException", ABSENT_ERROR},
        {"ScanNotFoundException", ABSENT_ERROR},
        {"RepositoryPolicyNotFoundException", ABSENT_ERROR},
        {"LifecyclePolicyNotFoundException", ABSENT_ERROR},
        {"LayerInaccessibleException", DENIED_ERROR},
        /* ECR's word, and that of the SDKs' query protocol. */
        {"UnknownOperationException", {.status = STATUS_UNSUPPORTED}},
        {"InvalidAction", {.status = STATUS_UNSUPPORTED}},
        {"InvalidParameterException", INVALID_ERROR},
        {"ValidationException", INVALID_ERROR},
        {"SerializationException", {.status = STATUS_SERVER_ERROR, .not_understood = true}},
        {"AccessDeniedException", DENIED_ERROR},
        {"AccessDenied", DENIED_ERROR},
        {"NotAuthorized", DENIED_ERROR},
        {"OptInRequired", DENIED_ERROR},
        {"KmsException", DENIED_ERROR},
        {"UnrecognizedClientException", REJECTED_ERROR},
        {"InvalidClientTokenId", REJECTED_ERROR},
        {"MissingAuthenticationTokenException", REJECTED_ERROR},
        {"MissingAuthenticationToken", REJECTED_ERROR},
        {"IncompleteSignatureException", REJECTED_ERROR},
        {"IncompleteSignature", REJECTED_ERROR},
        {"InvalidSignatureException", SIGNATURE_ERROR},
        {"SignatureDoesNotMatch", SIGNATURE_ERROR},
        {"AuthFailure", SIGNATURE_ERROR},
        {"RequestTimeTooSkewed", TIME_ERROR},
        {"RequestInTheFuture", TIME_ERROR},
        {"ExpiredTokenException", EXPIRED_ERROR},
        {"ExpiredToken", EXPIRED_ERROR},
        /* By the clock, else by the credentials. */
        {"RequestExpired",
         {.status = STATUS_CREDENTIALS_EXPIRED, .credentials_refused = true, .time_refused = true}},
        {"TooManyRequestsException", THROTTLED_ERROR},
        {"RequestThrottledException", THROTTLED_ERROR},
        {"RequestThrottled", THROTTLED_ERROR},
        {"ProvisionedThroughputExceededException", THROTTLED_ERROR},
        {"TransactionInProgressException", THROTTLED_ERROR},
        {"RequestLimitExceeded", THROTTLED_ERROR},
        {"BandwidthLimitExceeded", THROTTLED_ERROR},
        {"LimitExceededException", THROTTLED_ERROR},
        {"SlowDown", THROTTLED_ERROR},
        {"EC2ThrottledException", THROTTLED_ERROR},
        /* In both of botocore's lists. */
        {"PriorRequestNotComplete",
         {.status = STATUS_SERVER_ERROR, .retryable = true, .throttled = true}},
        {"RequestTimeout", TRANSIENT_ERROR},
        {"RequestTimeoutException", TRANSIENT_ERROR},
        {"ServerException", TRANSIENT_ERROR},
        {"InternalFailure", TRANSIENT_ERROR},
        {"IDPCommunicationError", TRANSIENT_ERROR}, /* of STS, which models it as such */
        /* Of STS about tokens. The first may be one of a key that is not known everywhere yet. */
        {"InvalidIdentityToken", {.status = STATUS_CREDENTIALS_REJECTED, .retryable = true}},
        {"IDPRejectedClaim", DENIED_ERROR},
        {"RegionDisabledException", {.status = STATUS_MISCONFIGURED}},
        {"ServiceUnavailable", TRANSIENT_ERROR},
        {"ServiceUnavailableException", TRANSIENT_ERROR},
};

static struct api_error error_of_http_status(long http_status)
{
	switch (http_status) {
	case 401:
		return (struct api_error)REJECTED_ERROR;
	case 403: /* proxies and IAM both say it */
		return (struct api_error)DENIED_ERROR;
	case 429:
		return (struct api_error)THROTTLED_ERROR;
	case 500:
	case 502:
	case 503:
	case 504:
		return (struct api_error)TRANSIENT_ERROR;
	default:
		return (struct api_error){.status = STATUS_SERVER_ERROR};
	}
}

/* botocore: cut at the first ':', then keep what follows the last '#'. */
void api_error_copy_code(const char *text, char *code, size_t size)
{
	size_t length = strcspn(text, ":");
	const char *hash = memrchr(text, '#', length);

	if (hash) {
		length -= (size_t)(hash + 1 - text);
		text = hash + 1;
	}
	snprintf(code, size, "%.*s", (int)length, text);
}

struct api_error api_error_of(const char *code, long http_status)
{
	if (http_status == 501) /* emulators say so, with codes of their own */
		return (struct api_error){.status = STATUS_UNSUPPORTED};
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (strcmp(code, meanings[i].code) == 0)
			return meanings[i].error;
	/* ECR's pages speak of "ThrottleException"; the SDKs know four other spellings. */
	if (strncmp(code, "Throttl", strlen("Throttl")) == 0)
		return (struct api_error)THROTTLED_ERROR;
	return error_of_http_status(http_status);
}

/* A server that does not know a member may say which, or only that it cannot read the request. */
bool api_error_is_about_filter(const struct api_error *error, const char *message)
{
	return error->not_understood ||
	       (error->invalid_parameter &&
	        (strcasestr(message, "imageStatus") || strcasestr(message, "filter")));
}

struct failure {
	const char *code;
	enum status status;
};

enum status image_failure_status(const char *failure_code)
{
	static const struct failure failures[] = {
	        {"ImageNotFound", STATUS_ABSENT},
	        {"InvalidImageTag", STATUS_ABSENT},
	        {"InvalidImageDigest", STATUS_ABSENT},
	        {"ImageTagDoesNotMatchDigest", STATUS_ABSENT},
	        {"ImageInaccessible", STATUS_ARCHIVED},
	        {"KmsError", STATUS_DENIED},
	        {"UpstreamAccessDenied", STATUS_DENIED},
	        {"UpstreamTooManyRequests", STATUS_THROTTLED},
	};

	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++)
		if (strcmp(failure_code, failures[i].code) == 0)
			return failures[i].status;
	return STATUS_SERVER_ERROR;
}
