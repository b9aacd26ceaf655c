/* Single members of a JSON object, by their path: what credential servers and programs answer or
 * are asked, and what other tools leave in their caches. Threads: any.
 */
#ifndef ECRFS_ECR_JSON_FIELDS_H
#define ECRFS_ECR_JSON_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

struct json_fields;

/* Reads an object. Answers 0, -EBADMSG (not JSON, or no object) or -ENOMEM. */
int json_fields_read(const char *text, size_t size, struct json_fields **ret_fields);

/* An object without members. Returns new, or NULL when out of memory. */
struct json_fields *json_fields_new(void);

/* Sets the member at `path`, whose object must be there, or replaces it and others of that name, by
 * a copy of the text; NULL removes it. Answers 0, -ENOENT (there is no such object) or -ENOMEM. */
int json_fields_set(struct json_fields *fields, const char *path, const char *text);

/* The object as JSON in one line, all members included that it was read with. A string of heap, to
 * be wiped by json_fields_free_text(); NULL when out of memory. */
char *json_fields_print(const struct json_fields *fields);

/* Wipes and frees a text that may have secrets in it. Accepts NULL. */
void json_fields_free_text(char *text);

/* Wipes all strings, since some are secrets. Accepts NULL. */
void json_fields_free(struct json_fields *fields);

/* The text at `path`, such as "accessToken.accessKeyId" (case matters); NULL where there is none,
 * or where it is empty or no string. Borrowed. */
const char *json_fields_text(const struct json_fields *fields, const char *path);

/* Whether there is something at `path`, other than null. */
bool json_fields_has(const struct json_fields *fields, const char *path);

/* The number at `path`. Answers whether there is one. */
bool json_fields_number(const struct json_fields *fields, const char *path, double *ret_number);

#endif
