/* Listings, page after page, as tests/fuzz/fake_api.h divides them. */
#include "base/clock.h"
#include "base/log.h"
#include "ecr/listing.h"
#include "ecr/refusals.h"
#include "ecr/registry.h"
#include "tests/fuzz/fake_api.h"
#include "tests/fuzz/fuzz.h"

static struct log *log;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	MUST(log_new(clock_system(), LEVEL_ERROR, &log) == 0);
	MUST(log_to_file(log, "/dev/null") == 0);
	return 0;
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
	fake_api_run(api);
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
