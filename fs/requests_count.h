/* How many requests of each kind the kernel has sent, and how long they took. Threads: any. */
#ifndef ECRFS_FS_REQUESTS_COUNT_H
#define ECRFS_FS_REQUESTS_COUNT_H

#include "base/histogram.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum request_kind {
	REQUEST_LOOKUP,
	REQUEST_GETATTR,
	REQUEST_READLINK,
	REQUEST_OPEN,
	REQUEST_READ,
	REQUEST_OPENDIR,
	REQUEST_READDIR,
	REQUEST_READDIRPLUS,
	REQUEST_GETXATTR,
	REQUEST_LISTXATTR,
	REQUEST_STATFS,
	REQUEST_FORGET,
	REQUEST_IOCTL,
	REQUEST_KINDS,
};

struct requests_count {
	atomic_uint_fast64_t counts[REQUEST_KINDS];
	struct histogram durations[REQUEST_KINDS]; /* of those that may have to wait */
};

/* "LOOKUP", … Static storage. */
const char *request_kind_name(enum request_kind kind);

static inline void requests_count_one(struct requests_count *count, enum request_kind kind)
{
	atomic_fetch_add_explicit(&count->counts[kind], 1, memory_order_relaxed);
}

static inline uint64_t requests_count(struct requests_count *count, enum request_kind kind)
{
	return atomic_load_explicit(&count->counts[kind], memory_order_relaxed);
}

/* Whether such requests are timed: the others are answered at once. Threads: pure. */
bool requests_count_times(enum request_kind kind);

/* One was answered, after so long. */
static inline void requests_count_answered(struct requests_count *count, enum request_kind kind,
                                           uint64_t duration_ns)
{
	histogram_add(&count->durations[kind], duration_ns);
}

/* How many that are timed are not answered yet. */
uint64_t requests_count_open(const struct requests_count *count, enum request_kind kind);

uint64_t requests_count_all(struct requests_count *count);

#endif
