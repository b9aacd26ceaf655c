/* Text for people, JSON for machines. */
#include "fs/check_report.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

void check_report_init(struct check_report *report, FILE *out, bool as_json)
{
	*report = (struct check_report){.out = out, .as_json = as_json};
}

void check_report_deinit(struct check_report *report)
{
	struct finding *finding, *next;

	LL_FOREACH_SAFE(report->findings, finding, next)
	{
		free(finding);
	}
	report->findings = NULL;
}

struct finding *check_report_add(struct check_report *report, const char *step,
                                 const char *registry)
{
	struct finding *finding = calloc(1, sizeof(*finding));

	if (!finding) {
		report->is_short = true;
		report->spare = (struct finding){.step = step};
		return &report->spare;
	}
	finding->step = step;
	finding->registry = registry;
	LL_APPEND(report->findings, finding);
	return finding;
}

#define FORMAT(text)                                                                               \
	do {                                                                                       \
		va_list arguments;                                                                 \
                                                                                                   \
		va_start(arguments, format);                                                       \
		vsnprintf(text, sizeof(text), format, arguments);                                  \
		va_end(arguments);                                                                 \
	} while (0)

void finding_ok(struct finding *finding, const char *format, ...)
{
	FORMAT(finding->words);
}

void finding_warn(struct finding *finding, const char *format, ...)
{
	finding->is_warning = true;
	FORMAT(finding->words);
}

void finding_fail(struct finding *finding, enum check_exit exit_code, const char *format, ...)
{
	finding->is_failure = true;
	finding->exit_code = exit_code;
	FORMAT(finding->words);
}

void finding_remedy(struct finding *finding, const char *format, ...)
{
	FORMAT(finding->remedy);
}

static void add_fact(struct finding *finding, const char *name, bool is_number, const char *value)
{
	struct fact *fact = finding->facts, *end = fact + FINDING_FACTS_MAX;

	while (fact < end && fact->name)
		fact++;
	if (fact == end || !value || !value[0])
		return;
	fact->name = name;
	fact->is_number = is_number;
	snprintf(fact->value, sizeof(fact->value), "%s", value);
}

void finding_fact(struct finding *finding, const char *name, const char *value)
{
	add_fact(finding, name, false, value);
}

void finding_number(struct finding *finding, const char *name, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, value);
	add_fact(finding, name, true, text);
}

static const char *result_of(const struct finding *finding)
{
	return finding->is_failure ? "failed" : finding->is_warning ? "warning" : "ok";
}

/* One line of the text: nobody else's control characters get to the terminal. */
static void write_line(FILE *out, const char *label, const char *text)
{
	fputs(label, out);
	for (; *text; text++)
		fputc(iscntrl((unsigned char)*text) ? '?' : *text, out);
	fputc('\n', out);
}

static void write_text(FILE *out, const struct finding *finding)
{
	const char *result = result_of(finding);
	char label[700];

	snprintf(label, sizeof(label), "%-8s %s%s%s%s%s: ", finding->is_failure ? "FAILED" : result,
	         finding->step, finding->registry ? " " : "",
	         finding->registry ? finding->registry : "", finding->repository[0] ? "/" : "",
	         finding->repository);
	write_line(out, label, finding->words);
	if (finding->detail[0])
		write_line(out, "         why: ", finding->detail);
	if (finding->remedy[0])
		write_line(out, "         do:  ", finding->remedy);
}

/* The length of the UTF-8 character at `text`, or 0 where there is none. */
static size_t character_length(const unsigned char *text)
{
	size_t length = text[0] < 0x80 ? 1 : 0;

	if (text[0] >= 0xc2 && text[0] <= 0xf4)
		length = text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;
	for (size_t i = 1; i < length; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	/* Written too long, half of a surrogate pair, or beyond Unicode. */
	if ((text[0] == 0xe0 && text[1] < 0xa0) || (text[0] == 0xed && text[1] > 0x9f) ||
	    (text[0] == 0xf0 && text[1] < 0x90) || (text[0] == 0xf4 && text[1] > 0x8f))
		return 0;
	return length;
}

/* Paths may be anything; what is not UTF-8 is U+FFFD. */
static void write_json_string(FILE *out, const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	fputc('"', out);
	while (*at) {
		size_t length = character_length(at);

		if (length == 0)
			fputs("\\ufffd", out);
		else if (*at < ' ' || *at == 0x7f)
			fprintf(out, "\\u%04x", *at);
		else
			fprintf(out, "%s%.*s", *at == '"' || *at == '\\' ? "\\" : "", (int)length,
			        (const char *)at);
		at += length ? length : 1;
	}
	fputc('"', out);
}

static void write_member(FILE *out, const char *name, const char *text)
{
	if (!text || !text[0])
		return;
	fprintf(out, ", \"%s\": ", name);
	write_json_string(out, text);
}

static void write_json_finding(FILE *out, const struct finding *finding)
{
	fprintf(out, "    {\"step\": \"%s\", \"result\": \"%s\"", finding->step,
	        result_of(finding));
	if (finding->is_failure)
		fprintf(out, ", \"exit_code\": %d", finding->exit_code);
	write_member(out, "registry", finding->registry);
	write_member(out, "repository", finding->repository);
	write_member(out, "message", finding->words);
	write_member(out, "why", finding->detail);
	write_member(out, "remedy", finding->remedy);
	for (int i = 0; i < FINDING_FACTS_MAX && finding->facts[i].name; i++) {
		const struct fact *fact = &finding->facts[i];

		if (fact->is_number)
			fprintf(out, ", \"%s\": %s", fact->name, fact->value);
		else
			write_member(out, fact->name, fact->value);
	}
	fputc('}', out);
}

static void write_json(const struct check_report *report, enum check_exit exit_code)
{
	const struct finding *finding;

	fprintf(report->out,
	        "{\n  \"version\": \"" ECRFS_VERSION "\",\n  \"exit_code\": %d,\n"
	        "  \"findings\": [\n",
	        exit_code);
	LL_FOREACH (report->findings, finding) {
		write_json_finding(report->out, finding);
		fputs(finding->next ? ",\n" : "\n", report->out);
	}
	fputs("  ]\n}\n", report->out);
}

static enum check_exit exit_code_of(const struct check_report *report)
{
	const struct finding *finding;

	LL_FOREACH (report->findings, finding) {
		if (finding->is_failure)
			return finding->exit_code;
	}
	return report->is_short ? CHECK_EXIT_SYSTEM : CHECK_EXIT_WELL;
}

static void write_sum(const struct check_report *report)
{
	unsigned failures = 0, warnings = 0;
	const struct finding *finding;

	LL_FOREACH (report->findings, finding) {
		failures += finding->is_failure;
		warnings += finding->is_warning;
	}
	if (failures || warnings)
		fprintf(report->out, "%u failed, %u warning%s\n", failures, warnings,
		        warnings == 1 ? "" : "s");
	else
		fputs("all is well\n", report->out);
}

void check_report_show(struct check_report *report)
{
	struct finding *finding = report->shown ? report->shown->next : report->findings;

	if (report->as_json)
		return;
	for (; finding; finding = finding->next) {
		write_text(report->out, finding);
		report->shown = finding;
	}
	fflush(report->out);
}

enum check_exit check_report_end(struct check_report *report)
{
	enum check_exit exit_code = exit_code_of(report);

	check_report_show(report);
	if (report->as_json)
		write_json(report, exit_code);
	else
		write_sum(report);
	if (report->is_short)
		fputs("ecrfs: out of memory: not all findings are here\n", stderr);
	if (fflush(report->out) == 0 && !ferror(report->out))
		return exit_code;
	perror("ecrfs: cannot write what was found");
	return CHECK_EXIT_SYSTEM;
}
