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

void api_counts_add(struct api_counts *counts, const char *operation, enum status status)
{
	unsigned i = 0;

	while (i < API_COUNTS_OPERATIONS - 1 && strcmp(operations[i], operation) != 0)
		i++;
	atomic_fetch_add_explicit(&counts->counts[i][status], 1, memory_order_relaxed);
}

uint64_t api_counts_get(const struct api_counts *counts, unsigned operation, enum status status)
{
	return atomic_load_explicit(&counts->counts[operation][status], memory_order_relaxed);
}
