/* Single members of a JSON object, by their path: what credential servers and programs answer, and
 * what other tools leave in their caches. Threads: any.
 */
#ifndef ECRFS_ECR_JSON_FIELDS_H
#define ECRFS_ECR_JSON_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

struct json_fields;

/* Reads an object. Answers 0, -EBADMSG (not JSON, or no object) or -ENOMEM. */
int json_fields_read(const char *text, size_t size, struct json_fields **ret_fields);

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
