/* ECR speaks JSON 1.1, STS the query protocol. */
#include "ecr/api_wire.h"
#include "base/cleanup.h"
#include "ecr/error.h"
#include "ecr/query.h"
#include "ecr/signed_request.h"

#include <errno.h>
#include <string.h>

#define ECR_CONTENT_TYPE  "application/x-amz-json-1.1"
#define ECR_TARGET_PREFIX "AmazonEC2ContainerRegistry_V20150921."

static int send_to_sts(struct http *http, const struct api_wire_call *call,
                       struct signed_request *request, const struct credentials *credentials,
                       http_fn done, void *arg)
{
	request->service = "sts";
	request->content_type = QUERY_CONTENT_TYPE;
	request->accept = QUERY_ACCEPT;
	request->body = call->body;
	return signed_request_send(http, request, credentials, done, arg);
}

static int send_to_ecr(struct http *http, const struct api_wire_call *call,
                       struct signed_request *request, const struct credentials *credentials,
                       http_fn done, void *arg)
{
	CLEANUP(free_string) char *body = NULL;
	char target[128];

	if (call->account && asprintf(&body, "{\"registryId\":\"%s\",%s", call->account,
	                              call->body + strlen("{")) < 0) {
		body = NULL;
		return -ENOMEM;
	}
	snprintf(target, sizeof(target), ECR_TARGET_PREFIX "%s", call->operation);
	request->service = "ecr";
	request->content_type = ECR_CONTENT_TYPE;
	request->target = target;
	request->body = body ? body : call->body;
	return signed_request_send(http, request, credentials, done, arg);
}

int api_wire_send(struct http *http, const struct api_wire_call *call,
                  const struct credentials *credentials, http_fn done, void *arg)
{
	struct signed_request request = {
	        .endpoint = call->endpoint,
	        .max_answer_bytes = call->max_answer_bytes,
	        .time_s = call->time_s,
	};

	if (call->service == API_STS)
		return send_to_sts(http, call, &request, credentials, done, arg);
	return send_to_ecr(http, call, &request, credentials, done, arg);
}

const char *api_wire_header(const struct http_answer *http, const char *name)
{
	const char *value = http_answer_header(http, name);

	return value ? value : "";
}

void api_wire_read_error(enum api_service service, const struct http_answer *http,
                         char code[static JSON_CODE_SIZE], char message[static JSON_MESSAGE_SIZE])
{
	switch (service) {
	case API_ECR:
		json_read_error(http->body, http->body_size, code, message);
		break;
	case API_STS:
		query_read_text(http->body, http->body_size, "Code", code, JSON_CODE_SIZE);
		query_read_text(http->body, http->body_size, "Message", message, JSON_MESSAGE_SIZE);
		break;
	}
	if (!code[0])
		api_error_copy_code(api_wire_header(http, "x-amzn-errortype"), code,
		                    JSON_CODE_SIZE);
}
