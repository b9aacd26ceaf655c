/* The names of a listing in the order of their texts. */
#include "cache/order.h"
#include "tests/unit/unit_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct owned_name {
	struct name name; /* first */
	char text[256];
};

static struct names names;
static struct order *order;

static void drop(void *arg, struct name *name)
{
	(void)arg;
	free(name);
}

static int set_up(void **state)
{
	(void)state;
	names = (struct names){0};
	order = NULL;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	order_free(order);
	names_clear(&names, drop, NULL);
	return 0;
}

static void see(const char *text, uint32_t pass)
{
	struct name *name = names_find(&names, text);
	struct owned_name *owned;

	if (!name) {
		owned = calloc(1, sizeof(*owned));
		assert_non_null(owned);
		snprintf(owned->text, sizeof(owned->text), "%s", text);
		name = &owned->name;
		name->text_offset = offsetof(struct owned_name, text);
		assert_int_equal(names_add(&names, name), 0);
	}
	name->pass = pass;
}

/* Names with blanks between, in pass `pass`, which is complete with them. */
static void see_all(const char *texts, uint32_t pass)
{
	char copy[256], *rest = copy, *text;

	snprintf(copy, sizeof(copy), "%s", texts);
	while ((text = strsep(&rest, " ")))
		if (*text)
			see(text, pass);
	names_complete(&names, pass, pass, drop, NULL);
}

static void sort(void)
{
	order = order_new(order_copy_new(&names));
	assert_non_null(order);
}

static uint64_t place(const char *text)
{
	const struct name *name = names_find(&names, text);

	assert_non_null(name);
	return order_place(order, &names, name->sequence);
}

/* The names from a place on, that one not included, with blanks between. Static storage. */
static const char *read_on(uint64_t place, int direction)
{
	static char texts[256];
	const struct name *name;
	uint64_t found = 0;

	texts[0] = '\0';
	while ((name = order_next(order, &names, place, direction, &found))) {
		strcat(texts, texts[0] ? " " : "");
		strcat(texts, name_text(name));
		assert_true(direction > 0 ? found > place : found < place);
		place = found;
	}
	return texts;
}

static void places_are_those_of_the_texts(void **state)
{
	(void)state;
	see_all("delta alpha charlie bravo", 1);
	sort();
	assert_int_equal(place("alpha"), 1);
	assert_int_equal(place("bravo"), 2);
	assert_int_equal(place("charlie"), 3);
	assert_int_equal(place("delta"), 4);
	assert_string_equal(read_on(0, 1), "alpha bravo charlie delta");
}

static void a_name_comes_before_those_that_begin_with_it(void **state)
{
	(void)state;
	see_all("v1.1 v10 v1 v2 v1-rc v", 1);
	sort();
	assert_string_equal(read_on(0, 1), "v v1 v1-rc v1.1 v10 v2");
}

static void it_is_read_backwards_as_well(void **state)
{
	(void)state;
	see_all("b d a c", 1);
	sort();
	assert_string_equal(read_on(5, -1), "d c b a");
	assert_string_equal(read_on(3, -1), "b a");
	assert_string_equal(read_on(3, 1), "d");
}

static void it_ends_on_both_sides(void **state)
{
	uint64_t found = 7;

	(void)state;
	see_all("b a", 1);
	sort();
	assert_null(order_next(order, &names, 2, 1, &found));
	assert_null(order_next(order, &names, 1, -1, &found));
	assert_null(order_next(order, &names, 0, -1, &found));
	assert_null(order_next(order, &names, 1000, 1, &found));
	assert_int_equal(found, 7); /* untouched */
}

static void an_order_of_no_names_is_empty(void **state)
{
	uint64_t found;

	(void)state;
	sort();
	assert_null(order_next(order, &names, 0, 1, &found));
	assert_null(order_next(order, &names, 1, -1, &found));
	assert_int_equal(order_place(order, &names, 1), 0);
}

static void names_that_are_gone_are_passed_over(void **state)
{
	(void)state;
	see_all("e b d a c", 1);
	sort();
	see_all("e d a", 2);
	assert_string_equal(read_on(0, 1), "a d e");
	assert_string_equal(read_on(6, -1), "e d a");
}

static void names_that_came_later_are_not_in_it(void **state)
{
	(void)state;
	see_all("b d", 1);
	sort();
	see_all("b d c a", 2);
	assert_int_equal(place("a"), 0);
	assert_int_equal(place("c"), 0);
	assert_int_equal(place("d"), 2);
	assert_string_equal(read_on(0, 1), "b d");
	assert_int_equal(order_place(order, &names, 0), 0);
	assert_int_equal(order_place(order, &names, 1000), 0);
}

static void an_order_may_outlive_all_its_names(void **state)
{
	(void)state;
	see_all("b d", 1);
	sort();
	see_all("", 2);
	assert_string_equal(read_on(0, 1), "");
	assert_string_equal(read_on(3, -1), "");
}

static void gaps_in_the_listing_are_none_in_the_order(void **state)
{
	(void)state;
	see_all("f e d c b a", 1);
	see_all("f d b", 2);
	sort();
	assert_int_equal(place("b"), 1);
	assert_int_equal(place("d"), 2);
	assert_int_equal(place("f"), 3);
	assert_string_equal(read_on(0, 1), "b d f");
}

#define MANY 5000

static void many_names_are_sorted(void **state)
{
	char text[16];
	size_t bytes;

	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(text, sizeof(text), "t%04u", i * 1237 % MANY);
		see(text, 1);
	}
	sort();
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(text, sizeof(text), "t%04u", i);
		assert_int_equal(place(text), i + 1);
	}
	bytes = order_bytes(order);
	assert_in_range(bytes, MANY * 2, MANY * 64);
}

static void nothing_is_freed_without_harm(void **state)
{
	(void)state;
	order_free(NULL);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(places_are_those_of_the_texts),
	        cmocka_unit_test_fixture(a_name_comes_before_those_that_begin_with_it),
	        cmocka_unit_test_fixture(it_is_read_backwards_as_well),
	        cmocka_unit_test_fixture(it_ends_on_both_sides),
	        cmocka_unit_test_fixture(an_order_of_no_names_is_empty),
	        cmocka_unit_test_fixture(names_that_are_gone_are_passed_over),
	        cmocka_unit_test_fixture(names_that_came_later_are_not_in_it),
	        cmocka_unit_test_fixture(an_order_may_outlive_all_its_names),
	        cmocka_unit_test_fixture(gaps_in_the_listing_are_none_in_the_order),
	        cmocka_unit_test_fixture(many_names_are_sorted),
	        cmocka_unit_test_fixture(nothing_is_freed_without_harm),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
