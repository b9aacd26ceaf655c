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
