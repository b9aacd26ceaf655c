/* Immutable counted bytes. */
#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

struct bytes *bytes_new(const void *data, size_t size)
{
	struct bytes *bytes = malloc(sizeof(*bytes) + size);

	if (!bytes)
		return NULL;
	atomic_init(&bytes->references, 1);
	bytes->size = size;
	if (size)
		memcpy(bytes->data, data, size);
	return bytes;
}

struct bytes *bytes_ref(struct bytes *bytes)
{
	atomic_fetch_add_explicit(&bytes->references, 1, memory_order_relaxed);
	return bytes;
}

void bytes_unref(struct bytes *bytes)
{
	if (bytes && atomic_fetch_sub_explicit(&bytes->references, 1, memory_order_acq_rel) == 1)
		free(bytes);
}
