/* Listings, page after page: what a server answers is divided by lines of "----". A page that
 * begins with ! is a denial, one with ? a filter that is not understood, one with ~ no answer.
 */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "ecr/api.h"
#include "ecr/json.h"
#include "ecr/listing.h"
#include "ecr/refusals.h"
#include "ecr/registry.h"
#include "tests/fuzz/fuzz.h"

#define DIVIDER "\n----\n"

static struct log *log;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	MUST(log_new(clock_system(), LEVEL_ERROR, &log) == 0);
	MUST(log_to_file(log, "/dev/null") == 0);
	return 0;
}

/* In place of the API: the call under way, and what is left of the answers. */
struct api {
	api_fn done;
	void *arg;
	const char *rest;
	size_t size;
	unsigned calls, pages;
	bool ended;
};

int api_call(struct api *api, const struct api_request *request, api_fn done, void *arg)
{
	CLEANUP(free_string) char *body = request->body;

	MUST(body && !api->done && !api->ended);
	api->done = done;
	api->arg = arg;
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
	const char *divider = memmem(page, api->size, DIVIDER, strlen(DIVIDER));

	*ret_size = divider ? (size_t)(divider - page) : api->size;
	api->rest += *ret_size + (divider ? strlen(DIVIDER) : 0);
	api->size -= *ret_size + (divider ? strlen(DIVIDER) : 0);
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

static void check_page(struct api *api, enum status status, size_t n, bool last)
{
	MUST(!api->ended);
	MUST(status == STATUS_OK || (n == 0 && last));
	api->pages++;
	api->ended = last;
}

static void images_came(void *arg, enum status status, const struct image_record *records, size_t n,
                        bool last)
{
	check_page(arg, status, n, last);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < records[i].n_tags; j++)
			MUST(records[i].tags[j]);
}

static void repositories_came(void *arg, enum status status,
                              const struct repository_record *records, size_t n, bool last)
{
	check_page(arg, status, n, last);
	for (size_t i = 0; i < n; i++)
		MUST(records[i].name);
}

/* A listing ends once; a page is asked for once, but for those two ways that were refused. */
static void run_to_end(struct api *api)
{
	while (api->done)
		answer_call(api);
	MUST(api->ended);
	MUST(api->calls <= api->pages + 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct api images = {.rest = (const char *)data, .size = size}, repositories = images;
	struct registry registry = {.account = "123456789012"};
	struct refusals *refusals;

	MUST(refusals_new(clock_system(), log, &refusals) == 0);
	MUST(listing_images(&images, refusals, &registry, "team", IMAGES_ALL, images_came,
	                    &images) == 0);
	run_to_end(&images);
	MUST(listing_repositories(&repositories, &registry, repositories_came, &repositories) == 0);
	run_to_end(&repositories);
	refusals_free(refusals);
	return 0;
}
