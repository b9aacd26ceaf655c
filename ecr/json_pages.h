/* Answers of the API that are shown as they are: the pages of one are put together, and printed.
 * Threads: any.
 */
#ifndef ECRFS_ECR_JSON_PAGES_H
#define ECRFS_ECR_JSON_PAGES_H

#include <stdbool.h>
#include <stddef.h>

struct json_pages;

/* What of the pages is shown, by its path ("imageScanFindings.findings", where a number is a place
 * in a list). */
struct json_pages_part {
	const char *const *lists; /* that go on from page to page, NULL at the end */
	const char *path;         /* what is shown; "": all */
	bool is_text;             /* that is a string which has JSON in it */
};

/* Reads a page; all of it but those lists is as the first page has it. `pages` is NULL before the
 * first one. `ret_token`: of the next page, a string of heap, or NULL. Answers 0, -EBADMSG or
 * -ENOMEM; what was added before is kept. */
int json_pages_add(struct json_pages **pages, const struct json_pages_part *part, const char *body,
                   size_t size, char **ret_token);

/* Pretty-printed, a newline at its end, without the page token; seconds since 1970 in members that
 * are called …At are times in ISO 8601, as the AWS CLI prints them. A text that is not JSON is as
 * it came. A string of heap. Answers 0, -EBADMSG (it is not there) or -ENOMEM. */
int json_pages_print(struct json_pages *pages, const struct json_pages_part *part, char **ret_text);

/* Accepts NULL. */
void json_pages_free(struct json_pages *pages);

#endif
