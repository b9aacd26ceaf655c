/* What the readers of answers, one source each, share: the document and its members. Inside of
 * ecr/json. Threads: any.
 *
 * All that is read from a document is borrowed from it, and lives as long.
 */
#ifndef ECRFS_ECR_JSON_INSIDE_H
#define ECRFS_ECR_JSON_INSIDE_H

#include "ecr/json.h"

#include <cjson/cJSON.h>

/* Freed with all of it by json_free(). */
struct json_document {
	cJSON *root;
	void *records;
	void *failures;
	const char **texts; /* tags of all images, or filters of all repositories, in a row */
};

/* Parses, and makes sure that `member`, the operation's array, is there, and that a page token can
 * be read. Returns new. Answers 0, -EBADMSG or -ENOMEM. */
int json_document_read(const char *body, size_t size, const char *member,
                       struct json_document **ret_document, const cJSON **ret_array);

/* The token of the next page, or NULL where this is the last one. */
const char *json_get_next_token(const cJSON *root);

/* A string member, or NULL. Case matters: cJSON's usual look-up would take `Message` for `message`.
 */
const char *json_get_text(const cJSON *object, const char *member);

/* A positive number, scaled, without its fraction; else 0: sizes and times that are out of range
 * are "not told". */
uint64_t json_get_number(const cJSON *object, const char *member, double scale);

/* A member that is an array, or NULL, which has no items. */
const cJSON *json_get_array(const cJSON *object, const char *member);

#endif
