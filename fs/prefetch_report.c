/* Lines about fetching. */
#include "fs/prefetch_report.h"
#include "base/clock.h"
#include "fs/options.h"
#include "fs/prefetch_work.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utlist.h>

#define BAR_WIDTH 16

/* How often a line is printed where that is no terminal. */
#define LINE_NS (10 * NS_PER_S)

/* Where the terminal does not say how wide it is. */
#define COLUMNS 80

#define MIB (1 << 20)

void prefetch_report_begin(struct prefetch_report *report)
{
	report->is_terminal = isatty(STDOUT_FILENO);
	report->started_ns = report->said_ns = clock_monotonic_ns(clock_system());
}

static uint64_t done(const struct prefetch_counts *counts)
{
	return counts->fetched + counts->kept + counts->gone + counts->missing;
}

void prefetch_report_format(const struct prefetch_counts *counts, uint64_t calls,
                            uint64_t elapsed_ns, bool with_bar, char *line, unsigned long size)
{
	uint64_t n = done(counts), all = counts->images > n ? counts->images : n;
	double seconds = (double)elapsed_ns / NS_PER_S;
	double rate = seconds > 0 ? (double)n / seconds : 0;
	int filled = all ? (int)(n * BAR_WIDTH / all) : 0;
	char bar[64] = "", left[40] = "";

	if (with_bar)
		snprintf(bar, sizeof(bar), "[%.*s%*s] ", filled, "################",
		         BAR_WIDTH - filled, "");
	if (n < all && rate > 0)
		snprintf(left, sizeof(left), ", %.0f s left", (double)(all - n) / rate);
	snprintf(line, size,
	         "%s%" PRIu64 " of %" PRIu64 " images, %.1f MiB, %" PRIu64 " calls, %.0f/s%s", bar,
	         n, all, (double)counts->bytes / MIB, calls, rate, left);
}

/* A longer line would begin another one, which is not cleared. */
static unsigned columns(void)
{
	struct winsize size;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : COLUMNS;
}

void prefetch_report_progress(struct prefetch_report *report, const struct prefetch_counts *counts,
                              uint64_t calls)
{
	uint64_t now_ns = clock_monotonic_ns(clock_system());
	char line[256];

	if (!report->is_terminal && now_ns - report->said_ns < LINE_NS)
		return;
	report->said_ns = now_ns;
	prefetch_report_format(counts, calls, now_ns - report->started_ns, report->is_terminal,
	                       line, sizeof(line));
	if (report->is_terminal)
		printf("\r%.*s\033[K", (int)columns() - 1, line); /* ECMA-48: erase the rest */
	else
		printf("%s\n", line);
	fflush(stdout);
}

/* What was fetched but is not on disk. Answers whether there is any. */
static bool print_lost(const struct prefetch_work *work, const struct store_figures *figures)
{
	uint64_t manifests = figures->skipped + figures->errors;
	bool is_shared = work->options->store.folder.is_shared; /* then listings never are */
	bool is_too_small = figures->evicted || figures->bytes > figures->max_bytes;
	uint64_t listings = is_shared ? 0 : figures->listings_skipped;

	if (manifests)
		fprintf(stderr,
		        "ecrfs: %" PRIu64 " manifests could not be kept: is the disk full, "
		        "read-only or slow? Then run this again\n",
		        manifests);
	if (listings)
		fprintf(stderr, "ecrfs: %" PRIu64 " listings could not be kept: run this again\n",
		        listings);
	if (is_too_small)
		fprintf(stderr,
		        "ecrfs: cache_dir_size is too small for all of it, or the disk: %" PRIu64
		        " manifests were removed again so far\n",
		        figures->evicted);
	if (figures->is_hung)
		fprintf(stderr, "ecrfs: the disk does not answer: not all has been written\n");
	return manifests || listings || is_too_small || figures->is_hung;
}

static void print_summary(const struct prefetch_counts *counts, uint64_t calls, uint64_t elapsed_ns)
{
	printf("%" PRIu64 " repositories, %" PRIu64 " images: %" PRIu64 " fetched, %" PRIu64
	       " were there",
	       counts->repositories, counts->images, counts->fetched, counts->kept);
	if (counts->gone)
		printf(", %" PRIu64 " deleted meanwhile", counts->gone);
	if (counts->missing)
		printf(", %" PRIu64 " missing", counts->missing);
	if (counts->archived)
		printf("; %" PRIu64 " archived, whose manifests ECR does not hand out",
		       counts->archived);
	printf("; %.1f MiB, %" PRIu64 " calls, %.1f s\n", (double)counts->bytes / MIB, calls,
	       (double)elapsed_ns / NS_PER_S);
}

enum prefetch_exit prefetch_report_end(struct prefetch_report *report,
                                       const struct prefetch_work *work,
                                       const struct store_figures *figures, uint64_t calls)
{
	uint64_t elapsed_ns = clock_monotonic_ns(clock_system()) - report->started_ns;
	const struct prefetch_missing *missing;
	bool is_lost;

	if (report->is_terminal)
		printf("\r\033[K");
	print_summary(&work->counts, calls, elapsed_ns);
	fflush(stdout);
	DL_FOREACH (work->missing, missing) {
		fprintf(stderr, "ecrfs: missing: %s\n", missing->text);
	}
	is_lost = print_lost(work, figures);
	if (work->was_interrupted) {
		fprintf(stderr, "ecrfs: interrupted: run this again to fetch the rest\n");
		return PREFETCH_EXIT_INTERRUPTED;
	}
	return work->missing || work->counts.missing || is_lost ? PREFETCH_EXIT_MISSING
	                                                        : PREFETCH_EXIT_COMPLETE;
}
