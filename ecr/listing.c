/* Walks the pages of a listing. A page may be empty and still go on: only the token tells. */
#include "ecr/listing.h"
#include "ecr/api.h"
#include "ecr/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* 1,000 records with many tags each; ECR: at most 1,000 tags of 300 bytes per image, which nobody
 * has on every image of a page. */
#define PAGE_MAX_BYTES (64u * 1024 * 1024)

struct listing {
	struct api *api;
	const struct registry *registry;
	repositories_fn repositories; /* one of the two */
	images_fn images;
	void *arg;
	char *next_token;
	char repository[];
};

static const char *operation_of(const struct listing *listing)
{
	return listing->images ? "DescribeImages" : "DescribeRepositories";
}

static void listing_free(struct listing *listing)
{
	free(listing->next_token);
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
	        .max_answer_bytes = PAGE_MAX_BYTES,
	};

	request.body = listing->images
	                       ? json_list_images(listing->registry, listing->repository,
	                                          listing->next_token)
	                       : json_list_repositories(listing->registry, listing->next_token);
	return api_call(listing->api, &request, page_received, listing);
}

static void complain(struct listing *listing, const struct api_answer *answer, const char *what)
{
	api_complain(listing->api, listing->registry, operation_of(listing), listing->repository,
	             answer->request_id, what);
}

/* Keeps the token for the next page. Answers STATUS_OK, or why the listing cannot go on: a token
 * that repeats would go round for ever. */
static enum status keep_token(struct listing *listing, const struct api_answer *answer,
                              const char *token)
{
	char *kept;

	if (listing->next_token && strcmp(listing->next_token, token) == 0) {
		complain(listing, answer, "the server gave the same page token twice");
		return STATUS_PROTOCOL;
	}
	kept = strdup(token);
	if (!kept)
		return STATUS_NO_MEMORY;
	free(listing->next_token);
	listing->next_token = kept;
	return STATUS_OK;
}

/* After a page was handed out: ends, or asks for the next one. */
static void go_on(struct listing *listing, enum status status, bool last)
{
	if (last) {
		listing_free(listing);
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
		status = keep_token(listing, answer, page.next_token);
	listing->repositories(listing->arg, STATUS_OK, page.records, page.n, last);
	json_free(page.document);
	go_on(listing, status, last);
	return 0;
}

static int hand_out_images(struct listing *listing, const struct api_answer *answer)
{
	struct images_page page;
	enum status status = STATUS_OK;
	int r = json_read_images(answer->body, answer->body_size, &page);
	bool last;

	if (r < 0)
		return r;
	last = !page.next_token;
	if (!last)
		status = keep_token(listing, answer, page.next_token);
	listing->images(listing->arg, STATUS_OK, page.records, page.n, last);
	json_free(page.document);
	go_on(listing, status, last);
	return 0;
}

static void page_received(void *arg, const struct api_answer *answer)
{
	struct listing *listing = arg;
	int r;

	if (answer->status != STATUS_OK) {
		fail(listing, answer->status);
		return;
	}
	r = listing->images ? hand_out_images(listing, answer)
	                    : hand_out_repositories(listing, answer);
	if (r == -EBADMSG)
		complain(listing, answer, "the answer is not the JSON that was asked for");
	if (r < 0)
		fail(listing, r == -ENOMEM ? STATUS_NO_MEMORY : STATUS_PROTOCOL);
}

static int start(struct api *api, const struct registry *registry, const char *repository,
                 repositories_fn repositories, images_fn images, void *arg)
{
	struct listing *listing = calloc(1, sizeof(*listing) + strlen(repository) + 1);
	int r;

	if (!listing)
		return -ENOMEM;
	listing->api = api;
	listing->registry = registry;
	listing->repositories = repositories;
	listing->images = images;
	listing->arg = arg;
	strcpy(listing->repository, repository);
	r = ask_page(listing);
	if (r < 0)
		listing_free(listing);
	return r;
}

int listing_repositories(struct api *api, const struct registry *registry, repositories_fn page,
                         void *arg)
{
	return start(api, registry, "", page, NULL, arg);
}

int listing_images(struct api *api, const struct registry *registry, const char *repository,
                   images_fn page, void *arg)
{
	return start(api, registry, repository, NULL, page, arg);
}
