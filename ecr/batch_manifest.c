/* The questions that BatchGetImage answers: manifests by digest, and by tag.
 *
 * A manifest is what its bytes hash to, whatever the server calls it. By tag the server has to name
 * a digest that they hash to: it may have converted what is stored under that digest.
 */
#include "base/bytes.h"
#include "ecr/batch_kind.h"
#include "ecr/body.h"
#include "ecr/error.h"
#include "ecr/json.h"
#include "ecr/schema1.h"

#include <stdio.h>
#include <string.h>
#include <utlist.h>

/* ECR: imageManifest has at most this many characters. */
#define MANIFEST_MAX_BYTES (4u * 1024 * 1024)

/* JSON may write each byte of a manifest as \u00XX: 24 MiB for one. A batch that is larger than
 * this is asked again in halves. */
#define ANSWER_MAX_BYTES (32u * 1024 * 1024)

/* An answer that is being taken apart. */
struct reading {
	struct batch_question *questions;
	bool by_tag;
	batch_complain_fn complain;
	void *arg;
};

/* A question about this id that is still without an answer, or NULL. */
static struct batch_question *find_open(const struct reading *reading, const char *digest,
                                        const char *tag)
{
	const char *id = reading->by_tag ? tag : digest;
	struct batch_question *question;

	LL_FOREACH (reading->questions, question) {
		if (id && !question->answered && strcmp(question->id, id) == 0)
			return question;
	}
	return NULL;
}

static void answer(struct batch_question *question, const struct manifest_record *manifest)
{
	question->answered = true;
	question->record = bytes_new(manifest->text, manifest->size);
	question->status = question->record ? STATUS_OK : STATUS_NO_MEMORY;
}

/* Answers the questions for the digest that the bytes hash to: all of them, since it may be named
 * once for an id that was asked for twice. */
static void answer_by_digest(const struct reading *reading, const struct manifest_record *manifest,
                             const struct digest *digest)
{
	char text[DIGEST_TEXT_SIZE];
	struct batch_question *question;

	digest_format(digest, text);
	while ((question = find_open(reading, text, NULL)))
		answer(question, manifest);
}

/* Answers the questions for the tag, if the bytes hash to the digest that is named. */
static void answer_by_tag(const struct reading *reading, const struct manifest_record *manifest,
                          const struct digest *digest)
{
	struct batch_question *question;
	struct digest named;

	if (!manifest->digest || !digest_parse(manifest->digest, &named) ||
	    !digest_equal(&named, digest))
		return;
	while ((question = find_open(reading, NULL, manifest->tag))) {
		question->digest = named;
		question->has_digest = true;
		answer(question, manifest);
	}
}

/* A manifest that is too large answers nothing here. */
static void take_manifest(const struct reading *reading, const struct manifest_record *manifest)
{
	struct digest digests[2];
	size_t n = 0;

	if (manifest->size > MANIFEST_MAX_BYTES)
		return;
	if (digest_compute(manifest->text, manifest->size, &digests[n]) == 0)
		n++;
	if (schema1_digest(manifest->text, manifest->size, &digests[n]) == 0)
		n++;
	for (size_t i = 0; i < n; i++) {
		if (reading->by_tag)
			answer_by_tag(reading, manifest, &digests[i]);
		else
			answer_by_digest(reading, manifest, &digests[i]);
	}
}

/* What is still open now, but named by the server, is too large, or has wrong bytes: they are never
 * shown. By tag the digest is handed on, since what is stored under it may yet be right. */
static void refuse_manifest(const struct reading *reading, const struct manifest_record *manifest)
{
	bool too_large = manifest->size > MANIFEST_MAX_BYTES;
	struct batch_question *question;

	while ((question = find_open(reading, manifest->digest, manifest->tag))) {
		question->answered = true;
		question->status = too_large ? STATUS_PROTOCOL : STATUS_WRONG_BYTES;
		question->has_digest = !too_large && reading->by_tag && manifest->digest &&
		                       digest_parse(manifest->digest, &question->digest);
		if (!question->has_digest)
			reading->complain(reading->arg, question->id,
			                  too_large ? "the manifest is larger than 4 MiB"
			                            : "the manifest's bytes do not hash to its "
			                              "digest");
	}
}

static void take_failure(const struct reading *reading, const struct failure_record *failure)
{
	enum status status = image_failure_status(failure->code ? failure->code : "");
	struct batch_question *question;
	char what[256];

	snprintf(what, sizeof(what), "failure %s (%s)",
	         failure->code ? failure->code : "without code",
	         failure->reason ? failure->reason : "no reason given");
	while ((question = find_open(reading, failure->digest, failure->tag))) {
		question->answered = true;
		question->status = status;
		if (status != STATUS_ABSENT)
			reading->complain(reading->arg, question->id, what);
	}
}

/* What the answer says nothing about is malformed. */
static void close_all(const struct reading *reading)
{
	struct batch_question *question;

	LL_FOREACH (reading->questions, question) {
		if (question->answered)
			continue;
		question->status = STATUS_PROTOCOL;
		reading->complain(reading->arg, question->id,
		                  "the answer says nothing about this image");
	}
}

static int read_answer(const char *body, size_t size, const struct reading *reading,
                       struct json_document **ret_document)
{
	struct manifests_answer answer;
	int r = json_read_manifests(body, size, &answer);

	if (r < 0)
		return r;
	for (size_t i = 0; i < answer.n_manifests; i++)
		take_manifest(reading, &answer.manifests[i]);
	for (size_t i = 0; i < answer.n_manifests; i++)
		refuse_manifest(reading, &answer.manifests[i]);
	for (size_t i = 0; i < answer.n_failures; i++)
		take_failure(reading, &answer.failures[i]);
	close_all(reading);
	*ret_document = answer.document;
	return 0;
}

static int read_by_digest(const char *body, size_t size, struct batch_question *questions,
                          batch_complain_fn complain, void *arg,
                          struct json_document **ret_document)
{
	struct reading reading = {.questions = questions, .complain = complain, .arg = arg};

	return read_answer(body, size, &reading, ret_document);
}

static int read_by_tag(const char *body, size_t size, struct batch_question *questions,
                       batch_complain_fn complain, void *arg, struct json_document **ret_document)
{
	struct reading reading = {
	        .questions = questions, .by_tag = true, .complain = complain, .arg = arg};

	return read_answer(body, size, &reading, ret_document);
}

static void hand_out_manifest(struct batch_question *question)
{
	struct bytes *bytes = (struct bytes *)question->record;

	question->done.manifest(question->arg, question->status, bytes);
	bytes_unref(bytes);
}

static void hand_out_pulled(struct batch_question *question)
{
	struct bytes *bytes = (struct bytes *)question->record;

	question->done.pulled(question->arg, question->status,
	                      question->has_digest ? &question->digest : NULL, bytes);
	bytes_unref(bytes);
}

const struct batch_kind batch_manifests = {
        .operation = "BatchGetImage",
        .max_answer_bytes = ANSWER_MAX_BYTES,
        .body = body_fetch_manifests,
        .read = read_by_digest,
        .hand_out = hand_out_manifest,
};

const struct batch_kind batch_manifests_by_tag = {
        .operation = "BatchGetImage",
        .max_answer_bytes = ANSWER_MAX_BYTES,
        .body = body_fetch_manifests,
        .read = read_by_tag,
        .hand_out = hand_out_pulled,
};
