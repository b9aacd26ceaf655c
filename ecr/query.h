/* The AWS query protocol, which STS speaks: form posts, answered in XML, or in JSON where the
 * Accept header asks for it and the server knows how. Threads: any.
 */
#ifndef ECRFS_ECR_QUERY_H
#define ECRFS_ECR_QUERY_H

#include <stdbool.h>
#include <stddef.h>

#define QUERY_CONTENT_TYPE "application/x-www-form-urlencoded; charset=utf-8"
#define QUERY_ACCEPT       "application/json"

struct query_parameter {
	const char *name;
	const char *value; /* NULL: left out */
};

/* A body of these parameters, encoded. A string of heap, or NULL when out of memory. */
char *query_form(const struct query_parameter *parameters, size_t n);

/* The body of GetCallerIdentity. A string of heap, or NULL when out of memory. */
char *query_get_caller_identity(void);

/* The text of the first element or member of this name, wherever it stands; cut to `text_size`.
 * Answers whether there is one; `ret_text` is "" when not. */
bool query_read_text(const char *answer, size_t size, const char *name, char *ret_text,
                     size_t text_size);

#endif
