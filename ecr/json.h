/* The JSON of the ECR API: request bodies out, answers in. The only user of cJSON.
 *
 * Answers are read by their shape in the service model; unknown members are ignored, `null` means
 * "not set", a record that cannot be used (no digest, no name) is left out. Threads: any.
 */
#ifndef ECRFS_ECR_JSON_H
#define ECRFS_ECR_JSON_H

#include "ecr/source.h"

struct registry;

/* Request bodies. Strings of heap, or NULL when out of memory; the caller frees. `next_token` is
 * NULL for the first page. */
char *json_list_repositories(const struct registry *registry, const char *next_token);
char *json_find_repositories(const struct registry *registry, const char *const *names, size_t n);
char *json_list_images(const struct registry *registry, const char *repository,
                       const char *next_token);
char *json_find_images(const struct registry *registry, const char *repository,
                       const char *const *tags, size_t n);
char *json_fetch_manifests(const struct registry *registry, const char *repository,
                           const char *const *digests, size_t n);

/* An answer that was read. Records and token live as long as it. */
struct json_document;

struct repositories_page {
	struct json_document *document;
	const struct repository_record *records;
	size_t n;
	const char *next_token; /* NULL on the last page */
};

struct images_page {
	struct json_document *document;
	const struct image_record *records;
	size_t n;
	const char *next_token;
};

struct manifest_record {
	const char *digest; /* as the server says; NULL when it does not */
	const char *text;   /* the manifest */
	size_t size;
};

struct failure_record {
	const char *digest; /* NULL when not told, as are the others */
	const char *code;
	const char *reason;
};

struct manifests_answer {
	struct json_document *document;
	const struct manifest_record *manifests;
	size_t n_manifests;
	const struct failure_record *failures;
	size_t n_failures;
};

/* Answer 0, -EBADMSG (not JSON, or not of this shape) or -ENOMEM. The caller frees `document`
 * with json_free(). */
int json_read_repositories(const char *body, size_t size, struct repositories_page *ret_page);
int json_read_images(const char *body, size_t size, struct images_page *ret_page);
int json_read_manifests(const char *body, size_t size, struct manifests_answer *ret_answer);

/* Accepts NULL. */
void json_free(struct json_document *document);

#define JSON_CODE_SIZE    96
#define JSON_MESSAGE_SIZE 512

/* The code (without prefix and suffix, see api_error_copy_code()) and message of an error answer;
 * "" where it has none or is not JSON. */
void json_read_error(const char *body, size_t size, char code[static JSON_CODE_SIZE],
                     char message[static JSON_MESSAGE_SIZE]);

#endif
