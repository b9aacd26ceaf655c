/* A source that keeps the questions it is asked, until the test answers them. */
#ifndef ECRFS_TESTS_UNIT_FAKE_SOURCE_H
#define ECRFS_TESTS_UNIT_FAKE_SOURCE_H

#include "ecr/source.h"

#define FAKE_SOURCE_MAX 1024

/* For so many digests it counts how often each was asked for. */
#define FAKE_SOURCE_DIGESTS 4096

enum fake_kind {
	FAKE_LIST_REPOSITORIES,
	FAKE_FIND_REPOSITORY,
	FAKE_LIST_IMAGES,
	FAKE_FIND_IMAGE,
	FAKE_FETCH_MANIFEST,
	FAKE_PULL_TAG,
	FAKE_RECALL_REGISTRY,
	FAKE_RECALL_REPOSITORY,
	FAKE_FIND_ACCOUNT,
	FAKE_FIND_CALLER,
	FAKE_FETCH_DOCUMENT,
	FAKE_KINDS,
};

struct fake_question {
	enum fake_kind kind;
	char repository[64]; /* or the name that is asked for */
	char tag[80];        /* or a digest */
	enum image_scope scope;
	union {
		repositories_fn repositories;
		repository_fn repository;
		images_fn images;
		image_fn image;
		manifest_fn manifest;
		pulled_fn pulled;
		recalled_fn recalled;
		account_fn account;
		caller_fn caller;
		document_fn document;
	} done;
	void *arg;
};

struct fake_source {
	struct source source;
	struct fake_question open[FAKE_SOURCE_MAX];
	size_t n_open;
	unsigned asked[FAKE_KINDS];                 /* ever */
	unsigned asked_digest[FAKE_SOURCE_DIGESTS]; /* its manifest, ever */
	bool refuses;                               /* every question: out of memory */
	enum tag_mutability mutability;             /* of all repositories */
};

void fake_source_init(struct fake_source *fake);

/* From now on it is also asked for what an earlier life was told, and who asks. */
void fake_source_remember(struct fake_source *fake);

/* What is remembered about a repository, or (NULL) the registry; `recalled` NULL: that was all. */
void fake_source_recall(struct fake_source *fake, const char *repository,
                        const struct recalled *recalled);

/* A page of names ("a/b c" separated by blanks); `last` ends the listing. */
void fake_source_repositories(struct fake_source *fake, const char *names, bool last);

/* A page of tags ("v1=1 v2=1 v3=2": each names the image whose digest starts with that digit). */
void fake_source_images(struct fake_source *fake, const char *repository, const char *tags,
                        bool last);

/* A page of a repository's images. */
void fake_source_records(struct fake_source *fake, const char *repository,
                         const struct image_record *records, size_t n, bool last);

/* A listing ends with a failure. */
void fake_source_fail_listing(struct fake_source *fake, enum fake_kind kind, enum status status);

/* The answers to questions by name; `digit` as above. */
void fake_source_repository(struct fake_source *fake, const char *name, enum status status);
void fake_source_image(struct fake_source *fake, const char *tag, enum status status, int digit);

/* Answers all questions who asks that are open. `caller` is NULL unless STATUS_OK. */
void fake_source_caller(struct fake_source *fake, enum status status, const struct caller *caller);

/* Whose the registry is. */
void fake_source_account(struct fake_source *fake, enum status status, const char *account);

/* The answer to the question that pulls a tag. */
void fake_source_pulled(struct fake_source *fake, const char *tag, enum status status, int digit,
                        const char *text);

/* The answer to the only question for a manifest. */
void fake_source_manifest(struct fake_source *fake, enum status status, const char *text);

/* The answer to the question for the manifest of fake_digest(`digit`). */
void fake_source_manifest_of(struct fake_source *fake, int digit, enum status status,
                             const char *text);

/* Answers `max` questions for manifests at most, oldest first, with `text`; how many there were. */
size_t fake_source_manifests(struct fake_source *fake, size_t max, enum status status,
                             const char *text);

/* The answer to the oldest question for a document. */
void fake_source_document(struct fake_source *fake, enum status status, const char *text);

/* Whether a question of that kind is open; the name of a repository, or NULL for any. */
bool fake_source_is_open(const struct fake_source *fake, enum fake_kind kind,
                         const char *repository);

/* The digest whose first byte is `digit`, all others zero; above 255 the second one is its rest. */
struct digest fake_digest(int digit);
int fake_digit(const struct digest *digest);

#endif
