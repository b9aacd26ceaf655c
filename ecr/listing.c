/* Walks the pages of a listing. A page may be empty and still go on: only the token tells.
 *
 * The first page of a listing of images finds out how the server lets them be listed:
 *
 *   DescribeImages ─┬─ imageStatus unknown ──► the same without it
 *                   └─ denied ───────────────► ListImages
 */
#include "ecr/listing.h"
#include "ecr/api.h"
#include "ecr/body.h"
#include "ecr/json.h"
#include "ecr/refusals.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

/* Pages in a row without a record. ECR: 100,000 images per repository, 1,000 a page; more than all
 * of them filtered out is a server that goes on for ever. */
#define MAX_EMPTY_PAGES 1000

/* From so many pages on what malloc keeps of them is worth a call that takes 0.2 ms. */
#define MANY_PAGES 10

struct listing {
	struct api *api;
	struct refusals *refusals; /* with images */
	const struct registry *registry;
	repositories_fn repositories; /* one of the two */
	images_fn images;
	void *arg;
	enum image_scope scope;
	bool described;   /* by DescribeImages; else by ListImages */
	bool denied;      /* DescribeImages was, just now */
	bool any_status;  /* with imageStatus in the filter */
	char *next_token; /* NULL before the first page has come */
	char *mark;       /* an earlier token, NULL at first */
	unsigned pages, marked_page, empty_pages;
	char repository[];
};

static const char *operation_of(const struct listing *listing)
{
	if (!listing->images)
		return "DescribeRepositories";
	return listing->described ? "DescribeImages" : "ListImages";
}

static void listing_free(struct listing *listing)
{
	free(listing->next_token);
	free(listing->mark);
	free(listing);
}

static void fail(struct listing *listing, enum status status)
{
	if (listing->images)
		listing->images(listing->arg, status, NULL, 0, true);
	else
		listing->repositories(listing->arg, status, NULL, 0, true);
	listing_free(listing);
}

static void page_received(void *arg, const struct api_answer *answer);

/* Answers 0, -ENOMEM or -ECANCELED. */
static int ask_page(struct listing *listing)
{
	struct api_request request = {
	        .registry = listing->registry,
	        .operation = operation_of(listing),
	        .subject = listing->repository,
	        .max_answer_bytes = LISTING_PAGE_MAX_BYTES,
	        .filter_may_be_refused = listing->any_status && !listing->next_token,
	        .may_be_denied = listing->described && !listing->next_token,
	};

	request.body = listing->images ? body_list_images(listing->repository, listing->scope,
	                                                  listing->any_status, listing->next_token)
	                               : body_list_repositories(listing->next_token);
	return api_call(listing->api, &request, page_received, listing);
}

static void complain(struct listing *listing, const struct api_answer *answer, const char *what)
{
	api_complain(listing->api, listing->registry, operation_of(listing), listing->repository,
	             answer->request_id, what);
}

/* Whether this token came before. Tokens of pages 1, 2, 4, 8, … are marked: so any circle is found,
 * however long it is (Brent). */
static bool goes_in_circles(struct listing *listing, const char *token)
{
	if ((listing->next_token && strcmp(listing->next_token, token) == 0) ||
	    (listing->mark && strcmp(listing->mark, token) == 0))
		return true;
	if (++listing->pages < 2 * listing->marked_page)
		return false;
	free(listing->mark);
	listing->mark = strdup(token); /* without memory the next mark has to do */
	listing->marked_page = listing->pages;
	return false;
}

/* Keeps the token for the next page. Answers STATUS_OK, or why the listing cannot go on. */
static enum status keep_token(struct listing *listing, const struct api_answer *answer,
                              const char *token, size_t n_records)
{
	char *kept;

	listing->empty_pages = n_records ? 0 : listing->empty_pages + 1;
	if (goes_in_circles(listing, token)) {
		complain(listing, answer, "the server gave the same page token twice");
		return STATUS_PROTOCOL;
	}
	if (listing->empty_pages > MAX_EMPTY_PAGES) {
		complain(listing, answer, "the server gives empty pages without end");
		return STATUS_PROTOCOL;
	}
	kept = strdup(token);
	if (!kept)
		return STATUS_NO_MEMORY;
	free(listing->next_token);
	listing->next_token = kept;
	return STATUS_OK;
}

/* Pages are read into thousands of small pieces, 2 MB of holes between the records that stay. */
static void end(struct listing *listing)
{
	if (listing->pages >= MANY_PAGES)
		malloc_trim(0);
	listing_free(listing);
}

/* After a page was handed out: ends, or asks for the next one. */
static void go_on(struct listing *listing, enum status status, bool last)
{
	if (last) {
		end(listing);
		return;
	}
	if (status == STATUS_OK && ask_page(listing) < 0)
		status = STATUS_NO_MEMORY;
	if (status != STATUS_OK)
		fail(listing, status);
}

static int hand_out_repositories(struct listing *listing, const struct api_answer *answer)
{
	struct repositories_page page;
	enum status status = STATUS_OK;
	int r = json_read_repositories(answer->body, answer->body_size, &page);
	bool last;

	if (r < 0)
		return r;
	last = !page.next_token;
	if (!last)
		status = keep_token(listing, answer, page.next_token, page.n);
	listing->repositories(listing->arg, STATUS_OK, page.records, page.n, last);
	json_free(page.document);
	go_on(listing, status, last);
	return 0;
}

/* A first page has come: what was refused before it is not asked for again for a while. */
static void remember_the_way(struct listing *listing)
{
	if (!listing->any_status)
		refusals_add_image_status(listing->refusals, listing->registry);
	if (listing->denied)
		refusals_add_describe(listing->refusals, listing->registry, listing->repository);
}

static int hand_out_images(struct listing *listing, const struct api_answer *answer)
{
	struct images_page page;
	enum status status = STATUS_OK;
	int r = listing->described ? json_read_images(answer->body, answer->body_size, &page)
	                           : json_read_image_ids(answer->body, answer->body_size, &page);
	bool last;

	if (r < 0)
		return r;
	last = !page.next_token;
	if (!last)
		status = keep_token(listing, answer, page.next_token, page.n);
	listing->images(listing->arg, STATUS_OK, page.records, page.n, last);
	json_free(page.document);
	go_on(listing, status, last);
	return 0;
}

/* A first page was refused: asks for it in another way. Answers false where there is none. */
static bool try_another_way(struct listing *listing, const struct api_answer *answer)
{
	if (!listing->images || listing->next_token)
		return false;
	if (answer->filter_refused && listing->any_status) {
		listing->any_status = false;
	} else if (answer->status == STATUS_DENIED && listing->described) {
		listing->described = false;
		listing->denied = true;
	} else {
		return false;
	}
	go_on(listing, STATUS_OK, false);
	return true;
}

static void page_received(void *arg, const struct api_answer *answer)
{
	struct listing *listing = arg;
	int r;

	if (answer->status != STATUS_OK) {
		if (!try_another_way(listing, answer))
			fail(listing, answer->status);
		return;
	}
	if (listing->images && !listing->next_token)
		remember_the_way(listing);
	r = listing->images ? hand_out_images(listing, answer)
	                    : hand_out_repositories(listing, answer);
	if (r == -EBADMSG)
		complain(listing, answer, "the answer is not the JSON that was asked for");
	if (r < 0)
		fail(listing, r == -ENOMEM ? STATUS_NO_MEMORY : STATUS_PROTOCOL);
}

static struct listing *listing_new(struct api *api, const struct registry *registry,
                                   const char *repository, void *arg)
{
	struct listing *listing = calloc(1, sizeof(*listing) + strlen(repository) + 1);

	if (!listing)
		return NULL;
	listing->api = api;
	listing->registry = registry;
	listing->arg = arg;
	strcpy(listing->repository, repository);
	return listing;
}

static int start(struct listing *listing)
{
	int r = ask_page(listing);

	if (r < 0)
		listing_free(listing);
	return r;
}

int listing_repositories(struct api *api, const struct registry *registry, repositories_fn page,
                         void *arg)
{
	struct listing *listing = listing_new(api, registry, "", arg);

	if (!listing)
		return -ENOMEM;
	listing->repositories = page;
	return start(listing);
}

int listing_images(struct api *api, struct refusals *refusals, const struct registry *registry,
                   const char *repository, enum image_scope scope, images_fn page, void *arg)
{
	struct listing *listing = listing_new(api, registry, repository, arg);

	if (!listing)
		return -ENOMEM;
	listing->images = page;
	listing->refusals = refusals;
	listing->scope = scope;
	listing->described = !refusals_has_describe(refusals, registry, repository);
	listing->any_status = !refusals_has_image_status(refusals, registry);
	return start(listing);
}
