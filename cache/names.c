/* Ordered sets of names: a hash for looking up, an array for reading on from a place. */
#include "cache/names.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct name *names_find(const struct names *names, const char *text)
{
	struct name *name;

	HASH_FIND_STR(names->by_text, text, name);
	return name;
}

struct name *names_at(const struct names *names, uint64_t sequence)
{
	return sequence && sequence <= names->last_sequence ? names->by_sequence[sequence - 1]
	                                                    : NULL;
}

struct name *names_next(const struct names *names, uint64_t sequence)
{
	for (; sequence < names->last_sequence; sequence++)
		if (names->by_sequence[sequence])
			return names->by_sequence[sequence];
	return NULL;
}

struct name *names_before(const struct names *names, uint64_t sequence)
{
	if (sequence > names->last_sequence + 1)
		sequence = names->last_sequence + 1;
	while (sequence > 1)
		if (names->by_sequence[--sequence - 1])
			return names->by_sequence[sequence - 1];
	return NULL;
}

size_t names_copy(const struct names *names, uint64_t sequence, size_t max, names_take_fn take,
                  struct listed_name *ret_names)
{
	const struct name *name;
	size_t n = 0;

	while (n < max && (name = names_next(names, sequence))) {
		sequence = name->sequence;
		if (take && !take(name, &ret_names[n]))
			continue;
		ret_names[n].sequence = sequence;
		ret_names[n].number = name->number;
		snprintf(ret_names[n].text, sizeof(ret_names[n].text), "%s", name->text);
		n++;
	}
	return n;
}

static int make_room(struct names *names)
{
	size_t capacity = names->capacity ? 2 * names->capacity : 8;
	struct name **grown;

	if (names->last_sequence < names->capacity)
		return 0;
	grown = reallocarray(names->by_sequence, capacity, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	names->by_sequence = grown;
	names->capacity = capacity;
	return 0;
}

int names_add(struct names *names, struct name *name)
{
	if (make_room(names) < 0)
		return -ENOMEM;
	names->by_sequence[names->last_sequence++] = name;
	name->sequence = names->last_sequence;
	HASH_ADD_KEYPTR(hh, names->by_text, name->text, strlen(name->text), name);
	if (!name->hh.tbl) { /* out of memory */
		names->by_sequence[--names->last_sequence] = NULL;
		return -ENOMEM;
	}
	names->changed = true;
	return 0;
}

static void take_off(struct names *names, struct name *name, names_gone_fn gone, void *arg)
{
	names->by_sequence[name->sequence - 1] = NULL;
	HASH_DEL(names->by_text, name);
	names->changed = true;
	gone(arg, name);
}

void names_complete(struct names *names, uint32_t pass, uint64_t realtime_ns, names_gone_fn gone,
                    void *arg)
{
	struct name *name, *next;

	HASH_ITER (hh, names->by_text, name, next) {
		if (name->pass != pass)
			take_off(names, name, gone, arg);
	}
	if (names->changed || !names->changed_ns)
		names->changed_ns = realtime_ns;
	names->changed = false;
}

void names_clear(struct names *names, names_gone_fn gone, void *arg)
{
	struct name *name, *next;

	HASH_ITER (hh, names->by_text, name, next) {
		take_off(names, name, gone, arg);
	}
	free(names->by_sequence);
	*names = (struct names){0};
}

size_t names_bytes(const struct names *names)
{
	return names->capacity * sizeof(struct name *);
}
