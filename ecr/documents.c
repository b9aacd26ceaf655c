/* One call for each page; then all of it is printed. */
#include "ecr/documents.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "ecr/api.h"
#include "ecr/body.h"
#include "ecr/json_pages.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* At the least sizes of pages that ECR may give, more than DOCUMENTS_MAX_BYTES have. */
#define PAGES_MAX 1000

struct document_kind_row {
	const char *operation;
	/* `digest` is that of the image, `next_token` NULL for the first page. */
	char *(*body)(const char *repository, const char *digest, const char *next_token);
	struct json_pages_part part;
};

static const char *const no_lists[] = {NULL};
static const char *const referrer_lists[] = {"referrers", NULL};
static const char *const scan_lists[] = {"imageScanFindings.findings",
                                         "imageScanFindings.enhancedFindings", NULL};

static const struct document_kind_row rows[] = {
        [DOCUMENT_REFERRERS] = {"ListImageReferrers",
                                body_list_referrers,
                                {referrer_lists, "", false}},
        [DOCUMENT_SCAN] = {"DescribeImageScanFindings", body_find_scan, {scan_lists, "", false}},
        [DOCUMENT_REPOSITORY] = {"DescribeRepositories",
                                 body_one_repository,
                                 {no_lists, "repositories.0", false}},
        [DOCUMENT_POLICY] = {"GetRepositoryPolicy",
                             body_repository,
                             {no_lists, "policyText", true}},
        [DOCUMENT_LIFECYCLE] = {"GetLifecyclePolicy",
                                body_repository,
                                {no_lists, "lifecyclePolicyText", true}},
};

struct question {
	struct api *api;
	const struct registry *registry;
	const struct document_kind_row *row;
	char digest[DIGEST_TEXT_SIZE];
	struct json_pages *so_far;
	char *next_token; /* NULL before the first page has come */
	size_t size_bytes;
	unsigned pages;
	document_fn fetched;
	void *arg;
	char repository[];
};

static void question_free(struct question *question)
{
	json_pages_free(question->so_far);
	free(question->next_token);
	free(question);
}

static void finish(struct question *question, enum status status, struct bytes *bytes)
{
	question->fetched(question->arg, status, bytes);
	question_free(question);
}

static void complain(const struct question *question, const struct api_answer *answer,
                     const char *what)
{
	api_complain(question->api, question->registry, question->row->operation,
	             question->repository, answer->request_id, what);
}

static void page_received(void *arg, const struct api_answer *answer);

/* Answers 0, -ENOMEM or -ECANCELED. */
static int ask_page(struct question *question)
{
	struct api_request request = {
	        .registry = question->registry,
	        .operation = question->row->operation,
	        .subject = question->repository,
	        .body = question->row->body(question->repository, question->digest,
	                                    question->next_token),
	        .max_answer_bytes = DOCUMENTS_MAX_BYTES - question->size_bytes,
	};

	return api_call(question->api, &request, page_received, question);
}

static void print(struct question *question, const struct api_answer *answer)
{
	CLEANUP(free_string) char *text = NULL;
	struct bytes *bytes = NULL;
	int r = json_pages_print(question->so_far, &question->row->part, &text);

	if (r == 0)
		bytes = bytes_new(text, strlen(text));
	if (r == -EBADMSG) {
		complain(question, answer, "the answer has not what was asked for");
		finish(question, STATUS_PROTOCOL, NULL);
	} else {
		finish(question, bytes ? STATUS_OK : STATUS_NO_MEMORY, bytes);
	}
	bytes_unref(bytes);
}

/* Keeps the token of the next page. Answers whether the server can be followed there. */
static bool keep_token(struct question *question, const struct api_answer *answer, char *token)
{
	bool is_same = question->next_token && strcmp(question->next_token, token) == 0;

	free(question->next_token);
	question->next_token = token;
	if (!is_same && ++question->pages < PAGES_MAX)
		return true;
	complain(question, answer,
	         is_same ? "the server gave the same page token twice"
	                 : "the server gives pages without end");
	return false;
}

static void go_on(struct question *question, const struct api_answer *answer, char *token)
{
	question->size_bytes += answer->body_size;
	if (!token)
		print(question, answer);
	else if (!keep_token(question, answer, token))
		finish(question, STATUS_PROTOCOL, NULL);
	else if (ask_page(question) < 0)
		finish(question, STATUS_NO_MEMORY, NULL);
}

static void page_received(void *arg, const struct api_answer *answer)
{
	struct question *question = arg;
	char *token = NULL;
	int r;

	if (answer->status != STATUS_OK) {
		finish(question, answer->status, NULL); /* the api has said why */
		return;
	}
	r = json_pages_add(&question->so_far, &question->row->part, answer->body, answer->body_size,
	                   &token);
	if (r == 0) {
		go_on(question, answer, token);
		return;
	}
	if (r == -EBADMSG)
		complain(question, answer, "the answer is not the JSON that was asked for");
	finish(question, r == -EBADMSG ? STATUS_PROTOCOL : STATUS_NO_MEMORY, NULL);
}

int documents_ask(struct api *api, const struct registry *registry, const char *repository,
                  const struct document_id *id, document_fn fetched, void *arg)
{
	struct question *question = calloc(1, sizeof(*question) + strlen(repository) + 1);
	int r;

	if (!question)
		return -ENOMEM;
	question->api = api;
	question->registry = registry;
	question->row = &rows[id->kind];
	digest_format(&id->digest, question->digest);
	question->fetched = fetched;
	question->arg = arg;
	strcpy(question->repository, repository);
	r = ask_page(question);
	if (r < 0)
		question_free(question);
	return r;
}
