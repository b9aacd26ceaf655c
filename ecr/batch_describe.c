/* The questions that the Describe operations answer: repositories by name, images by id. */
#include "ecr/batch_kind.h"
#include "ecr/body.h"
#include "ecr/json.h"

#include <string.h>
#include <utlist.h>

/* A record of 1,000 tags of 300 bytes each stays far below a tenth of this. */
#define DESCRIBE_MAX_BYTES (32u * 1024 * 1024)

static char *repositories_body(const char *repository, const char *const *ids, size_t n)
{
	(void)repository;
	return body_find_repositories(ids, n);
}

static void find_repository(struct batch_question *question, const struct repositories_page *page)
{
	question->status = STATUS_ABSENT;
	for (size_t i = 0; i < page->n; i++) {
		if (strcmp(page->records[i].name, question->id) == 0) {
			question->record = &page->records[i];
			question->status = STATUS_OK;
			return;
		}
	}
}

static int repositories_read(const char *body, size_t size, struct batch_question *questions,
                             batch_complain_fn complain, void *arg,
                             struct json_document **ret_document)
{
	struct repositories_page page;
	struct batch_question *question;
	int r = json_read_repositories(body, size, &page);

	(void)complain;
	(void)arg;
	if (r < 0)
		return r;
	LL_FOREACH (questions, question) {
		find_repository(question, &page);
	}
	*ret_document = page.document;
	return 0;
}

static void repository_hand_out(struct batch_question *question)
{
	question->done.repository(question->arg, question->status, question->record);
}

const struct batch_kind batch_repositories = {
        .operation = "DescribeRepositories",
        .max_answer_bytes = DESCRIBE_MAX_BYTES,
        .one_may_be_denied = true,
        .body = repositories_body,
        .read = repositories_read,
        .hand_out = repository_hand_out,
};

static bool has_tag(const struct image_record *record, const char *tag)
{
	for (size_t i = 0; i < record->n_tags; i++)
		if (strcmp(record->tags[i], tag) == 0)
			return true;
	return false;
}

static void find_image(struct batch_question *question, const struct images_page *page)
{
	struct digest digest;
	bool by_digest = digest_parse(question->id, &digest);

	question->status = STATUS_ABSENT;
	for (size_t i = 0; i < page->n; i++) {
		const struct image_record *record = &page->records[i];

		if (by_digest ? digest_equal(&record->digest, &digest)
		              : has_tag(record, question->id)) {
			question->record = record;
			question->status = STATUS_OK;
			return;
		}
	}
}

static int images_read(const char *body, size_t size, struct batch_question *questions,
                       batch_complain_fn complain, void *arg, struct json_document **ret_document)
{
	struct images_page page;
	struct batch_question *question;
	int r = json_read_images(body, size, &page);

	(void)complain;
	(void)arg;
	if (r < 0)
		return r;
	LL_FOREACH (questions, question) {
		find_image(question, &page);
	}
	*ret_document = page.document;
	return 0;
}

static void image_hand_out(struct batch_question *question)
{
	question->done.image(question->arg, question->status, question->record);
}

const struct batch_kind batch_images = {
        .operation = "DescribeImages",
        .max_answer_bytes = DESCRIBE_MAX_BYTES,
        .body = body_find_images,
        .read = images_read,
        .hand_out = image_hand_out,
};
