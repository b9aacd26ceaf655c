/* Promises, copied out of repository records. */
#include "cache/promise.h"
#include "ecr/mutability.h"

#include <stdlib.h>
#include <string.h>

struct promise {
	struct repository_record record;
	const char *filters[]; /* and their texts behind the pointers */
};

struct promise *promise_new(const struct repository_record *record)
{
	size_t size = sizeof(struct promise) + record->n_filters * sizeof(char *);
	struct promise *promise;
	char *at;

	if (record->mutability == TAGS_MUTABLE)
		return NULL;
	for (size_t i = 0; i < record->n_filters; i++)
		size += strlen(record->filters[i]) + 1;
	promise = malloc(size);
	if (!promise)
		return NULL;
	promise->record = (struct repository_record){
	        .mutability = record->mutability,
	        .filters = promise->filters,
	        .n_filters = record->n_filters,
	};
	at = (char *)&promise->filters[record->n_filters];
	for (size_t i = 0; i < record->n_filters; i++) {
		promise->filters[i] = at;
		at = stpcpy(at, record->filters[i]) + 1;
	}
	return promise;
}

void promise_free(struct promise *promise)
{
	free(promise);
}

bool promise_holds(const struct promise *promise, const char *tag)
{
	return promise && mutability_tag_is_fixed(&promise->record, tag);
}
