/* Prometheus' text format. */
#include "fs/exposition.h"
#include "base/clock.h"
#include "base/histogram.h"
#include "tests/unit/unit_test.h"

#include <stdlib.h>
#include <string.h>

static const struct exposition_family family = {"name_total", EXPOSITION_COUNTER, "Some words."};
static const struct exposition_label none = {NULL, NULL};

struct written {
	char *text;
	size_t size;
	FILE *out;
};

static int set_up(void **state)
{
	static struct written written;

	written.out = open_memstream(&written.text, &written.size);
	assert_non_null(written.out);
	*state = &written;
	return 0;
}

static int tear_down(void **state)
{
	struct written *written = *state;

	fclose(written->out);
	free(written->text);
	return 0;
}

static const char *text_of(struct written *written)
{
	fflush(written->out);
	return written->text;
}

static void a_family_has_help_and_type(void **state)
{
	struct written *written = *state;

	exposition_begin(written->out, &family);
	assert_string_equal(text_of(written),
	                    "# HELP name_total Some words.\n# TYPE name_total counter\n");
}

static void a_sample_has_its_labels(void **state)
{
	struct written *written = *state;
	struct exposition_label one = {"one", "1"}, two = {"two", "2"};

	exposition_sample(written->out, &family, none, none, 7);
	exposition_sample(written->out, &family, one, none, 8);
	exposition_sample(written->out, &family, one, two, UINT64_MAX);
	assert_string_equal(text_of(written),
	                    "name_total 7\nname_total{one=\"1\"} 8\n"
	                    "name_total{one=\"1\",two=\"2\"} 18446744073709551615\n");
}

/* A name of elsewhere must not end the label. */
static void the_text_of_a_label_is_escaped(void **state)
{
	struct written *written = *state;
	struct exposition_label label = {"label", "a\"b\\c\nd"};

	exposition_sample(written->out, &family, label, none, 1);
	assert_string_equal(text_of(written), "name_total{label=\"a\\\"b\\\\c\\nd\"} 1\n");
}

static void a_histogram_counts_up_to_each_bound(void **state)
{
	struct written *written = *state;
	struct exposition_family durations = {"d_seconds", EXPOSITION_HISTOGRAM, "Words."};
	struct exposition_label label = {"of", "x"};
	struct histogram histogram = {0};
	const char *text;

	histogram_add(&histogram, NS_PER_S / 1000);
	histogram_add(&histogram, 3600 * NS_PER_S);
	exposition_histogram(written->out, &durations, label, &histogram);
	text = text_of(written);
	assert_non_null(strstr(text, "d_seconds_bucket{of=\"x\",le=\"0.00001\"} 0\n"));
	assert_non_null(strstr(text, "d_seconds_bucket{of=\"x\",le=\"0.001\"} 1\n"));
	assert_non_null(strstr(text, "d_seconds_bucket{of=\"x\",le=\"2.5\"} 1\n"));
	assert_non_null(strstr(text, "d_seconds_bucket{of=\"x\",le=\"10\"} 1\n"));
	assert_non_null(strstr(text, "d_seconds_bucket{of=\"x\",le=\"+Inf\"} 2\n"));
	assert_non_null(strstr(text, "d_seconds_sum{of=\"x\"} 3600.001000000\n"));
	assert_non_null(strstr(text, "d_seconds_count{of=\"x\"} 2\n"));
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(a_family_has_help_and_type, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(a_sample_has_its_labels, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(the_text_of_a_label_is_escaped, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(a_histogram_counts_up_to_each_bound, set_up,
	                                        tear_down),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
