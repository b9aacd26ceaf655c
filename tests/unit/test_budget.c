/* The byte budget of the cache. */
#include "cache/budget.h"
#include "tests/unit/unit_test.h"

#include <stdbool.h>
#include <string.h>

/* What is cached in these tests; it goes as a whole, in parts, or not at all. */
struct thing {
	struct budget_item item; /* first */
	struct budget *budget;
	char name;
	size_t rest; /* what is left after it gave a part; 0: it goes as a whole */
	bool is_pinned;
	unsigned asked; /* to give memory back */
};

static struct budget budget;
static char gone[16]; /* the names of those that went, in their order */

static void evict(struct budget_item *item)
{
	struct thing *thing = (struct thing *)item;

	thing->asked++;
	if (thing->is_pinned)
		return;
	if (thing->rest && item->bytes > thing->rest) {
		budget_shrink(thing->budget, item, thing->rest);
		return;
	}
	budget_remove(thing->budget, item);
	gone[strlen(gone)] = thing->name;
}

static void start(size_t max_bytes)
{
	memset(gone, 0, sizeof(gone));
	budget_init(&budget, max_bytes);
}

static void add(struct thing *thing, char name, size_t bytes)
{
	*thing = (struct thing){
	        .item = {.evict = evict, .bytes = bytes}, .budget = &budget, .name = name};
	budget_add(&budget, &thing->item);
}

/* a, b, c…: added in this order, of `bytes` each. */
static void add_all(struct thing *things, size_t n, size_t bytes)
{
	for (size_t i = 0; i < n; i++)
		add(&things[i], (char)('a' + i), bytes);
}

static void what_fits_stays(void **state)
{
	struct thing things[3];

	(void)state;
	start(30);
	budget_keep(&budget); /* of nothing */
	add_all(things, 3, 10);
	budget_keep(&budget);
	assert_string_equal(gone, "");
	assert_int_equal(budget.bytes, 30);
	assert_int_equal(things[0].asked + things[1].asked + things[2].asked, 0);
}

static void the_least_recently_used_goes_first(void **state)
{
	struct thing things[4];

	(void)state;
	start(20);
	add_all(things, 4, 10);
	budget_keep(&budget);
	assert_string_equal(gone, "ab");
	assert_int_equal(budget.bytes, 20);
	assert_ptr_equal(budget.items, &things[2]);
}

static void no_more_goes_than_must(void **state)
{
	struct thing things[4];

	(void)state;
	start(39);
	add_all(things, 4, 10);
	budget_keep(&budget);
	assert_string_equal(gone, "a");
	assert_int_equal(budget.bytes, 30);
}

static void what_was_used_goes_later(void **state)
{
	struct thing things[4];

	(void)state;
	start(20);
	add_all(things, 4, 10);
	budget_touch(&budget, &things[0].item);
	budget_touch(&budget, &things[2].item);
	budget_touch(&budget, &things[2].item); /* it is the last one already */
	budget_keep(&budget);
	assert_string_equal(gone, "bd");
	assert_int_equal(budget.bytes, 20);
}

static void the_one_used_last_stays_however_small_the_limit(void **state)
{
	struct thing things[3];

	(void)state;
	start(0);
	add_all(things, 3, 10);
	budget_touch(&budget, &things[1].item);
	budget_keep(&budget);
	assert_string_equal(gone, "ac");
	assert_int_equal(budget.bytes, 10);
	budget_keep(&budget);
	assert_int_equal(things[1].asked, 0);
}

static void pinned_ones_are_passed_over(void **state)
{
	struct thing things[4];

	(void)state;
	start(20);
	add_all(things, 4, 10);
	things[0].is_pinned = true;
	things[1].is_pinned = true;
	budget_keep(&budget);
	assert_string_equal(gone, "c");
	assert_int_equal(budget.bytes, 30); /* nothing else can go */
	things[0].is_pinned = false;
	budget_keep(&budget);
	assert_string_equal(gone, "ca");
	assert_int_equal(budget.bytes, 20);
}

static void another_size_counts_at_the_same_place(void **state)
{
	struct thing things[3];

	(void)state;
	start(30);
	add_all(things, 3, 10);
	budget_resize(&budget, &things[0].item, 25);
	assert_int_equal(budget.bytes, 45);
	budget_resize(&budget, &things[0].item, 5);
	assert_int_equal(budget.bytes, 25);
	budget_resize(&budget, &things[2].item, 20);
	budget_keep(&budget);
	assert_string_equal(gone, "a");
	assert_int_equal(budget.bytes, 30);
}

static void a_part_goes_before_the_whole(void **state)
{
	struct thing things[4];

	(void)state;
	start(25);
	add_all(things, 4, 10);
	things[0].rest = 1;
	budget_keep(&budget);
	assert_string_equal(gone, "b"); /* a is as if it had been used just before d */
	assert_int_equal(budget.bytes, 21);
	add(&things[1], 'e', 10);
	budget_keep(&budget);
	assert_string_equal(gone, "bc");
	add(&things[2], 'f', 20);
	budget_keep(&budget);
	assert_string_equal(gone, "bcade"); /* what is left of a, too, is in its turn */
	assert_int_equal(budget.bytes, 20);
}

static void of_two_the_older_one_may_give_a_part(void **state)
{
	struct thing things[3];

	(void)state;
	start(15);
	add_all(things, 2, 10);
	things[0].rest = 5;
	budget_keep(&budget);
	assert_int_equal(budget.bytes, 15);
	assert_ptr_equal(budget.items, &things[0]);
	assert_ptr_equal(things[0].item.next, &things[1]);
	assert_null(things[1].item.next);
	add(&things[2], 'c', 10);
	budget_keep(&budget);
	assert_string_equal(gone, "ab");
}

static void the_rest_goes_as_well_where_the_part_was_not_enough(void **state)
{
	struct thing things[2];

	(void)state;
	start(10);
	add_all(things, 2, 10);
	things[0].rest = 5;
	budget_keep(&budget);
	assert_int_equal(things[0].asked, 2);
	assert_string_equal(gone, "a");
	assert_int_equal(budget.bytes, 10);
}

static void the_last_one_may_shrink_where_it_is(void **state)
{
	struct thing things[2];

	(void)state;
	start(10);
	add_all(things, 2, 10);
	budget_shrink(&budget, &things[1].item, 4);
	assert_int_equal(budget.bytes, 14);
	budget_keep(&budget);
	assert_string_equal(gone, "a");
	budget_shrink(&budget, &things[1].item, 2);
	budget_touch(&budget, &things[1].item);
	budget_remove(&budget, &things[1].item);
	assert_int_equal(budget.bytes, 0);
	assert_null(budget.items);
}

static void all_that_can_go_goes_when_it_is_emptied(void **state)
{
	struct thing things[4];

	(void)state;
	start(1000);
	add_all(things, 4, 10);
	things[1].is_pinned = true;
	things[2].rest = 5;
	budget_empty(&budget);
	assert_string_equal(gone, "adc");
	assert_int_equal(budget.bytes, 10);
	assert_ptr_equal(budget.items, &things[1].item);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_fits_stays),
	        cmocka_unit_test(the_least_recently_used_goes_first),
	        cmocka_unit_test(no_more_goes_than_must),
	        cmocka_unit_test(what_was_used_goes_later),
	        cmocka_unit_test(the_one_used_last_stays_however_small_the_limit),
	        cmocka_unit_test(pinned_ones_are_passed_over),
	        cmocka_unit_test(another_size_counts_at_the_same_place),
	        cmocka_unit_test(a_part_goes_before_the_whole),
	        cmocka_unit_test(of_two_the_older_one_may_give_a_part),
	        cmocka_unit_test(the_rest_goes_as_well_where_the_part_was_not_enough),
	        cmocka_unit_test(the_last_one_may_shrink_where_it_is),
	        cmocka_unit_test(all_that_can_go_goes_when_it_is_emptied),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
