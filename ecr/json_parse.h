/* A text that is JSON as a whole. */
#ifndef ECRFS_ECR_JSON_PARSE_H
#define ECRFS_ECR_JSON_PARSE_H

#include <cjson/cJSON.h>
#include <stddef.h>

/* The value, if there is nothing behind it but blanks: an answer with something behind it was put
 * together wrongly, and other readers of a manifest refuse it. Returns new. Answers 0, -EBADMSG or
 * -ENOMEM. Threads: pure. */
int json_parse(const char *text, size_t size, cJSON **ret_root);

/* The same, of a copy on which json_text_repair() was. */
int json_parse_repaired(const char *text, size_t size, cJSON **ret_root);

/* The same, and its array `member`, which it owns; -ENOENT: it has no such array. */
int json_parse_list(const char *text, size_t size, const char *member, cJSON **ret_root,
                    const cJSON **ret_items);

#endif
