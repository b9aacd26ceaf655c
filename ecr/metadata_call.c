/* Attempts, one after the other. */
#include "ecr/metadata_call.h"
#include "base/cleanup.h"
#include "net/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TOO_MANY_REQUESTS 429
#define SERVER_ERRORS     500

struct metadata_call {
	struct http *http;
	struct metadata_question question; /* its strings are our copies */
	unsigned attempts_left;
	struct loop_timer *pause;
	http_fn done;
	void *arg;
};

void metadata_call_free(struct metadata_call *call)
{
	if (!call)
		return;
	loop_timer_free(call->pause);
	free((char *)call->question.url);
	for (size_t i = 0; i < METADATA_MAX_HEADERS; i++) {
		char *header = (char *)call->question.headers[i];

		if (header)
			explicit_bzero(header, strlen(header)); /* tokens are among them */
		free(header);
	}
	free(call);
}

bool metadata_call_unanswered(const struct http_answer *answer)
{
	switch (answer->status) {
	case STATUS_TIMED_OUT:
	case STATUS_REFUSED:
	case STATUS_UNRESOLVED:
		return !answer->heard;
	default:
		return false;
	}
}

static bool may_pass(const struct http_answer *answer)
{
	if (answer->status == STATUS_OK)
		return answer->code == TOO_MANY_REQUESTS || answer->code >= SERVER_ERRORS;
	return metadata_call_unanswered(answer) || answer->broken;
}

static int send_question(struct metadata_call *call);

static void finish(struct metadata_call *call, const struct http_answer *answer)
{
	call->done(call->arg, answer);
	metadata_call_free(call);
}

static void answered(void *arg, const struct http_answer *answer)
{
	struct metadata_call *call = arg;

	if (!call->attempts_left || !may_pass(answer))
		finish(call, answer);
	else
		loop_timer_set(call->pause, call->question.pause_ns);
}

static void pause_is_over(void *arg)
{
	static const struct http_answer no_memory = {
	        .status = STATUS_NO_MEMORY, .body = "", .error = "no memory for the request"};
	struct metadata_call *call = arg;

	if (send_question(call) < 0)
		finish(call, &no_memory);
}

static int send_question(struct metadata_call *call)
{
	struct http_request request = {
	        .url = call->question.url,
	        .headers = call->question.headers,
	        .method = call->question.method,
	        .direct = true,
	        .max_answer_bytes = METADATA_MAX_BYTES,
	        .limit_ns = call->question.timeout_ns,
	};

	call->attempts_left--;
	return http_send(call->http, &request, answered, call);
}

/* Answers whether there was memory. */
static bool copy(struct metadata_call *call, const struct metadata_question *question)
{
	bool complete;

	call->question = *question;
	memset(call->question.headers, 0, sizeof(call->question.headers));
	call->question.url = strdup(question->url);
	complete = call->question.url;
	for (size_t i = 0; complete && question->headers[i]; i++) {
		call->question.headers[i] = strdup(question->headers[i]);
		complete = call->question.headers[i];
	}
	return complete;
}

int metadata_call_start(struct loop *loop, struct http *http,
                        const struct metadata_question *question, http_fn done, void *arg,
                        struct metadata_call **ret_call)
{
	struct metadata_call *call = calloc(1, sizeof(*call));

	if (!call)
		return -ENOMEM;
	call->http = http;
	call->attempts_left = question->attempts;
	call->done = done;
	call->arg = arg;
	if (!copy(call, question) || loop_timer_new(loop, pause_is_over, call, &call->pause) < 0 ||
	    send_question(call) < 0) {
		metadata_call_free(call);
		return -ENOMEM;
	}
	*ret_call = call;
	return 0;
}
