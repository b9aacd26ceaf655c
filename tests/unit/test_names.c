/* The names of a directory, in their order. */
#include "cache/names.h"
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All names of one test, put one after the other. */
#define TEXTS_SIZE 8192

struct owned_name {
	struct name name; /* first */
	char text[256];
};

static struct names names;
static bool memory_fails;

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_reallocarray(void *memory, size_t count, size_t size);
void *__wrap_reallocarray(void *memory, size_t count, size_t size);

/* In place of the C library's for our own code (see CMakeLists.txt), as is the next one. */
void *__wrap_calloc(size_t count, size_t size)
{
	return memory_fails ? NULL : __real_calloc(count, size);
}

void *__wrap_reallocarray(void *memory, size_t count, size_t size)
{
	return memory_fails ? NULL : __real_reallocarray(memory, count, size);
}

static char gone[TEXTS_SIZE];

static void note_gone(void *arg, struct name *name)
{
	assert_ptr_equal(arg, &names);
	strcat(gone, name_text(name));
	free(name);
}

static int set_up(void **state)
{
	(void)state;
	names = (struct names){0};
	memory_fails = false;
	gone[0] = '\0';
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	names_clear(&names, note_gone, &names);
	return 0;
}

/* The server showed this name in pass `pass`. */
static struct name *see(const char *text, uint32_t pass)
{
	struct name *name = names_find(&names, text);
	struct owned_name *owned;

	if (!name) {
		owned = calloc(1, sizeof(*owned));
		assert_non_null(owned);
		snprintf(owned->text, sizeof(owned->text), "%s", text);
		name = &owned->name;
		name->text_offset = offsetof(struct owned_name, text);
		name->number = 1000 + names.last_sequence;
		assert_int_equal(names_add(&names, name), 0);
	}
	name->pass = pass;
	return name;
}

/* Each letter is a name. */
static void see_all(const char *letters, uint32_t pass)
{
	for (; *letters; letters++)
		see((char[]){*letters, '\0'}, pass);
}

static void complete(uint32_t pass, uint64_t realtime_ns)
{
	names_complete(&names, pass, realtime_ns, note_gone, &names);
}

/* The names that follow `sequence`, one after the other. Static storage. */
static const char *read_on(uint64_t sequence)
{
	static char texts[TEXTS_SIZE];
	const struct name *name;

	texts[0] = '\0';
	while ((name = names_next(&names, sequence))) {
		strcat(texts, name_text(name));
		sequence = name->sequence;
	}
	return texts;
}

/* The names before `sequence`, backwards. Static storage. */
static const char *read_back(uint64_t sequence)
{
	static char texts[TEXTS_SIZE];
	const struct name *name;

	texts[0] = '\0';
	while ((name = names_before(&names, sequence))) {
		strcat(texts, name_text(name));
		sequence = name->sequence;
	}
	return texts;
}

static void an_empty_set_has_no_names(void **state)
{
	struct listed_name listed;

	(void)state;
	assert_null(names_find(&names, "a"));
	assert_null(names_next(&names, 0));
	assert_null(names_before(&names, UINT64_MAX));
	assert_null(names_at(&names, 1));
	assert_int_equal(names_copy(&names, 0, 1, NULL, &listed), 0);
	assert_int_equal(names_bytes(&names), 0);
	assert_int_equal(names.changed_ns, 0);
}

static void names_come_in_the_order_in_which_they_were_seen(void **state)
{
	(void)state;
	assert_int_equal(see("c", 1)->sequence, 1);
	assert_int_equal(see("a", 1)->sequence, 2);
	assert_int_equal(see("b", 1)->sequence, 3);
	assert_string_equal(read_on(0), "cab");
	assert_int_equal(see("a", 2)->sequence, 2);
	assert_string_equal(read_on(0), "cab");
}

static void a_name_is_found_by_its_text(void **state)
{
	const struct name *name = see("b", 1);

	(void)state;
	see("bb", 1);
	assert_ptr_equal(names_find(&names, "b"), name);
	assert_null(names_find(&names, "B"));
	assert_null(names_find(&names, ""));
}

static void what_a_complete_pass_did_not_show_is_gone(void **state)
{
	(void)state;
	see_all("abcd", 1);
	complete(1, 100);
	assert_string_equal(gone, "");
	see_all("db", 2);
	assert_string_equal(read_on(0), "abcd"); /* until the pass is complete */
	complete(2, 200);
	assert_string_equal(gone, "ac");
	assert_string_equal(read_on(0), "bd");
	assert_null(names_find(&names, "a"));
}

static void a_pass_without_names_takes_all_off(void **state)
{
	(void)state;
	see_all("abc", 1);
	complete(1, 100);
	complete(2, 200);
	assert_string_equal(gone, "abc");
	assert_string_equal(read_on(0), "");
	assert_int_equal(names.changed_ns, 200);
}

static void the_place_of_a_name_that_is_gone_is_not_given_again(void **state)
{
	(void)state;
	see_all("abc", 1);
	complete(1, 100);
	see_all("ac", 2);
	complete(2, 200);
	assert_int_equal(see("d", 3)->sequence, 4);
	assert_int_equal(see("b", 3)->sequence, 5); /* it is back, as a new one */
	assert_string_equal(read_on(0), "acdb");
}

static void who_reads_on_misses_nothing_and_sees_nothing_twice(void **state)
{
	(void)state;
	see_all("abcd", 1);
	complete(1, 100);
	assert_string_equal(read_on(2), "cd"); /* a and b were read */
	see_all("bde", 2);
	complete(2, 200); /* a and c are gone, e is new */
	assert_string_equal(read_on(2), "de");
	assert_string_equal(read_on(3), "de"); /* c was the last one that was read */
	assert_string_equal(read_on(5), "");
	assert_string_equal(read_on(1000), "");
}

static void a_name_is_found_at_its_place(void **state)
{
	const struct name *name;

	(void)state;
	see_all("abcd", 1);
	name = names_find(&names, "c");
	assert_ptr_equal(names_at(&names, 3), name);
	see_all("cde", 2);
	complete(2, 200);
	assert_ptr_equal(names_at(&names, 3), name);
	assert_null(names_at(&names, 1)); /* it is gone */
	assert_string_equal(name_text(names_at(&names, 5)), "e");
	assert_null(names_at(&names, 0));
	assert_null(names_at(&names, 6));
	assert_null(names_at(&names, UINT64_MAX));
}

static void who_reads_backwards_misses_nothing_either(void **state)
{
	(void)state;
	see_all("abcd", 1);
	assert_string_equal(read_back(5), "dcba");
	assert_string_equal(read_back(1000), "dcba");
	assert_string_equal(read_back(3), "ba"); /* c was read */
	see_all("bde", 2);
	complete(2, 200); /* a and c are gone, e is new */
	assert_string_equal(read_back(UINT64_MAX), "edb");
	assert_string_equal(read_back(4), "b");
	assert_string_equal(read_back(3), "b");
	assert_string_equal(read_back(2), "");
	assert_string_equal(read_back(0), "");
}

static void names_are_copied_by_pieces(void **state)
{
	struct listed_name listed[3];

	(void)state;
	see_all("abcde", 1);
	see_all("abde", 2);
	complete(2, 100);
	assert_int_equal(names_copy(&names, 0, 3, NULL, listed), 3);
	assert_string_equal(listed[2].text, "d");
	assert_int_equal(listed[2].sequence, 4);
	assert_int_equal(listed[2].number, 1003);
	assert_int_equal(names_copy(&names, listed[2].sequence, 3, NULL, listed), 1);
	assert_string_equal(listed[0].text, "e");
	assert_int_equal(names_copy(&names, listed[0].sequence, 3, NULL, listed), 0);
	assert_int_equal(names_copy(&names, 0, 0, NULL, listed), 0);
}

static void the_longest_name_is_copied_as_a_whole(void **state)
{
	struct listed_name listed;
	char text[256];

	(void)state;
	memset(text, 'x', 255);
	text[255] = '\0';
	see(text, 1);
	assert_int_equal(names_copy(&names, 0, 1, NULL, &listed), 1);
	assert_string_equal(listed.text, text);
}

static void the_time_moves_only_with_the_set(void **state)
{
	(void)state;
	see_all("ab", 1);
	assert_int_equal(names.changed_ns, 0); /* it is not known as a whole yet */
	complete(1, 100);
	assert_int_equal(names.changed_ns, 100);
	see_all("ba", 2);
	complete(2, 200);
	assert_int_equal(names.changed_ns, 100);
	see_all("abc", 3);
	complete(3, 300);
	assert_int_equal(names.changed_ns, 300);
	see_all("ab", 4);
	complete(4, 400);
	assert_int_equal(names.changed_ns, 400);
	see_all("ac", 5); /* as many as before */
	complete(5, 500);
	assert_int_equal(names.changed_ns, 500);
	see_all("ac", 6);
	complete(6, 600);
	assert_int_equal(names.changed_ns, 500);
}

static void an_empty_directory_has_a_time(void **state)
{
	(void)state;
	complete(1, 100);
	assert_int_equal(names.changed_ns, 100);
	complete(2, 200);
	assert_int_equal(names.changed_ns, 100);
}

#define MANY 1200

/* Names "v1" to "v1200". Answers the memory of the set. */
static size_t see_many(uint32_t pass)
{
	char text[8];

	for (unsigned i = 1; i <= MANY; i++) {
		snprintf(text, sizeof(text), "v%u", i);
		assert_int_equal(see(text, pass)->sequence, i);
	}
	return names_bytes(&names);
}

static void memory_grows_with_the_places_alone(void **state)
{
	size_t bytes = see_many(1);

	(void)state;
	assert_in_range(bytes, MANY * sizeof(void *), 3 * MANY * sizeof(void *));
	assert_int_equal(see_many(2), bytes);
	complete(2, 100);
	assert_true(names_bytes(&names) < bytes); /* there are no free places any more */
	bytes = names_bytes(&names);
	assert_int_equal(see_many(3), bytes);
}

static void names_that_are_gone_give_their_memory_back(void **state)
{
	(void)state;
	see_many(1);
	complete(1, 100);
	gone[0] = '\0';
	see("v7", 2);
	see("v1000", 2);
	complete(2, 200);
	assert_true(names_bytes(&names) < 200);
	assert_string_equal(read_on(0), "v7v1000");
	assert_int_equal(names_find(&names, "v1000")->sequence, 1000);
	assert_int_equal(see("a", 3)->sequence, MANY + 1);
	complete(4, 300);
	assert_true(names_bytes(&names) < 200);
	assert_int_equal(see("b", 5)->sequence, MANY + 2);
}

static void without_memory_a_name_is_not_added(void **state)
{
	struct owned_name other = {.text = "x"};
	int r = 0;

	(void)state;
	other.name.text_offset = offsetof(struct owned_name, text);
	memory_fails = true;
	assert_int_equal(names_add(&names, &other.name), -ENOMEM);
	memory_fails = false;
	see_all("abcd", 1);
	memory_fails = true;
	r = names_add(&names, &other.name); /* there is no fifth place */
	memory_fails = false;
	assert_int_equal(r, -ENOMEM);
	assert_null(names_find(&names, "x"));
	assert_string_equal(read_on(0), "abcd");
	assert_int_equal(see("x", 1)->sequence, 5);
}

static void a_cleared_set_begins_anew(void **state)
{
	(void)state;
	see_all("abc", 1);
	complete(1, 100);
	names_clear(&names, note_gone, &names);
	assert_string_equal(gone, "abc");
	assert_int_equal(names_bytes(&names), 0);
	assert_int_equal(names.changed_ns, 0);
	assert_int_equal(see("d", 2)->sequence, 1);
	complete(2, 200);
	assert_int_equal(names.changed_ns, 200);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(an_empty_set_has_no_names),
	        cmocka_unit_test_fixture(names_come_in_the_order_in_which_they_were_seen),
	        cmocka_unit_test_fixture(a_name_is_found_by_its_text),
	        cmocka_unit_test_fixture(what_a_complete_pass_did_not_show_is_gone),
	        cmocka_unit_test_fixture(a_pass_without_names_takes_all_off),
	        cmocka_unit_test_fixture(the_place_of_a_name_that_is_gone_is_not_given_again),
	        cmocka_unit_test_fixture(who_reads_on_misses_nothing_and_sees_nothing_twice),
	        cmocka_unit_test_fixture(a_name_is_found_at_its_place),
	        cmocka_unit_test_fixture(who_reads_backwards_misses_nothing_either),
	        cmocka_unit_test_fixture(names_are_copied_by_pieces),
	        cmocka_unit_test_fixture(the_longest_name_is_copied_as_a_whole),
	        cmocka_unit_test_fixture(the_time_moves_only_with_the_set),
	        cmocka_unit_test_fixture(an_empty_directory_has_a_time),
	        cmocka_unit_test_fixture(memory_grows_with_the_places_alone),
	        cmocka_unit_test_fixture(names_that_are_gone_give_their_memory_back),
	        cmocka_unit_test_fixture(without_memory_a_name_is_not_added),
	        cmocka_unit_test_fixture(a_cleared_set_begins_anew),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
