/* Attempts, one after the other. */
#include "ecr/unsigned_call.h"
#include "base/random.h"
#include "ecr/error.h"
#include "ecr/json_fields.h"
#include "ecr/retry.h"
#include "ecr/retry_rules.h"
#include "net/loop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Keys, a session token, an error: a few kilobytes. */
#define MAX_ANSWER_BYTES 65536

#define TOO_MANY_REQUESTS 429
#define SERVER_ERRORS     500

struct unsigned_call {
	struct http *http;
	struct unsigned_question question; /* its strings are our copies */
	struct retry_bucket bucket;
	struct retry_state retry;
	struct loop_timer *timer;
	http_fn done;
	void *arg;
};

void unsigned_call_free(struct unsigned_call *call)
{
	if (!call)
		return;
	loop_timer_free(call->timer);
	json_fields_free_text((char *)call->question.url);
	json_fields_free_text((char *)call->question.body);
	for (size_t i = 0; i < UNSIGNED_CALL_HEADERS; i++)
		json_fields_free_text((char *)call->question.headers[i]);
	free(call);
}

static bool may_pass(const struct http_answer *answer)
{
	if (answer->status == STATUS_OK)
		return answer->code == TOO_MANY_REQUESTS || answer->code >= SERVER_ERRORS;
	return answer->broken;
}

static void finish(struct unsigned_call *call, const struct http_answer *answer)
{
	call->done(call->arg, answer);
	unsigned_call_free(call);
}

static void answered(void *arg, const struct http_answer *answer)
{
	struct unsigned_call *call = arg;
	struct retry_failure failure = {.timed_out = answer->status == STATUS_TIMED_OUT};
	uint64_t wait_ns;

	if (may_pass(answer) && retry_again(&call->bucket, &call->retry, RETRY_RULES_MAX_ATTEMPTS,
	                                    &failure, random_spread(), &wait_ns))
		loop_timer_set(call->timer, wait_ns);
	else
		finish(call, answer);
}

static int send_question(struct unsigned_call *call)
{
	const struct unsigned_question *question = &call->question;
	struct http_request request = {
	        .url = question->url,
	        .headers = question->headers,
	        .body = question->body,
	        .body_size = question->body ? strlen(question->body) : 0,
	        .max_answer_bytes = MAX_ANSWER_BYTES,
	};

	call->retry.attempts++;
	return http_send(call->http, &request, answered, call);
}

static void send_again(void *arg)
{
	static const struct http_answer no_memory = {
	        .status = STATUS_NO_MEMORY, .body = "", .error = "no memory for the request"};
	struct unsigned_call *call = arg;

	if (send_question(call) < 0)
		finish(call, &no_memory);
}

/* Answers whether there was memory. */
static bool copy(struct unsigned_call *call, const struct unsigned_question *question)
{
	struct unsigned_question *copied = &call->question;
	bool complete;

	copied->url = strdup(question->url);
	copied->body = question->body ? strdup(question->body) : NULL;
	complete = copied->url && !copied->body == !question->body;
	for (size_t i = 0; complete && question->headers[i]; i++) {
		copied->headers[i] = strdup(question->headers[i]);
		complete = copied->headers[i];
	}
	return complete;
}

int unsigned_call_start(struct loop *loop, struct http *http,
                        const struct unsigned_question *question, http_fn done, void *arg,
                        struct unsigned_call **ret_call)
{
	struct unsigned_call *call = calloc(1, sizeof(*call));

	if (!call)
		return -ENOMEM;
	call->http = http;
	call->done = done;
	call->arg = arg;
	retry_bucket_init(&call->bucket);
	if (!copy(call, question) || loop_timer_new(loop, send_again, call, &call->timer) < 0 ||
	    send_question(call) < 0) {
		unsigned_call_free(call);
		return -ENOMEM;
	}
	*ret_call = call;
	return 0;
}

/* The first of these members that is there. */
static const char *first_text(const struct json_fields *fields, const char *const *names)
{
	const char *text = NULL;

	for (; fields && *names && !text; names++)
		text = json_fields_text(fields, *names);
	return text;
}

void unsigned_call_explain(const struct http_answer *answer,
                           char ret_why[static UNSIGNED_CALL_WHY_SIZE])
{
	static const char *const codes[] = {"__type", "code", "error", NULL};
	static const char *const messages[] = {"message", "Message", "error_description", NULL};
	struct json_fields *fields = NULL;
	const char *header = NULL, *message;
	char code[64];

	if (answer->status != STATUS_OK) {
		snprintf(ret_why, UNSIGNED_CALL_WHY_SIZE, "%s%s%s", status_text(answer->status),
		         answer->error[0] ? ": " : "", answer->error);
		return;
	}
	if (json_fields_read(answer->body, answer->body_size, &fields) < 0)
		fields = NULL;
	header = http_answer_header(answer, "x-amzn-errortype");
	if (!header)
		header = first_text(fields, codes);
	message = first_text(fields, messages);
	api_error_copy_code(header ? header : "", code, sizeof(code));
	snprintf(ret_why, UNSIGNED_CALL_WHY_SIZE, "HTTP %ld%s%s%s%s", answer->code,
	         code[0] ? ", " : "", code, message ? ": " : "", message ? message : "");
	json_fields_free(fields);
}
