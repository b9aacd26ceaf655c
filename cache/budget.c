/* The byte budget: one list in order of use. */
#include "cache/budget.h"

#include <malloc.h>
#include <utlist.h>

/* glibc: one word before each allocation, for its size. */
#define HEADER_BYTES sizeof(size_t)

void budget_init(struct budget *budget, size_t max_bytes)
{
	*budget = (struct budget){.max_bytes = max_bytes};
}

void budget_add(struct budget *budget, struct budget_item *item)
{
	DL_APPEND(budget->items, item);
	budget->bytes += item->bytes;
}

void budget_remove(struct budget *budget, struct budget_item *item)
{
	DL_DELETE(budget->items, item);
	budget->bytes -= item->bytes;
}

void budget_touch(struct budget *budget, struct budget_item *item)
{
	if (!item->next)
		return; /* it is the last one already */
	DL_DELETE(budget->items, item);
	DL_APPEND(budget->items, item);
}

void budget_resize(struct budget *budget, struct budget_item *item, size_t bytes)
{
	budget->bytes += bytes - item->bytes;
	item->bytes = bytes;
}

void budget_shrink(struct budget *budget, struct budget_item *item, size_t bytes)
{
	struct budget_item *last = budget->items->prev;

	budget_resize(budget, item, bytes);
	if (item == last)
		return;
	DL_DELETE(budget->items, item);
	DL_PREPEND_ELEM(budget->items, last, item); /* a macro: `last` must not move under it */
}

size_t budget_heap_bytes(const void *allocation)
{
	return allocation ? malloc_usable_size((void *)allocation) + HEADER_BYTES : 0;
}

void budget_keep(struct budget *budget)
{
	struct budget_item *item = budget->items;

	while (budget->bytes > budget->max_bytes && item && item->next) {
		struct budget_item *next = item->next;
		size_t bytes = budget->bytes;

		item->evict(item);
		item = next;
		/* What gave a part is now before the last one, and is asked for the rest. */
		if (budget->bytes < bytes && !next->next && next != budget->items)
			item = next->prev;
	}
}

void budget_empty(struct budget *budget)
{
	size_t before;

	do { /* what gave a part is asked for the rest */
		struct budget_item *item = budget->items;

		before = budget->bytes;
		while (item) {
			struct budget_item *next = item->next;

			item->evict(item);
			item = next;
		}
	} while (budget->bytes < before);
}
