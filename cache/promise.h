/* What a repository promises of its tags: that they, or some of them, never move. */
#ifndef ECRFS_CACHE_PROMISE_H
#define ECRFS_CACHE_PROMISE_H

#include "ecr/source.h"

struct promise;

/* Copies what the record says. Returns new, or NULL when all tags may move, or out of memory: then
 * nothing is promised. Threads: any. */
struct promise *promise_new(const struct repository_record *record);

/* Accepts NULL. Threads: any. */
void promise_free(struct promise *promise);

/* Whether the tag is promised not to move. Accepts NULL: nothing is promised. Threads: any. */
bool promise_holds(const struct promise *promise, const char *tag);

#endif
