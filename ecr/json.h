/* The JSON that ECR answers, and that manifests are made of.
 *
 * Answers are read by their shape in the service model; unknown members are ignored, `null` means
 * "not set", a record that cannot be used (no digest, no name) is left out. Threads: any.
 */
#ifndef ECRFS_ECR_JSON_H
#define ECRFS_ECR_JSON_H

#include "ecr/source.h"

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
	const char *tag;    /* of the id, NULL when it has none */
	const char *text;   /* the manifest */
	size_t size;
};

struct failure_record {
	const char *digest; /* NULL when not told, as are the others */
	const char *tag;
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

/* The answer of ListImages: records with digest and one tag or none. */
int json_read_image_ids(const char *body, size_t size, struct images_page *ret_page);
int json_read_manifests(const char *body, size_t size, struct manifests_answer *ret_answer);

/* The protected header of the first signature of a signed schema 1 manifest, in base64url, and what
 * it says when decoded: how long the signed part is, and what follows it, in base64url. Strings of
 * heap; the caller frees. Answer 0, -EBADMSG or -ENOMEM. */
int json_read_signature(const char *manifest, size_t size, char **ret_protected);
int json_read_format(const char *header, size_t size, size_t *ret_length, char **ret_tail);

/* Accepts NULL. */
void json_free(struct json_document *document);

/* The text of the first member of this name, at whatever depth; cut to `text_size`. Answers whether
 * there is one; `ret_text` is untouched when not. */
bool json_find_text(const char *body, size_t size, const char *member, char *ret_text,
                    size_t text_size);

#define JSON_CODE_SIZE    96
#define JSON_MESSAGE_SIZE 512

/* The code (without prefix and suffix, see api_error_copy_code()) and message of an error answer;
 * "" where it has none or is not JSON. */
void json_read_error(const char *body, size_t size, char code[static JSON_CODE_SIZE],
                     char message[static JSON_MESSAGE_SIZE]);

#endif
