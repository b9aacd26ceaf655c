/* api_call() and api_complain(), for the linker to find them here first. */
#include "tests/fuzz/fake_api.h"
#include "base/cleanup.h"
#include "tests/fuzz/fuzz.h"

int api_call(struct api *api, const struct api_request *request, api_fn done, void *arg)
{
	CLEANUP(free_string) char *body = request->body;

	MUST(body && !api->done && !api->ended);
	api->done = done;
	api->arg = arg;
	api->max_answer_bytes = request->max_answer_bytes;
	api->calls++;
	return 0;
}

void api_complain(struct api *api, const struct registry *registry, const char *operation,
                  const char *subject, const char *request_id, const char *what)
{
	(void)subject;
	(void)request_id;
	MUST(api && registry && operation[0] && what[0]);
}

static const char *next_page(struct api *api, size_t *ret_size)
{
	const char *page = api->rest;

	*ret_size = fuzz_cut_part(&api->rest, &api->size);
	return page;
}

static void answer_call(struct api *api)
{
	struct api_answer answer = {.status = STATUS_SERVER_ERROR, .body = "", .request_id = "id"};
	api_fn done = api->done;
	size_t size;
	const char *page = next_page(api, &size);

	api->done = NULL;
	if (size && *page == '!') {
		answer.status = STATUS_DENIED;
	} else if (size && *page == '?') {
		answer.filter_refused = true;
	} else if (size && *page != '~') {
		answer.status = STATUS_OK;
		answer.body = page;
		answer.body_size = size;
	}
	done(api->arg, &answer);
}

void fake_api_run(struct api *api)
{
	while (api->done)
		answer_call(api);
}
