/* What `ecrfs --check` has found: as text, finding by finding, or as one JSON object at the end.
 * Threads: main.
 */
#ifndef ECRFS_FS_CHECK_REPORT_H
#define ECRFS_FS_CHECK_REPORT_H

#include "fs/check.h"

#include <stdint.h>
#include <stdio.h>

#define FINDING_FACTS_MAX 6

/* Names and values are the same in both forms; the names are documented in ecrfs(1). */
struct fact {
	const char *name; /* static storage */
	bool is_number;
	char value[320];
};

struct finding {
	struct finding *next;
	const char *step;     /* static storage */
	const char *registry; /* as it was given; NULL: none in particular. Borrowed */
	char repository[257]; /* "": none in particular */
	bool is_failure;      /* with its exit code */
	bool is_warning;      /* it works all the same, or was not tried */
	enum check_exit exit_code;
	char words[512];
	char detail[1200]; /* what somebody else said of it; "": nothing */
	char remedy[1024]; /* "": nothing is to be done */
	struct fact facts[FINDING_FACTS_MAX];
};

struct check_report {
	FILE *out;
	bool as_json;
	struct finding *findings;
	struct finding *shown; /* the last one */
	struct finding spare;  /* used where there is no memory for another one */
	bool is_short;         /* that was so */
};

void check_report_init(struct check_report *report, FILE *out, bool as_json);
void check_report_deinit(struct check_report *report);

/* A new finding, that all is well; the functions below say more. Of the report. */
struct finding *check_report_add(struct check_report *report, const char *step,
                                 const char *registry);

void finding_ok(struct finding *finding, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
void finding_warn(struct finding *finding, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
void finding_fail(struct finding *finding, enum check_exit exit_code, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
void finding_remedy(struct finding *finding, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

/* A fact of its own for machines. `name` in static storage. One fact too many, or an empty one (or
 * NULL), is left out. */
void finding_fact(struct finding *finding, const char *name, const char *value);
void finding_number(struct finding *finding, const char *name, int64_t value);

/* Writes what was found since the last time, where it is text. */
void check_report_show(struct check_report *report);

/* Writes the rest. Answers the exit code: of the first failure, or of the report itself when it
 * could not be made or written. */
enum check_exit check_report_end(struct check_report *report);

#endif
