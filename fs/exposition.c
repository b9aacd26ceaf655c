/* Prometheus' text format. */
#include "fs/exposition.h"
#include "base/clock.h"
#include "base/histogram.h"

#include <inttypes.h>

void exposition_begin(FILE *out, const struct exposition_family *family)
{
	static const char *const types[] = {
	        [EXPOSITION_COUNTER] = "counter",
	        [EXPOSITION_GAUGE] = "gauge",
	        [EXPOSITION_HISTOGRAM] = "histogram",
	};

	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", family->name, family->help, family->name,
	        types[family->type]);
}

static void write_label(FILE *out, struct exposition_label label)
{
	fprintf(out, "%s=\"", label.name);
	for (const char *c = label.value; *c; c++) {
		if (*c == '\n') {
			fputs("\\n", out);
			continue;
		}
		if (*c == '"' || *c == '\\')
			fputc('\\', out);
		fputc(*c, out);
	}
	fputc('"', out);
}

static void write_labels(FILE *out, struct exposition_label first, struct exposition_label second)
{
	if (!first.name)
		return;
	fputc('{', out);
	write_label(out, first);
	if (second.name) {
		fputc(',', out);
		write_label(out, second);
	}
	fputc('}', out);
}

void exposition_sample(FILE *out, const struct exposition_family *family,
                       struct exposition_label first, struct exposition_label second,
                       uint64_t value)
{
	fputs(family->name, out);
	write_labels(out, first, second);
	fprintf(out, " %" PRIu64 "\n", value);
}

static void write_bucket(FILE *out, const struct exposition_family *family,
                         struct exposition_label label, const char *bound, uint64_t value)
{
	fprintf(out, "%s_bucket", family->name);
	write_labels(out, label, (struct exposition_label){"le", bound});
	fprintf(out, " %" PRIu64 "\n", value);
}

#define BOUND_SIZE 32

/* Of nanoseconds, in seconds: "0.00001", "2.5", "10". */
static void format_bound(uint64_t ns, char ret_text[static BOUND_SIZE])
{
	int length = snprintf(ret_text, BOUND_SIZE, "%.6f", (double)ns / (double)NS_PER_S);

	while (length > 1 && ret_text[length - 1] == '0')
		ret_text[--length] = '\0';
	if (ret_text[length - 1] == '.')
		ret_text[length - 1] = '\0';
}

void exposition_histogram(FILE *out, const struct exposition_family *family,
                          struct exposition_label label, const struct histogram *histogram)
{
	struct exposition_label none = {NULL, NULL};
	uint64_t count;
	char bound[BOUND_SIZE];

	for (unsigned i = 0; i < HISTOGRAM_BOUNDS; i++) {
		format_bound(histogram_bound_ns(i), bound);
		write_bucket(out, family, label, bound, histogram_up_to(histogram, i));
	}
	count = histogram_count(histogram);
	write_bucket(out, family, label, "+Inf", count);
	fprintf(out, "%s_sum", family->name);
	write_labels(out, label, none);
	fprintf(out, " %.9f\n", (double)histogram_sum_ns(histogram) / (double)NS_PER_S);
	fprintf(out, "%s_count", family->name);
	write_labels(out, label, none);
	fprintf(out, " %" PRIu64 "\n", count);
}
