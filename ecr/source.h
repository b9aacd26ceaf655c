/* The one seam that the cache asks: what a registry holds, as questions with asynchronous answers.
 *
 * `ecr/client.c` answers them from Amazon ECR; tests put a source of their own in its place.
 *
 * All on the loop thread. An answer never comes inside the call that asks. Everything in an answer
 * is borrowed for the callback. A function answers 0, or -ENOMEM, or -ECANCELED while the source is
 * being freed: then its callback does not follow.
 */
#ifndef ECRFS_ECR_SOURCE_H
#define ECRFS_ECR_SOURCE_H

#include "base/digest.h"
#include "base/status.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes;
struct registry;
struct source;

/* What a repository promises of its tags. */
enum tag_mutability {
	TAGS_MUTABLE, /* also when not told */
	TAGS_IMMUTABLE,
	TAGS_IMMUTABLE_EXCEPT, /* those that match a filter may move */
	TAGS_MUTABLE_EXCEPT,   /* those that match a filter may not */
};

struct repository_record {
	const char *name;
	uint64_t created_ns; /* real time, 0 when not told */
	enum tag_mutability mutability;
	const char *const *filters; /* of the exceptions: text with `*` for any run of characters */
	size_t n_filters;
};

enum image_state {
	IMAGE_ACTIVE,
	IMAGE_ARCHIVED,
	IMAGE_ACTIVATING,
	IMAGE_OTHER, /* a state that ECR had not when this was written */
};

/* An image as DescribeImages tells of it. */
struct image_record {
	struct digest digest;
	const char *const *tags; /* none for an untagged image */
	size_t n_tags;
	uint64_t size_bytes;    /* of its layers, 0 when not told */
	uint64_t pushed_ns;     /* real time, 0 when not told */
	uint64_t pulled_ns;     /* real time, 0 when not told */
	const char *media_type; /* NULL when not told, as are the others */
	const char *artifact_type;
	enum image_state state;
};

/* An image, by tag or by digest. */
struct image_reference {
	const char *tag; /* NULL: by digest */
	struct digest digest;
};

/* Which images are listed. Archived ones always are, where the server knows of such. */
enum image_scope {
	IMAGES_TAGGED,
	IMAGES_ALL, /* the untagged ones as well */
};

/* One page of a listing. `last` ends it; a status other than STATUS_OK ends it too, with no
 * records. */
typedef void (*repositories_fn)(void *arg, enum status status,
                                const struct repository_record *records, size_t n, bool last);
typedef void (*images_fn)(void *arg, enum status status, const struct image_record *records,
                          size_t n, bool last);

/* The answer to a question by name: STATUS_OK with the record, STATUS_ABSENT, or why there is none.
 */
typedef void (*repository_fn)(void *arg, enum status status,
                              const struct repository_record *record);
typedef void (*image_fn)(void *arg, enum status status, const struct image_record *record);

/* `bytes` hash to the digest that was asked for: they have been verified. NULL unless STATUS_OK. */
typedef void (*manifest_fn)(void *arg, enum status status, struct bytes *bytes);

/* The size of a manifest; its bytes as well, or NULL where they were not needed. */
typedef void (*size_fn)(void *arg, enum status status, struct bytes *bytes, size_t size);

/* The manifest that a tag names, with the digest that its bytes were verified against. */
typedef void (*pulled_fn)(void *arg, enum status status, const struct digest *digest,
                          struct bytes *bytes);

/* What there is to read of an image or a repository besides its manifests. */
enum document_kind {
	DOCUMENT_CONFIG,     /* of an image: a blob, by its own digest and its size */
	DOCUMENT_REFERRERS,  /* of an image: what ListImageReferrers answers */
	DOCUMENT_SCAN,       /* of an image: what DescribeImageScanFindings answers */
	DOCUMENT_REPOSITORY, /* its record, as DescribeRepositories has it */
	DOCUMENT_POLICY,     /* of a repository, who may do what with it */
	DOCUMENT_LIFECYCLE,  /* of a repository, when its images expire */
};

struct document_id {
	enum document_kind kind;
	struct digest digest; /* of the blob, or the image; else zeros */
	uint64_t size_bytes;  /* DOCUMENT_CONFIG: what the manifest says that it has */
};

/* A DOCUMENT_CONFIG hashes to its digest: it has been verified. The others are JSON,
 * pretty-printed, all pages of an answer in one. NULL unless STATUS_OK. */
typedef void (*document_fn)(void *arg, enum status status, struct bytes *bytes);

/* 12 digits, NULL unless STATUS_OK. */
typedef void (*account_fn)(void *arg, enum status status, const char *account);

/* Who asks, and where: what one was told is not for another. All borrowed. */
struct caller {
	const char *place;   /* partition and region, or the address given by hand and the region */
	const char *source;  /* what the credentials come from: the environment, or which profile */
	const char *key_id;  /* of the access key; NULL: no credentials can be had at the moment */
	const char *account; /* the key's; NULL: not known (yet) */
};

/* `caller` is NULL unless STATUS_OK. */
typedef void (*caller_fn)(void *arg, enum status status, const struct caller *caller);

/* What was told in an earlier life, as far as that is kept: pages of a listing, or the answer to
 * one question. */
enum recalled_kind {
	RECALLED_ACCOUNT,      /* `name` is the account of the registry */
	RECALLED_REPOSITORIES, /* a page of the registry's listing */
	RECALLED_REPOSITORY, /* the repository, asked for by its name; with STATUS_OK one record */
	RECALLED_TAGS,       /* a page of its images that are tagged */
	RECALLED_DIGESTS,    /* a page of all of them */
	RECALLED_IMAGE,      /* `name`, a tag or digest, asked for; with STATUS_OK one record */
};
struct recalled {
	enum recalled_kind kind;
	uint64_t told_ns;   /* real time: when the answer came, or the whole listing was there */
	bool is_stale;      /* it counts only while ECR cannot be asked, however young it is */
	enum status status; /* of an answer: STATUS_OK, STATUS_ABSENT or STATUS_DENIED */
	const char *name;
	const struct repository_record *repositories;
	const struct image_record *images;
	size_t n;
	bool is_first;  /* of the pages of this listing */
	bool is_last;   /* then all of it counts */
	unsigned pages; /* that the listing came in from the server */
};

/* `recalled` NULL: that was all. */
typedef void (*recalled_fn)(void *arg, const struct recalled *recalled);

struct source_ops {
	/* All repositories of a registry, page by page. */
	int (*list_repositories)(struct source *source, const struct registry *registry,
	                         repositories_fn page, void *arg);

	/* One repository by name. */
	int (*find_repository)(struct source *source, const struct registry *registry,
	                       const char *repository, repository_fn found, void *arg);

	/* The images of a repository, page by page. Where the caller may not describe images but
	 * may list them, the records have digest and tag alone (a record for each tag). */
	int (*list_images)(struct source *source, const struct registry *registry,
	                   const char *repository, enum image_scope scope, images_fn page,
	                   void *arg);

	/* One image by tag or digest. Not a pull. */
	int (*find_image)(struct source *source, const struct registry *registry,
	                  const char *repository, const struct image_reference *reference,
	                  image_fn found, void *arg);

	/* The bytes of a manifest by digest. ECR records this as a pull of the image. */
	int (*fetch_manifest)(struct source *source, const struct registry *registry,
	                      const char *repository, const struct digest *digest,
	                      manifest_fn fetched, void *arg);

	/* As fetch_manifest, for who wants the size alone, which is kept for longer. NULL in a
	 * source that keeps nothing. One that has it also keeps the rule of `nopull`: what is kept
	 * may be shown, and what is not is STATUS_NOT_PULLED. */
	int (*fetch_size)(struct source *source, const struct registry *registry,
	                  const char *repository, const struct digest *digest, size_fn fetched,
	                  void *arg);

	/* The manifest of a tag, for a caller who may do nothing but pull. Not for repositories
	 * that may be pull-through caches, whose images this would import, when there is another
	 * way. */
	int (*pull_tag)(struct source *source, const struct registry *registry,
	                const char *repository, const char *tag, pulled_fn pulled, void *arg);

	/* A document. Not a pull. A source with fetch_size keeps each DOCUMENT_CONFIG, by the same
	 * rule. */
	int (*fetch_document)(struct source *source, const struct registry *registry,
	                      const char *repository, const struct document_id *id,
	                      document_fn fetched, void *arg);

	/* The account of a registry: its own, or the caller's where it is named `default`. */
	int (*find_account)(struct source *source, const struct registry *registry,
	                    account_fn found, void *arg);

	/* Who asks this registry now. Never asks ECR. STATUS_OK also where credentials cannot
	 * be had for the moment; else why nobody can be asked. NULL: there is no telling who does.
	 */
	int (*find_caller)(struct source *source, const struct registry *registry, caller_fn found,
	                   void *arg);

	/* What an earlier life was told of a registry: its account, where its name does not tell
	 * that, and its repositories. It may be of any age. NULL: nothing is kept. */
	int (*recall_registry)(struct source *source, const struct registry *registry,
	                       recalled_fn recalled, void *arg);

	/* And of a repository: that it is there, its images, and what single tags and digests stood
	 * for. */
	int (*recall_repository)(struct source *source, const struct registry *registry,
	                         const char *repository, recalled_fn recalled, void *arg);
};

struct source {
	const struct source_ops *ops;

	/* During an answer about a manifest or document: it comes from what is kept on disk.
	 * Threads: loop. */
	bool answers_from_disk;

	/* Of a source that may have manifests itself (`fetch_size`): how many it asked ECR for.
	 * Threads: any. */
	atomic_uint_fast64_t n_asked;
};

#endif
