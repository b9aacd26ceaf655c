/* The three kinds of questions by id. */
#include "ecr/batch_kind.h"
#include "base/bytes.h"
#include "ecr/error.h"
#include "ecr/json.h"
#include "ecr/registry.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <utlist.h>

/* A record of 1,000 tags of 300 bytes each stays far below a tenth of this. */
#define DESCRIBE_MAX_BYTES (32u * 1024 * 1024)

/* A manifest has at most 4 MiB (ECR), and JSON may write each byte as \u00XX: 24 MiB for one. A
 * batch that is larger than this is asked again in halves. */
#define MANIFESTS_MAX_BYTES (32u * 1024 * 1024)

static char *repositories_body(const struct registry *registry, const char *repository,
                               const char *const *ids, size_t n)
{
	(void)repository;
	return json_find_repositories(registry, ids, n);
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

const struct batch_kind batch_repositories_by_name = {
        .operation = "DescribeRepositories",
        .max_answer_bytes = DESCRIBE_MAX_BYTES,
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
	question->status = STATUS_ABSENT;
	for (size_t i = 0; i < page->n; i++) {
		if (has_tag(&page->records[i], question->id)) {
			question->record = &page->records[i];
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

const struct batch_kind batch_images_by_tag = {
        .operation = "DescribeImages",
        .max_answer_bytes = DESCRIBE_MAX_BYTES,
        .body = json_find_images,
        .read = images_read,
        .hand_out = image_hand_out,
};

/* A question that asked for this digest and is still without an answer, or NULL. */
static struct batch_question *find_open(struct batch_question *questions, const char *digest)
{
	struct batch_question *question;

	LL_FOREACH (questions, question) {
		if (question->status == STATUS_PROTOCOL && strcmp(question->id, digest) == 0)
			return question;
	}
	return NULL;
}

/* A manifest answers the questions for the digest that its bytes hash to, whatever the server calls
 * it: all of them, since it may be named once for an id that was asked for twice. */
static void take_manifest(struct batch_question *questions, const struct manifest_record *manifest)
{
	char digest_text[DIGEST_TEXT_SIZE];
	struct batch_question *question;
	struct digest digest;

	if (digest_compute(manifest->text, manifest->size, &digest) < 0)
		return;
	digest_format(&digest, digest_text);
	while ((question = find_open(questions, digest_text))) {
		question->record = bytes_new(manifest->text, manifest->size);
		question->status = question->record ? STATUS_OK : STATUS_NO_MEMORY;
	}
}

/* What is still open now, but named by the server, has wrong bytes: they are never shown. */
static void refuse_manifest(struct batch_question *questions,
                            const struct manifest_record *manifest, batch_complain_fn complain,
                            void *arg)
{
	struct batch_question *question;

	while (manifest->digest && (question = find_open(questions, manifest->digest))) {
		question->status = STATUS_WRONG_BYTES;
		complain(arg, question->id, "the manifest's bytes do not hash to its digest");
	}
}

static void take_failure(struct batch_question *questions, const struct failure_record *failure,
                         batch_complain_fn complain, void *arg)
{
	enum status status = image_failure_status(failure->code ? failure->code : "");
	struct batch_question *question;
	char what[256];

	snprintf(what, sizeof(what), "failure %s (%s)",
	         failure->code ? failure->code : "without code",
	         failure->reason ? failure->reason : "no reason given");
	while (failure->digest && (question = find_open(questions, failure->digest))) {
		question->status = status;
		if (status != STATUS_ABSENT)
			complain(arg, question->id, what);
	}
}

static int manifests_read(const char *body, size_t size, struct batch_question *questions,
                          batch_complain_fn complain, void *arg,
                          struct json_document **ret_document)
{
	struct manifests_answer answer;
	struct batch_question *question;
	int r = json_read_manifests(body, size, &answer);

	if (r < 0)
		return r;
	LL_FOREACH (questions, question) {
		question->status = STATUS_PROTOCOL; /* until the answer says something about it */
	}
	for (size_t i = 0; i < answer.n_manifests; i++)
		take_manifest(questions, &answer.manifests[i]);
	for (size_t i = 0; i < answer.n_manifests; i++)
		refuse_manifest(questions, &answer.manifests[i], complain, arg);
	for (size_t i = 0; i < answer.n_failures; i++)
		take_failure(questions, &answer.failures[i], complain, arg);
	LL_FOREACH (questions, question) {
		if (question->status == STATUS_PROTOCOL)
			complain(arg, question->id, "the answer says nothing about this image");
	}
	*ret_document = answer.document;
	return 0;
}

static void manifest_hand_out(struct batch_question *question)
{
	struct bytes *bytes = (struct bytes *)question->record;

	question->done.manifest(question->arg, question->status, bytes);
	bytes_unref(bytes);
}

const struct batch_kind batch_manifests_by_digest = {
        .operation = "BatchGetImage",
        .max_answer_bytes = MANIFESTS_MAX_BYTES,
        .body = json_fetch_manifests,
        .read = manifests_read,
        .hand_out = manifest_hand_out,
};
