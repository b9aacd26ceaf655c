/* Counts of calls. */
#include "ecr/api_counts.h"

#include <string.h>

static const char *const operations[API_COUNTS_OPERATIONS] = {
        "DescribeRepositories", "DescribeImages",    "ListImages",
        "BatchGetImage",        "GetCallerIdentity", "other",
};

const char *api_counts_operation(unsigned i)
{
	return operations[i];
}

static unsigned number_of(const char *operation)
{
	unsigned i = 0;

	while (i < API_COUNTS_OPERATIONS - 1 && strcmp(operations[i], operation) != 0)
		i++;
	return i;
}

void api_counts_add(struct api_counts *counts, const char *operation, enum status status)
{
	atomic_fetch_add_explicit(&counts->counts[number_of(operation)][status], 1,
	                          memory_order_relaxed);
}

uint64_t api_counts_get(const struct api_counts *counts, unsigned operation, enum status status)
{
	return atomic_load_explicit(&counts->counts[operation][status], memory_order_relaxed);
}

void api_counts_add_event(struct api_counts *counts, const char *operation, enum api_event event)
{
	atomic_fetch_add_explicit(&counts->events[number_of(operation)][event], 1,
	                          memory_order_relaxed);
}

uint64_t api_counts_get_event(const struct api_counts *counts, unsigned operation,
                              enum api_event event)
{
	return atomic_load_explicit(&counts->events[operation][event], memory_order_relaxed);
}
