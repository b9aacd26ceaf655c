/* Immutable bytes, counted: a manifest in the cache and the readers that are sending it. */
#ifndef ECRFS_BASE_BYTES_H
#define ECRFS_BASE_BYTES_H

#include <stdatomic.h>
#include <stddef.h>

struct bytes {
	atomic_uint references;
	size_t size;
	char data[];
};

/* Copies `size` bytes. Returns new, or NULL when out of memory. Threads: any. */
struct bytes *bytes_new(const void *data, size_t size);

/* Returns reference. Threads: any. */
struct bytes *bytes_ref(struct bytes *bytes);

/* Gives a reference back; the last one frees. Accepts NULL. Threads: any. */
void bytes_unref(struct bytes *bytes);

/* For CLEANUP(). */
static inline void unref_bytes(struct bytes **bytes)
{
	bytes_unref(*bytes);
}

#endif
