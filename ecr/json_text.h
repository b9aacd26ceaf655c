/* JSON that cJSON would misread, or refuse as a whole for the sake of one record in it. */
#ifndef ECRFS_ECR_JSON_TEXT_H
#define ECRFS_ECR_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Whether a string may have a NUL in it, where cJSON would end it: a name would lose its tail and
 * pass for another. Threads: pure. */
bool json_text_has_nul(const char *text, size_t size);

/* Puts something readable of the same size in the place of what is not, so that its neighbours can
 * be read: \u0001 for a NUL and U+FFFD for half a surrogate pair, neither of which a name or a
 * manifest has; 0 for a number of more than 60 characters and for what is nested deeper than any
 * answer. What is not JSON otherwise stays so. Threads: pure. */
void json_text_repair(char *text, size_t size);

#endif
