/* Ordered sets of names: an index for looking up, an array for reading on from a place. */
#include "cache/names.h"
#include "cache/budget.h"
#include "cache/name_index.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define MIN_PLACES 4

struct name *names_find(const struct names *names, const char *text)
{
	return name_index_find(names->index, names->places, text);
}

/* The place of the first name with a sequence number above `sequence`; `n`: there is none. */
static size_t place_after(const struct names *names, uint64_t sequence)
{
	size_t low = 0, high = names->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (names->places[middle]->sequence > sequence)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

struct name *names_at(const struct names *names, uint64_t sequence)
{
	size_t place = sequence ? place_after(names, sequence - 1) : names->n;

	return place < names->n && names->places[place]->sequence == sequence ? names->places[place]
	                                                                      : NULL;
}

struct name *names_next(const struct names *names, uint64_t sequence)
{
	size_t place = place_after(names, sequence);

	return place < names->n ? names->places[place] : NULL;
}

struct name *names_before(const struct names *names, uint64_t sequence)
{
	size_t place = sequence ? place_after(names, sequence - 1) : 0;

	return place ? names->places[place - 1] : NULL;
}

size_t names_copy(const struct names *names, uint64_t sequence, size_t max, names_take_fn take,
                  struct listed_name *ret_names)
{
	size_t n = 0;

	for (size_t i = place_after(names, sequence); i < names->n && n < max; i++) {
		const struct name *name = names->places[i];

		if (take && !take(name, &ret_names[n]))
			continue;
		ret_names[n].sequence = name->sequence;
		ret_names[n].number = name->number;
		snprintf(ret_names[n].text, sizeof(ret_names[n].text), "%s", name_text(name));
		n++;
	}
	return n;
}

static int resize(struct names *names, size_t capacity)
{
	struct name **places = reallocarray(names->places, capacity, sizeof(*places));

	if (!places)
		return -ENOMEM;
	names->places = places;
	names->capacity = capacity;
	return 0;
}

int names_add(struct names *names, struct name *name)
{
	int r = 0;

	if (names->n == names->capacity)
		r = resize(names, names->capacity + names->capacity / 2 + MIN_PLACES);
	if (r < 0)
		return r;
	names->places[names->n] = name;
	r = name_index_add(&names->index, names->places, names->n);
	if (r < 0)
		return r;
	name->sequence = ++names->last_sequence;
	names->n++;
	names->changed = true;
	return 0;
}

/* Takes off what the pass did not show, and moves the others together. */
static void take_off(struct names *names, uint32_t pass, names_gone_fn gone, void *arg)
{
	size_t kept = 0;

	for (size_t i = 0; i < names->n; i++) {
		if (names->places[i]->pass == pass)
			names->places[kept++] = names->places[i];
		else
			gone(arg, names->places[i]);
	}
	if (kept == names->n)
		return;
	names->n = kept;
	names->changed = true;
	name_index_renew(&names->index, names->places, kept);
}

/* Gives back what has become much too large; without memory for that, it stays as it is. */
static void trim(struct names *names)
{
	size_t wanted = names->n > MIN_PLACES ? names->n : MIN_PLACES;

	if (names->capacity > wanted + wanted / 8)
		resize(names, wanted);
}

void names_complete(struct names *names, uint32_t pass, uint64_t realtime_ns, names_gone_fn gone,
                    void *arg)
{
	take_off(names, pass, gone, arg);
	trim(names);
	if (names->changed || !names->changed_ns)
		names->changed_ns = realtime_ns;
	names->changed = false;
}

void names_clear(struct names *names, names_gone_fn gone, void *arg)
{
	for (size_t i = 0; i < names->n; i++)
		gone(arg, names->places[i]);
	free(names->places);
	name_index_free(names->index);
	*names = (struct names){0};
}

size_t names_bytes(const struct names *names)
{
	return budget_heap_bytes(names->places) + name_index_bytes(names->index);
}
