/* The log. */
#include "base/log.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "tests/unit/captured_log.h"
#include "tests/unit/fake_clock.h"
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct fixture {
	struct fake_clock clock;
	struct captured_log captured;
};

static struct fixture fixture;

static int set_up(void **state)
{
	fake_clock_init(&fixture.clock);
	captured_log_init(&fixture.captured, &fixture.clock.clock);
	*state = fixture.captured.log;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	captured_log_deinit(&fixture.captured);
	return 0;
}

static unsigned count(const char *text)
{
	return captured_log_count(&fixture.captured, text);
}

static void a_line_ends_in_a_newline(void **state)
{
	CLEANUP(free_string) char *text = NULL;

	log_write(*state, LEVEL_ERROR, "%s %d", "one", 1);
	text = captured_log_text(&fixture.captured);
	assert_string_equal(strstr(text, "ecrfs: "), "ecrfs: one 1\n");
}

/* A name from a server must not be able to forge a line or steer a terminal. */
static void control_characters_are_not_written(void **state)
{
	log_write(*state, LEVEL_ERROR, "%s", "a\nb\x1b[2Jc\x7f");
	assert_int_equal(count(""), 1);
	assert_int_equal(count("a?b?[2Jc?"), 1);
}

static void a_long_line_is_cut(void **state)
{
	char text[10000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_write(*state, LEVEL_ERROR, "%s", text);
	log_event(*state, LEVEL_ERROR, "key", "%s", text);
	assert_int_equal(count("xxx"), 2);
}

static void lines_below_the_level_are_left_out(void **state)
{
	struct log *log;

	(void)state;
	assert_int_equal(log_new(&fixture.clock.clock, LEVEL_WARNING, &log), 0);
	assert_int_equal(log_to_file(log, fixture.captured.path), 0);
	log_write(log, LEVEL_INFO, "an info");
	log_write(log, LEVEL_WARNING, "a warning");
	log_event(log, LEVEL_DEBUG, "key", "a debug");
	log_free(log);
	assert_int_equal(count("a warning"), 1);
	assert_int_equal(count(""), 1);
}

static void repeated_events_are_counted_instead(void **state)
{
	for (int i = 0; i < 5; i++)
		log_event(*state, LEVEL_ERROR, "key", "it happened");
	assert_int_equal(count("it happened"), 1);
	fake_clock_advance(&fixture.clock, LOG_REPEAT_S * NS_PER_S);
	log_event(*state, LEVEL_ERROR, "key", "it happened");
	assert_int_equal(count("it happened"), 2);
	assert_int_equal(count("(and 4 more like it)"), 1);
}

static void different_events_do_not_hide_each_other(void **state)
{
	log_event(*state, LEVEL_ERROR, "one", "one happened");
	log_event(*state, LEVEL_ERROR, "two", "two happened");
	assert_int_equal(count("happened"), 2);
}

static void plain_lines_are_not_counted(void **state)
{
	log_write(*state, LEVEL_ERROR, "again");
	log_write(*state, LEVEL_ERROR, "again");
	assert_int_equal(count("again"), 2);
}

static void a_file_that_cannot_be_opened_changes_nothing(void **state)
{
	assert_int_equal(log_to_file(*state, "/proc/no/such/file"), -ENOENT);
	log_write(*state, LEVEL_ERROR, "still here");
	assert_int_equal(count("still here"), 1);
}

/* Another thread may be about to write to the file that is replaced: its descriptor must not become
 * that of something else. */
static void a_new_file_takes_over_the_descriptor_of_the_old_one(void **state)
{
	struct captured_log second;
	int before = open("/dev/null", O_RDONLY | O_CLOEXEC), after;

	captured_log_init(&second, &fixture.clock.clock);
	close(before);
	assert_int_equal(log_to_file(*state, second.path), 0);
	after = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_int_equal(after, before);
	close(after);
	log_write(*state, LEVEL_ERROR, "a line");
	assert_int_equal(count("a line"), 0);
	assert_int_equal(captured_log_count(&second, "a line"), 1);
	captured_log_deinit(&second);
}

static void levels_have_names(void **state)
{
	enum level level = LEVEL_INFO;

	(void)state;
	assert_true(log_level_parse("debug", &level));
	assert_int_equal(level, LEVEL_DEBUG);
	assert_true(log_level_parse("error", &level));
	assert_int_equal(level, LEVEL_ERROR);
	assert_false(log_level_parse("Warning", &level));
	assert_false(log_level_parse("", &level));
	assert_int_equal(level, LEVEL_ERROR);
}

static void the_level_may_change(void **state)
{
	log_set_level(*state, LEVEL_ERROR);
	assert_int_equal(log_level(*state), LEVEL_ERROR);
	log_write(*state, LEVEL_WARNING, "before");
	log_set_level(*state, LEVEL_DEBUG);
	log_write(*state, LEVEL_DEBUG, "after");
	assert_int_equal(count("before"), 0);
	assert_int_equal(count("after"), 1);
	assert_string_equal(log_level_name(log_level(*state)), "debug");
}

static size_t last_lines(struct log *log, char *ret_first, char *ret_last, size_t size)
{
	struct bytes *lines[LOG_RING_LINES];
	size_t n = log_last_lines(log, lines);

	for (size_t i = 0; i < n; i++) {
		if (i == 0)
			snprintf(ret_first, size, "%.*s", (int)lines[i]->size, lines[i]->data);
		if (i == n - 1)
			snprintf(ret_last, size, "%.*s", (int)lines[i]->size, lines[i]->data);
		bytes_unref(lines[i]);
	}
	return n;
}

static void the_last_thousand_lines_are_kept(void **state)
{
	char first[128], last[128];

	assert_int_equal(last_lines(*state, first, last, sizeof(first)), 0);
	log_write(*state, LEVEL_WARNING, "line 0");
	assert_int_equal(last_lines(*state, first, last, sizeof(first)), 1);
	assert_non_null(strstr(first, "Z warning line 0\n"));
	for (int i = 1; i <= LOG_RING_LINES; i++)
		log_write(*state, LEVEL_ERROR, "line %d", i);
	assert_int_equal(last_lines(*state, first, last, sizeof(first)), LOG_RING_LINES);
	assert_non_null(strstr(first, "Z error line 1\n"));
	assert_non_null(strstr(last, "Z error line 1000\n"));
}

static void a_line_that_is_kept_is_one_line(void **state)
{
	char first[128], last[128];

	log_set_level(*state, LEVEL_INFO);
	log_write(*state, LEVEL_ERROR, "a\nb");
	log_write(*state, LEVEL_DEBUG, "below the level");
	assert_int_equal(last_lines(*state, first, last, sizeof(first)), 1);
	assert_non_null(strstr(last, "error a?b\n"));
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(a_line_ends_in_a_newline),
	        cmocka_unit_test_fixture(control_characters_are_not_written),
	        cmocka_unit_test_fixture(a_long_line_is_cut),
	        cmocka_unit_test_fixture(lines_below_the_level_are_left_out),
	        cmocka_unit_test_fixture(repeated_events_are_counted_instead),
	        cmocka_unit_test_fixture(different_events_do_not_hide_each_other),
	        cmocka_unit_test_fixture(plain_lines_are_not_counted),
	        cmocka_unit_test_fixture(a_file_that_cannot_be_opened_changes_nothing),
	        cmocka_unit_test_fixture(a_new_file_takes_over_the_descriptor_of_the_old_one),
	        cmocka_unit_test_fixture(the_level_may_change),
	        cmocka_unit_test_fixture(the_last_thousand_lines_are_kept),
	        cmocka_unit_test_fixture(a_line_that_is_kept_is_one_line),
	        cmocka_unit_test(levels_have_names),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
