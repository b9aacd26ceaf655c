/* The API in the hands of a test. */
#include "tests/unit/fake_api.h"
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

int api_call(struct api *api, const struct api_request *request, api_fn done, void *arg)
{
	struct fake_call *call;

	if (api->refusal) {
		free(request->body);
		return api->refusal;
	}
	assert_non_null(request->body);
	call = calloc(1, sizeof(*call));
	assert_non_null(call);
	call->service = request->service;
	call->operation = request->operation;
	call->subject = strdup(request->subject);
	call->body = request->body;
	call->done = done;
	call->arg = arg;
	LL_APPEND(api->calls, call);
	api->n_calls++;
	if (++api->n_open > api->most_open)
		api->most_open = api->n_open;
	return 0;
}

void api_complain(struct api *api, const struct registry *registry, const char *operation,
                  const char *subject, const char *request_id, const char *what)
{
	(void)registry;
	(void)request_id;
	api->complaints++;
	snprintf(api->complaint, sizeof(api->complaint), "%s %s: %s", operation, subject, what);
}

void fake_api_fail(struct api *api, const struct api_answer *answer)
{
	struct fake_call *call = api->calls;

	assert_non_null(call);
	LL_DELETE(api->calls, call);
	api->n_open--;
	call->done(call->arg, answer);
	free(call->subject);
	free(call->body);
	free(call);
}

const struct api_parts *api_parts(const struct api *api)
{
	return &api->parts;
}

uint64_t api_usual_ns(const struct api *api)
{
	return api->usual_ns;
}

void fake_api_fail_with(struct api *api, enum status status)
{
	struct api_answer answer = {.status = status, .body = "", .request_id = ""};

	fake_api_fail(api, &answer);
}

void fake_api_answer(struct api *api, const char *body)
{
	struct api_answer answer = {
	        .status = STATUS_OK,
	        .body = body,
	        .body_size = strlen(body),
	        .request_id = "id-1",
	};

	fake_api_fail(api, &answer);
}

void fake_api_deinit(struct api *api)
{
	api->refusal = -ECANCELED;
	while (api->calls)
		fake_api_fail_with(api, STATUS_SERVER_ERROR);
}
