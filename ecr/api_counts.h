/* How the calls of the API ended, and what happened on their way, by operation. Threads: any. */
#ifndef ECRFS_ECR_API_COUNTS_H
#define ECRFS_ECR_API_COUNTS_H

#include "base/histogram.h"
#include "base/status.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* Statuses are counted one by one: this is behind the last one. */
#define API_COUNTS_STATUSES (STATUS_MISCONFIGURED + 1)

#define API_COUNTS_OPERATIONS 11

enum api_event {
	API_RETRIED,         /* sent again after an error that may pass */
	API_THROTTLED,       /* an answer said that calls come too fast */
	API_DELAYED,         /* an attempt waited for its turn: adaptive mode */
	API_CLOCK_CORRECTED, /* an answer told that the clock is wrong */
	API_NOT_SENT,        /* a call ended at once: the endpoint is offline */
	API_EVENTS,
};

enum api_direction {
	API_SENT,
	API_RECEIVED,
	API_DIRECTIONS,
};

struct api_counts {
	atomic_uint_fast64_t counts[API_COUNTS_OPERATIONS][API_COUNTS_STATUSES];
	atomic_uint_fast64_t events[API_COUNTS_OPERATIONS][API_EVENTS];
	atomic_uint_fast64_t bytes[API_COUNTS_OPERATIONS][API_DIRECTIONS];
	struct histogram durations[API_COUNTS_OPERATIONS];
};

/* The name of the i-th operation; the last one stands for all others. Static storage. */
const char *api_counts_operation(unsigned i);

/* One call of `operation` has ended, all its attempts and waits included, after so long. */
void api_counts_add(struct api_counts *counts, const char *operation, enum status status,
                    uint64_t duration_ns);

uint64_t api_counts_get(const struct api_counts *counts, unsigned operation, enum status status);

/* Something has happened to a call of `operation`. */
void api_counts_add_event(struct api_counts *counts, const char *operation, enum api_event event);

uint64_t api_counts_get_event(const struct api_counts *counts, unsigned operation,
                              enum api_event event);

/* So many bytes of bodies, unpacked, were exchanged in an attempt. */
void api_counts_add_bytes(struct api_counts *counts, const char *operation,
                          enum api_direction direction, size_t bytes);

uint64_t api_counts_get_bytes(const struct api_counts *counts, unsigned operation,
                              enum api_direction direction);

/* How long the calls took. Borrowed. */
const struct histogram *api_counts_durations(const struct api_counts *counts, unsigned operation);

#endif
