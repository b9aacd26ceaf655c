/* The table that finds names by their texts. */
#include "cache/name_index.h"
#include "base/siphash.h"
#include "cache/names.h"
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAMES 120000

struct owned_name {
	struct name name; /* first */
	char text[16];
};

static struct owned_name owned[NAMES];
static struct name *places[NAMES];
static size_t n;
static struct name_index *index_under_test;

static bool memory_fails, random_fails, random_is_zero;

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
int __real_getentropy(void *buffer, size_t size);
int __wrap_getentropy(void *buffer, size_t size);

/* In place of the C library's for our own code (see CMakeLists.txt), as is the next one. */
void *__wrap_calloc(size_t count, size_t size)
{
	return memory_fails ? NULL : __real_calloc(count, size);
}

int __wrap_getentropy(void *buffer, size_t size)
{
	if (random_fails) {
		errno = ENOSYS;
		return -1;
	}
	if (!random_is_zero)
		return __real_getentropy(buffer, size);
	memset(buffer, 0, size);
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	n = 0;
	memory_fails = random_fails = random_is_zero = false;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	name_index_free(index_under_test);
	index_under_test = NULL;
	return 0;
}

static int add(const char *text)
{
	int r;

	snprintf(owned[n].text, sizeof(owned[n].text), "%s", text);
	owned[n].name.text_offset = offsetof(struct owned_name, text);
	places[n] = &owned[n].name;
	r = name_index_add(&index_under_test, places, n);
	n += r == 0;
	return r;
}

/* Names "v0", "v1", … */
static void add_numbered(unsigned count)
{
	char text[16];

	for (unsigned i = 0; i < count; i++) {
		snprintf(text, sizeof(text), "v%u", i);
		assert_int_equal(add(text), 0);
	}
}

static struct name *find(const char *text)
{
	return name_index_find(index_under_test, places, text);
}

/* What is at the places is found there, and nothing else. */
static void assert_all_found(void)
{
	char text[32];

	for (size_t i = 0; i < n; i++) {
		assert_ptr_equal(find(name_text(places[i])), places[i]);
		snprintf(text, sizeof(text), "%s-", name_text(places[i]));
		assert_null(find(text));
	}
}

static void an_empty_one_finds_nothing(void **state)
{
	(void)state;
	assert_null(find("v1"));
	assert_null(find(""));
	assert_int_equal(name_index_bytes(index_under_test), 0);
	name_index_renew(&index_under_test, places, 0);
	assert_null(index_under_test);
}

static void names_are_found_at_every_size(void **state)
{
	char text[16];

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "v%u", i);
		assert_null(find(text));
		assert_int_equal(add(text), 0);
		assert_all_found();
	}
}

static void a_place_takes_a_few_bytes(void **state)
{
	(void)state;
	add_numbered(NAMES);
	assert_all_found();
	assert_in_range(name_index_bytes(index_under_test), 4 * NAMES, 10 * NAMES);
}

/* All in the last slot of the smallest table, so that the way to a free one begins anew. */
static void names_that_collide_are_told_apart(void **state)
{
	const struct siphash_key zero = {{0, 0}};
	char text[16], others[8][16];
	size_t n_others = 0;

	(void)state;
	random_is_zero = true;
	for (unsigned i = 0; n_others < 8; i++) {
		snprintf(text, sizeof(text), "v%u", i);
		if (siphash(&zero, text, strlen(text)) % 8 != 7)
			continue;
		if (n < 7)
			assert_int_equal(add(text), 0);
		else
			strcpy(others[n_others++], text);
	}
	assert_all_found();
	for (size_t i = 0; i < n_others; i++)
		assert_null(find(others[i]));
}

/* Every second name is taken away, and the others move together. */
static void take_half_away(void)
{
	for (size_t i = 0; 2 * i < n; i++)
		places[i] = places[2 * i];
	n = (n + 1) / 2;
	name_index_renew(&index_under_test, places, n);
}

static void names_that_have_moved_are_found(void **state)
{
	size_t bytes;

	(void)state;
	add_numbered(1000);
	bytes = name_index_bytes(index_under_test);
	take_half_away();
	assert_all_found();
	assert_null(find("v1"));
	take_half_away();
	take_half_away();
	assert_all_found();
	assert_true(name_index_bytes(index_under_test) <= bytes / 4);
	assert_int_equal(add("v1"), 0);
	assert_all_found();
}

static void none_may_be_left(void **state)
{
	(void)state;
	add_numbered(100);
	n = 0;
	name_index_renew(&index_under_test, places, n);
	assert_null(find("v1"));
	assert_true(name_index_bytes(index_under_test) < 100);
	add_numbered(100);
	assert_all_found();
}

static void without_memory_nothing_is_lost(void **state)
{
	char text[16] = "";

	(void)state;
	memory_fails = true;
	assert_int_equal(add("v0"), -ENOMEM);
	assert_null(index_under_test);
	memory_fails = false;
	add_numbered(100);
	memory_fails = true;
	for (unsigned i = 100; add(text) == 0; i++)
		snprintf(text, sizeof(text), "v%u", i);
	assert_null(find(text));
	assert_all_found();
	memory_fails = false;
	assert_int_equal(add(text), 0);
	assert_all_found();
}

static void without_memory_it_is_renewed_as_large_as_it_was(void **state)
{
	size_t bytes;

	(void)state;
	add_numbered(1000);
	bytes = name_index_bytes(index_under_test);
	n = 10;
	memory_fails = true;
	name_index_renew(&index_under_test, places, n);
	assert_int_equal(name_index_bytes(index_under_test), bytes);
	assert_all_found();
	assert_null(find("v10"));
}

static void without_random_numbers_there_is_none(void **state)
{
	(void)state;
	random_fails = true;
	assert_int_equal(add("v1"), -ENOSYS);
	assert_null(find("v1"));
	random_fails = false;
	assert_int_equal(add("v1"), 0);
	assert_all_found();
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(an_empty_one_finds_nothing),
	        cmocka_unit_test_fixture(names_are_found_at_every_size),
	        cmocka_unit_test_fixture(a_place_takes_a_few_bytes),
	        cmocka_unit_test_fixture(names_that_collide_are_told_apart),
	        cmocka_unit_test_fixture(names_that_have_moved_are_found),
	        cmocka_unit_test_fixture(none_may_be_left),
	        cmocka_unit_test_fixture(without_memory_nothing_is_lost),
	        cmocka_unit_test_fixture(without_memory_it_is_renewed_as_large_as_it_was),
	        cmocka_unit_test_fixture(without_random_numbers_there_is_none),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
