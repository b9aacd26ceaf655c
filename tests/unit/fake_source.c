/* Questions kept and answered by hand. */
#include "tests/unit/fake_source.h"
#include "base/bytes.h"
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PAGE_MAX 32

struct digest fake_digest(int digit)
{
	return (struct digest){.sha256 = {(uint8_t)digit, (uint8_t)(digit >> 8)}};
}

int fake_digit(const struct digest *digest)
{
	return digest->sha256[0] | digest->sha256[1] << 8;
}

static struct fake_question *keep(struct source *source, enum fake_kind kind,
                                  const char *repository, void *arg)
{
	struct fake_source *fake = (struct fake_source *)source;
	struct fake_question *question = &fake->open[fake->n_open];

	if (fake->refuses)
		return NULL;
	assert_true(fake->n_open < FAKE_SOURCE_MAX);
	fake->n_open++;
	fake->asked[kind]++;
	*question = (struct fake_question){.kind = kind, .arg = arg};
	snprintf(question->repository, sizeof(question->repository), "%s", repository);
	return question;
}

static int list_repositories(struct source *source, const struct registry *registry,
                             repositories_fn page, void *arg)
{
	struct fake_question *question = keep(source, FAKE_LIST_REPOSITORIES, "", arg);

	(void)registry;
	if (question)
		question->done.repositories = page;
	return question ? 0 : -ENOMEM;
}

static int find_repository(struct source *source, const struct registry *registry,
                           const char *repository, repository_fn found, void *arg)
{
	struct fake_question *question = keep(source, FAKE_FIND_REPOSITORY, repository, arg);

	(void)registry;
	if (question)
		question->done.repository = found;
	return question ? 0 : -ENOMEM;
}

static int list_images(struct source *source, const struct registry *registry,
                       const char *repository, enum image_scope scope, images_fn page, void *arg)
{
	struct fake_question *question = keep(source, FAKE_LIST_IMAGES, repository, arg);

	(void)registry;
	if (!question)
		return -ENOMEM;
	question->done.images = page;
	question->scope = scope;
	return 0;
}

static int find_image(struct source *source, const struct registry *registry,
                      const char *repository, const struct image_reference *reference,
                      image_fn found, void *arg)
{
	struct fake_question *question = keep(source, FAKE_FIND_IMAGE, repository, arg);
	char digest[DIGEST_TEXT_SIZE];

	(void)registry;
	if (!question)
		return -ENOMEM;
	question->done.image = found;
	digest_format(&reference->digest, digest);
	snprintf(question->tag, sizeof(question->tag), "%s",
	         reference->tag ? reference->tag : digest);
	return 0;
}

static int pull_tag(struct source *source, const struct registry *registry, const char *repository,
                    const char *tag, pulled_fn pulled, void *arg)
{
	struct fake_question *question = keep(source, FAKE_PULL_TAG, repository, arg);

	(void)registry;
	if (!question)
		return -ENOMEM;
	question->done.pulled = pulled;
	snprintf(question->tag, sizeof(question->tag), "%s", tag);
	return 0;
}

static int fetch_manifest(struct source *source, const struct registry *registry,
                          const char *repository, const struct digest *digest, manifest_fn fetched,
                          void *arg)
{
	struct fake_question *question = keep(source, FAKE_FETCH_MANIFEST, repository, arg);

	(void)registry;
	if (!question)
		return -ENOMEM;
	question->done.manifest = fetched;
	digest_format(digest, question->tag);
	if (fake_digit(digest) < FAKE_SOURCE_DIGESTS)
		((struct fake_source *)source)->asked_digest[fake_digit(digest)]++;
	return 0;
}

static int find_account(struct source *source, const struct registry *registry, account_fn found,
                        void *arg)
{
	struct fake_question *question = keep(source, FAKE_FIND_ACCOUNT, "", arg);

	(void)registry;
	if (question)
		question->done.account = found;
	return question ? 0 : -ENOMEM;
}

static int recall_registry(struct source *source, const struct registry *registry,
                           recalled_fn recalled, void *arg)
{
	struct fake_question *question = keep(source, FAKE_RECALL_REGISTRY, "", arg);

	(void)registry;
	if (question)
		question->done.recalled = recalled;
	return question ? 0 : -ENOMEM;
}

static int recall_repository(struct source *source, const struct registry *registry,
                             const char *repository, recalled_fn recalled, void *arg)
{
	struct fake_question *question = keep(source, FAKE_RECALL_REPOSITORY, repository, arg);

	(void)registry;
	if (question)
		question->done.recalled = recalled;
	return question ? 0 : -ENOMEM;
}

static int find_caller(struct source *source, const struct registry *registry, caller_fn found,
                       void *arg)
{
	struct fake_question *question = keep(source, FAKE_FIND_CALLER, "", arg);

	(void)registry;
	if (question)
		question->done.caller = found;
	return question ? 0 : -ENOMEM;
}

static int fetch_document(struct source *source, const struct registry *registry,
                          const char *repository, const struct document_id *id, document_fn fetched,
                          void *arg)
{
	struct fake_question *question = keep(source, FAKE_FETCH_DOCUMENT, repository, arg);

	(void)registry;
	if (!question)
		return -ENOMEM;
	question->done.document = fetched;
	digest_format(&id->digest, question->tag);
	return 0;
}

static const struct source_ops fake_ops = {
        .list_repositories = list_repositories,
        .find_repository = find_repository,
        .list_images = list_images,
        .find_image = find_image,
        .fetch_manifest = fetch_manifest,
        .pull_tag = pull_tag,
        .fetch_document = fetch_document,
        .find_account = find_account,
};

static const struct source_ops remembering_ops = {
        .list_repositories = list_repositories,
        .find_repository = find_repository,
        .list_images = list_images,
        .find_image = find_image,
        .fetch_manifest = fetch_manifest,
        .pull_tag = pull_tag,
        .find_account = find_account,
        .find_caller = find_caller,
        .recall_registry = recall_registry,
        .recall_repository = recall_repository,
        .fetch_document = fetch_document,
};

void fake_source_init(struct fake_source *fake)
{
	*fake = (struct fake_source){.source.ops = &fake_ops};
}

void fake_source_remember(struct fake_source *fake)
{
	fake->source.ops = &remembering_ops;
}

/* The first open question of that kind whose repository and tag are these (NULL: any); taken off
 * the list when `ends`. */
static struct fake_question take(struct fake_source *fake, enum fake_kind kind,
                                 const char *repository, const char *tag, bool ends)
{
	for (size_t i = 0; i < fake->n_open; i++) {
		struct fake_question question = fake->open[i];

		if (question.kind != kind ||
		    (repository && strcmp(question.repository, repository) != 0) ||
		    (tag && strcmp(question.tag, tag) != 0))
			continue;
		if (ends)
			memmove(&fake->open[i], &fake->open[i + 1],
			        (--fake->n_open - i) * sizeof(question));
		return question;
	}
	fail_msg("no open question of kind %d about %s %s", (int)kind,
	         repository ? repository : "anything", tag ? tag : "");
	return (struct fake_question){0};
}

void fake_source_repositories(struct fake_source *fake, const char *names, bool last)
{
	struct fake_question question = take(fake, FAKE_LIST_REPOSITORIES, NULL, NULL, last);
	struct repository_record records[PAGE_MAX];
	char text[1024], *rest = text, *name;
	size_t n = 0;

	snprintf(text, sizeof(text), "%s", names);
	while ((name = strsep(&rest, " ")))
		if (*name)
			records[n++] = (struct repository_record){
			        .name = name,
			        .mutability = fake->mutability,
			};
	question.done.repositories(question.arg, STATUS_OK, records, n, last);
}

void fake_source_recall(struct fake_source *fake, const char *repository,
                        const struct recalled *recalled)
{
	struct fake_question question =
	        take(fake, repository ? FAKE_RECALL_REPOSITORY : FAKE_RECALL_REGISTRY, repository,
	             NULL, !recalled);

	question.done.recalled(question.arg, recalled);
}

void fake_source_caller(struct fake_source *fake, enum status status, const struct caller *caller)
{
	while (fake_source_is_open(fake, FAKE_FIND_CALLER, NULL)) {
		struct fake_question question = take(fake, FAKE_FIND_CALLER, NULL, NULL, true);

		question.done.caller(question.arg, status, caller);
	}
}

void fake_source_account(struct fake_source *fake, enum status status, const char *account)
{
	struct fake_question question = take(fake, FAKE_FIND_ACCOUNT, NULL, NULL, true);

	question.done.account(question.arg, status, account);
}

void fake_source_records(struct fake_source *fake, const char *repository,
                         const struct image_record *records, size_t n, bool last)
{
	struct fake_question question = take(fake, FAKE_LIST_IMAGES, repository, NULL, last);

	question.done.images(question.arg, STATUS_OK, records, n, last);
}

void fake_source_images(struct fake_source *fake, const char *repository, const char *tags,
                        bool last)
{
	struct image_record records[PAGE_MAX];
	const char *names[PAGE_MAX];
	char text[1024], *rest = text, *tag;
	size_t n = 0;

	snprintf(text, sizeof(text), "%s", tags);
	while ((tag = strsep(&rest, " "))) {
		char *equals = strrchr(tag, '=');

		if (!equals)
			continue;
		*equals = '\0';
		names[n] = tag;
		records[n] = (struct image_record){
		        .digest = fake_digest(equals[1] - '0'),
		        .tags = &names[n],
		        .n_tags = 1,
		};
		n++;
	}
	fake_source_records(fake, repository, records, n, last);
}

void fake_source_fail_listing(struct fake_source *fake, enum fake_kind kind, enum status status)
{
	struct fake_question question = take(fake, kind, NULL, NULL, true);

	if (kind == FAKE_LIST_IMAGES)
		question.done.images(question.arg, status, NULL, 0, true);
	else
		question.done.repositories(question.arg, status, NULL, 0, true);
}

void fake_source_repository(struct fake_source *fake, const char *name, enum status status)
{
	struct fake_question question = take(fake, FAKE_FIND_REPOSITORY, name, NULL, true);
	struct repository_record record = {.name = name, .mutability = fake->mutability};

	question.done.repository(question.arg, status, status == STATUS_OK ? &record : NULL);
}

void fake_source_image(struct fake_source *fake, const char *tag, enum status status, int digit)
{
	struct fake_question question = take(fake, FAKE_FIND_IMAGE, NULL, tag, true);
	struct image_record record = {.digest = fake_digest(digit), .tags = &tag, .n_tags = 1};

	question.done.image(question.arg, status, status == STATUS_OK ? &record : NULL);
}

void fake_source_pulled(struct fake_source *fake, const char *tag, enum status status, int digit,
                        const char *text)
{
	struct fake_question question = take(fake, FAKE_PULL_TAG, NULL, tag, true);
	struct bytes *bytes = status == STATUS_OK ? bytes_new(text, strlen(text)) : NULL;
	struct digest digest = fake_digest(digit);

	question.done.pulled(question.arg, status, &digest, bytes);
	bytes_unref(bytes);
}

static void answer_manifest(const struct fake_question *question, enum status status,
                            const char *text)
{
	struct bytes *bytes = status == STATUS_OK ? bytes_new(text, strlen(text)) : NULL;

	question->done.manifest(question->arg, status, bytes);
	bytes_unref(bytes);
}

void fake_source_manifest(struct fake_source *fake, enum status status, const char *text)
{
	struct fake_question question = take(fake, FAKE_FETCH_MANIFEST, NULL, NULL, true);

	answer_manifest(&question, status, text);
}

void fake_source_manifest_of(struct fake_source *fake, int digit, enum status status,
                             const char *text)
{
	struct digest digest = fake_digest(digit);
	char name[DIGEST_TEXT_SIZE];
	struct fake_question question;

	digest_format(&digest, name);
	question = take(fake, FAKE_FETCH_MANIFEST, NULL, name, true);
	answer_manifest(&question, status, text);
}

size_t fake_source_manifests(struct fake_source *fake, size_t max, enum status status,
                             const char *text)
{
	size_t n = 0;

	for (; n < max && fake_source_is_open(fake, FAKE_FETCH_MANIFEST, NULL); n++)
		fake_source_manifest(fake, status, text);
	return n;
}

void fake_source_document(struct fake_source *fake, enum status status, const char *text)
{
	struct fake_question question = take(fake, FAKE_FETCH_DOCUMENT, NULL, NULL, true);
	struct bytes *bytes = status == STATUS_OK ? bytes_new(text, strlen(text)) : NULL;

	question.done.document(question.arg, status, bytes);
	bytes_unref(bytes);
}

bool fake_source_is_open(const struct fake_source *fake, enum fake_kind kind,
                         const char *repository)
{
	for (size_t i = 0; i < fake->n_open; i++)
		if (fake->open[i].kind == kind &&
		    (!repository || strcmp(fake->open[i].repository, repository) == 0))
			return true;
	return false;
}
