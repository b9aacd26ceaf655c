/* Counts of calls. */
#include "ecr/api_counts.h"

#include <string.h>

static const char *const operations[API_COUNTS_OPERATIONS] = {
        "DescribeRepositories",
        "DescribeImages",
        "ListImages",
        "BatchGetImage",
        "GetCallerIdentity",
        "GetDownloadUrlForLayer",
        "ListImageReferrers",
        "DescribeImageScanFindings",
        "GetRepositoryPolicy",
        "GetLifecyclePolicy",
        "other",
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

void api_counts_add(struct api_counts *counts, const char *operation, enum status status,
                    uint64_t duration_ns)
{
	unsigned number = number_of(operation);

	atomic_fetch_add_explicit(&counts->counts[number][status], 1, memory_order_relaxed);
	histogram_add(&counts->durations[number], duration_ns);
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

void api_counts_add_bytes(struct api_counts *counts, const char *operation,
                          enum api_direction direction, size_t bytes)
{
	atomic_fetch_add_explicit(&counts->bytes[number_of(operation)][direction], bytes,
	                          memory_order_relaxed);
}

uint64_t api_counts_get_bytes(const struct api_counts *counts, unsigned operation,
                              enum api_direction direction)
{
	return atomic_load_explicit(&counts->bytes[operation][direction], memory_order_relaxed);
}

const struct histogram *api_counts_durations(const struct api_counts *counts, unsigned operation)
{
	return &counts->durations[operation];
}
