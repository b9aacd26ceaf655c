/* How many requests of each kind the kernel has sent. Threads: any. */
#ifndef ECRFS_FS_REQUESTS_COUNT_H
#define ECRFS_FS_REQUESTS_COUNT_H

#include <stdatomic.h>
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
	REQUEST_KINDS,
};

struct requests_count {
	atomic_uint_fast64_t counts[REQUEST_KINDS];
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

uint64_t requests_count_all(struct requests_count *count);

#endif
