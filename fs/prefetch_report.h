/* What --prefetch says: how far it is, and what became of it. Threads: main. */
#ifndef ECRFS_FS_PREFETCH_REPORT_H
#define ECRFS_FS_PREFETCH_REPORT_H

#include "fs/prefetch.h"

#include <stdbool.h>
#include <stdint.h>

struct prefetch_counts;
struct prefetch_work;
struct store_figures;

struct prefetch_report {
	bool is_terminal;
	uint64_t started_ns; /* monotonic, as the next one */
	uint64_t said_ns;
};

void prefetch_report_begin(struct prefetch_report *report);

/* On a terminal a bar, each time; else a line from time to time. `calls`: that have ended so far.
 */
void prefetch_report_progress(struct prefetch_report *report, const struct prefetch_counts *counts,
                              uint64_t calls);

/* The last lines, and all that is missing. Answers the exit code. After the work has ended. */
enum prefetch_exit prefetch_report_end(struct prefetch_report *report,
                                       const struct prefetch_work *work,
                                       const struct store_figures *figures, uint64_t calls);

/* Text for a terminal: "[####    ] 12 of 24 images, …". Threads: pure. */
void prefetch_report_format(const struct prefetch_counts *counts, uint64_t calls,
                            uint64_t elapsed_ns, bool with_bar, char *line, unsigned long size);

#endif
