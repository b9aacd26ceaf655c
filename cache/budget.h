/* How much memory the cache may use, and what has to go first: least recently used.
 *
 * All functions: the caller holds the cache's lock. Threads: any.
 */
#ifndef ECRFS_CACHE_BUDGET_H
#define ECRFS_CACHE_BUDGET_H

#include <stddef.h>

struct budget_item;

/* Gives memory back. An item that goes as a whole takes itself off the budget; one that can give a
 * part first does so with budget_shrink() and is asked again later; one that is in use does
 * nothing. */
typedef void (*budget_evict_fn)(struct budget_item *item);

/* Embedded in what is cached. */
struct budget_item {
	struct budget_item *prev, *next; /* least recently used first */
	budget_evict_fn evict;
	size_t bytes;
};

struct budget {
	struct budget_item *items;
	size_t bytes; /* of all items */
	size_t max_bytes;
};

void budget_init(struct budget *budget, size_t max_bytes);

/* The item has `item->bytes` and was used just now. */
void budget_add(struct budget *budget, struct budget_item *item);
void budget_remove(struct budget *budget, struct budget_item *item);

/* It was used. */
void budget_touch(struct budget *budget, struct budget_item *item);

/* It has another size now. */
void budget_resize(struct budget *budget, struct budget_item *item, size_t bytes);

/* It gave a part of itself, and stays as if it had been used just before the last one. */
void budget_shrink(struct budget *budget, struct budget_item *item, size_t bytes);

/* What an allocation (NULL: none) takes of the heap, with what malloc keeps and rounds up. */
size_t budget_heap_bytes(const void *allocation);

/* Evicts until the limit is kept or nothing can go. The item used last always stays: what was just
 * fetched must be there for the one who reads it, however small the limit. */
void budget_keep(struct budget *budget);

/* Evicts all that can go. */
void budget_empty(struct budget *budget);

#endif
