/* A text that is JSON as a whole. */
#ifndef ECRFS_ECR_JSON_PARSE_H
#define ECRFS_ECR_JSON_PARSE_H

#include <cjson/cJSON.h>
#include <stddef.h>

/* The value, if there is nothing behind it but blanks: an answer with something behind it was put
 * together wrongly, and other readers of a manifest refuse it. Returns new. Answers 0, -EBADMSG or
 * -ENOMEM. Threads: pure. */
int json_parse(const char *text, size_t size, cJSON **ret_root);

#endif
