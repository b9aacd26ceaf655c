/* Names sorted by their texts. */
#include "cache/order.h"
#include "cache/budget.h"

#include <stdlib.h>
#include <string.h>

struct order {
	size_t n;
	uint32_t sequences[];
};

struct copied_name {
	const char *text;
	uint32_t sequence;
};

struct order_copy {
	size_t n;
	char *texts;
	struct copied_name names[];
};

static void copy_free(struct order_copy *copy)
{
	if (copy)
		free(copy->texts);
	free(copy);
}

struct order_copy *order_copy_new(const struct names *names)
{
	size_t n = 0, size = 0;
	const struct name *name;
	struct order_copy *copy;
	char *at;

	for (name = names_next(names, 0); name; name = names_next(names, name->sequence), n++)
		size += strlen(name_text(name)) + 1;
	copy = malloc(sizeof(*copy) + n * sizeof(copy->names[0]));
	at = malloc(size + 1);
	if (!copy || !at) {
		free(copy);
		free(at);
		return NULL;
	}
	*copy = (struct order_copy){.texts = at};
	for (name = names_next(names, 0); name; name = names_next(names, name->sequence)) {
		copy->names[copy->n++] =
		        (struct copied_name){.text = at, .sequence = (uint32_t)name->sequence};
		at = stpcpy(at, name_text(name)) + 1;
	}
	return copy;
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct copied_name *)a)->text, ((const struct copied_name *)b)->text);
}

struct order *order_new(struct order_copy *copy)
{
	struct order *order = malloc(sizeof(*order) + copy->n * sizeof(order->sequences[0]));

	if (order) {
		qsort(copy->names, copy->n, sizeof(copy->names[0]), compare);
		order->n = copy->n;
		for (size_t i = 0; i < copy->n; i++)
			order->sequences[i] = copy->names[i].sequence;
	}
	copy_free(copy);
	return order;
}

void order_free(struct order *order)
{
	free(order);
}

size_t order_bytes(const struct order *order)
{
	return budget_heap_bytes(order);
}

uint64_t order_place(const struct order *order, const struct names *names, uint64_t sequence)
{
	const struct name *wanted = names_at(names, sequence);
	size_t low = 0, high = order->n;

	while (wanted && low < high) {
		size_t middle = low + (high - low) / 2;
		const struct name *name = names_at(names, order->sequences[middle]);
		int comparison = name ? strcmp(name_text(wanted), name_text(name)) : 0;

		if (!name) /* a name is gone: this order is of no use any more */
			return 0;
		if (comparison == 0)
			return middle + 1;
		if (comparison < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return 0;
}

const struct name *order_next(const struct order *order, const struct names *names, uint64_t place,
                              int direction, uint64_t *ret_place)
{
	while (order->n) {
		const struct name *name;

		if (direction > 0 ? place >= order->n : place <= 1)
			return NULL;
		place = place > order->n ? order->n : direction > 0 ? place + 1 : place - 1;
		name = names_at(names, order->sequences[place - 1]);
		if (!name)
			continue;
		*ret_place = place;
		return name;
	}
	return NULL;
}
