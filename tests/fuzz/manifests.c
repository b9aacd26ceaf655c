/* Answers of BatchGetImage, and manifests: no bytes are handed out under a digest that is not
 * theirs.
 */
#include "base/bytes.h"
#include "base/cleanup.h"
#include "ecr/batch_kind.h"
#include "ecr/json.h"
#include "ecr/json_image.h"
#include "ecr/schema1.h"
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <utlist.h>

/* What is asked: as much as may be asked at once. */
struct questions {
	struct batch_question *list;
	size_t n, handed_out;
};

static bool is_digest_of(const struct digest *digest, const struct bytes *bytes)
{
	struct digest computed;

	MUST(digest_compute(bytes->data, bytes->size, &computed) == 0);
	if (digest_equal(&computed, digest))
		return true;
	return schema1_digest(bytes->data, bytes->size, &computed) == 0 &&
	       digest_equal(&computed, digest);
}

static void manifest_came(void *arg, enum status status, struct bytes *bytes)
{
	struct questions *questions = arg;

	questions->handed_out++;
	MUST(!bytes == (status != STATUS_OK));
}

static void pulled(void *arg, enum status status, const struct digest *digest, struct bytes *bytes)
{
	manifest_came(arg, status, bytes);
	MUST(digest || !bytes);
	MUST(!bytes || is_digest_of(digest, bytes));
	MUST(!digest || status == STATUS_OK || status == STATUS_WRONG_BYTES);
}

static void ask(struct questions *questions, const char *id, bool by_tag)
{
	struct batch_question *question;

	if (!id || questions->n == BATCH_MAX_IDS)
		return;
	question = calloc(1, sizeof(*question) + strlen(id) + 1);
	MUST(question);
	strcpy(question->id, id);
	if (by_tag)
		question->done.pulled = pulled;
	else
		question->done.manifest = manifest_came;
	question->arg = questions;
	LL_PREPEND(questions->list, question);
	questions->n++;
}

/* By the digest that it says, and by those that it has. */
static void ask_by_digest(struct questions *questions, const struct manifest_record *manifest)
{
	char text[DIGEST_TEXT_SIZE];
	struct digest digest;

	ask(questions, manifest->digest, false);
	MUST(digest_compute(manifest->text, manifest->size, &digest) == 0);
	digest_format(&digest, text);
	ask(questions, text, false);
	if (schema1_digest(manifest->text, manifest->size, &digest) == 0) {
		digest_format(&digest, text);
		ask(questions, text, false);
	}
}

static void nothing(void *arg, const char *id, const char *what)
{
	(void)arg;
	MUST(id[0] || what[0]);
}

static void check_answered(const struct batch_question *question)
{
	const struct bytes *bytes = question->record;
	struct digest digest;

	MUST(!bytes == (question->status != STATUS_OK));
	if (bytes && digest_parse(question->id, &digest))
		MUST(is_digest_of(&digest, bytes));
}

/* Has the answer taken apart for these questions, and hands out what it says to each of them. */
static void take_apart(const char *body, size_t size, const struct batch_kind *kind,
                       struct questions *questions)
{
	struct batch_question *question, *next;
	struct json_document *document;

	MUST(kind->read(body, size, questions->list, nothing, NULL, &document) == 0);
	LL_FOREACH_SAFE(questions->list, question, next)
	{
		check_answered(question);
		kind->hand_out(question);
		free(question);
	}
	MUST(questions->handed_out == questions->n);
	json_free(document);
}

static void check_index(const char *text, size_t size)
{
	struct json_platforms platforms;
	int r = json_index_read(text, size, &platforms);

	MUST(r == 0 || r == -EBADMSG || r == -ENOENT);
	if (r < 0)
		return;
	for (size_t i = 0; i < platforms.n; i++) {
		MUST(platforms.platforms[i].os[0] && platforms.platforms[i].architecture[0]);
		MUST(!platforms.platforms[i].variant || platforms.platforms[i].variant[0]);
	}
	json_index_free(platforms.document);
}

static void check_answer(const char *body, size_t size)
{
	struct questions by_digest = {0}, by_tag = {0};
	struct manifests_answer answer;
	int r = json_read_manifests(body, size, &answer);

	MUST(r == 0 || r == -EBADMSG);
	if (r < 0)
		return;
	ask(&by_digest, "sha256:nobody", false);
	ask(&by_tag, "nobody", true);
	for (size_t i = 0; i < answer.n_manifests; i++) {
		MUST(strlen(answer.manifests[i].text) == answer.manifests[i].size);
		check_index(answer.manifests[i].text, answer.manifests[i].size);
		ask_by_digest(&by_digest, &answer.manifests[i]);
		ask(&by_tag, answer.manifests[i].tag, true);
	}
	for (size_t i = 0; i < answer.n_failures; i++) {
		ask(&by_digest, answer.failures[i].digest, false);
		ask(&by_tag, answer.failures[i].tag, true);
	}
	json_free(answer.document);
	take_apart(body, size, &batch_manifests, &by_digest);
	take_apart(body, size, &batch_manifests_by_tag, &by_tag);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *body = (const char *)data;
	struct digest digest;
	int r = schema1_digest(body, size, &digest);

	MUST(r == 0 || r == -EBADMSG);
	check_index(body, size);
	check_answer(body, size);
	return 0;
}
