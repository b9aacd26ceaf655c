/* Open addressing with linear probing. Nothing is taken out of the table: whoever takes names away
 * moves the others together, and has the table built anew. */
#include "cache/name_index.h"
#include "base/siphash.h"
#include "cache/budget.h"
#include "cache/names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MIN_SLOTS 8u
#define MAX_SLOTS (1u << 31)

struct name_index {
	struct siphash_key key;
	uint32_t mask;    /* so many slots less one: a power of two */
	uint32_t slots[]; /* 0: free; else the place and one, above it bits of the hash */
};

/* How many of so many slots may be taken: with more of them, the way to a free one gets long. */
static size_t room_of(size_t slots)
{
	return slots / 8 * 7;
}

static uint64_t hash_of(const struct name_index *index, const char *text)
{
	return siphash(&index->key, text, strlen(text));
}

/* The bits of the hash that a slot has: of its other half, which does not tell the way to it. */
static uint32_t mark_of(const struct name_index *index, uint64_t hash)
{
	return (uint32_t)(hash >> 32) & ~index->mask;
}

static struct name *name_at(const struct name_index *index, uint32_t slot,
                            struct name *const *places)
{
	return places[(slot & index->mask) - 1];
}

struct name *name_index_find(const struct name_index *index, struct name *const *places,
                             const char *text)
{
	uint64_t hash;
	uint32_t slot;

	if (!index)
		return NULL;
	hash = hash_of(index, text);
	for (uint32_t i = hash & index->mask; (slot = index->slots[i]); i = (i + 1) & index->mask) {
		if ((slot & ~index->mask) == mark_of(index, hash) &&
		    strcmp(name_text(name_at(index, slot, places)), text) == 0)
			return name_at(index, slot, places);
	}
	return NULL;
}

static void put(struct name_index *index, const struct name *name, size_t place)
{
	uint64_t hash = hash_of(index, name_text(name));
	uint32_t i = hash & index->mask;

	while (index->slots[i])
		i = (i + 1) & index->mask;
	index->slots[i] = mark_of(index, hash) | ((uint32_t)place + 1);
}

static void put_all(struct name_index *index, struct name *const *places, size_t n)
{
	for (size_t place = 0; place < n; place++)
		put(index, places[place], place);
}

/* Puts the names into a table of another size. Answers 0 or a negative errno. */
static int resize(struct name_index **index, size_t slots, struct name *const *places, size_t n)
{
	struct name_index *other;
	int r = -ENOMEM;

	if (slots > MAX_SLOTS)
		return r;
	other = calloc(1, sizeof(*other) + slots * sizeof(other->slots[0]));
	if (other)
		r = siphash_key_new(&other->key);
	if (r < 0) {
		free(other);
		return r;
	}
	other->mask = (uint32_t)slots - 1;
	put_all(other, places, n);
	free(*index);
	*index = other;
	return 0;
}

static size_t slots_of(const struct name_index *index)
{
	return index ? (size_t)index->mask + 1 : 0;
}

int name_index_add(struct name_index **index, struct name *const *places, size_t n)
{
	size_t slots = slots_of(*index);

	if (n == room_of(slots))
		return resize(index, slots ? 2 * slots : MIN_SLOTS, places, n + 1);
	put(*index, places[n], n);
	return 0;
}

void name_index_renew(struct name_index **index, struct name *const *places, size_t n)
{
	size_t slots = MIN_SLOTS;

	if (!*index)
		return;
	while (room_of(slots) < n)
		slots *= 2;
	if (slots < slots_of(*index) && resize(index, slots, places, n) == 0)
		return;
	memset((*index)->slots, 0, slots_of(*index) * sizeof((*index)->slots[0]));
	put_all(*index, places, n);
}

void name_index_free(struct name_index *index)
{
	free(index);
}

size_t name_index_bytes(const struct name_index *index)
{
	return budget_heap_bytes(index);
}
