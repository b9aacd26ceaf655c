/* A line for each kind of file; on a terminal, a bar until it is there. */
#include "fs/fsck.h"
#include "base/log.h"
#include "fs/options.h"
#include "store/folder.h"
#include "store/fsck.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BAR_WIDTH 40

/* How often the bar is drawn. */
#define DRAW_NS (100 * NS_PER_MS)

struct bar {
	const char *name;
	bool is_shown;
	uint64_t drawn_ns; /* monotonic */
};

static void draw(void *arg, uint64_t done, uint64_t all)
{
	struct bar *bar = arg;
	uint64_t now_ns = clock_monotonic_ns(clock_system());
	int filled = (int)(done * BAR_WIDTH / all);

	if (!bar->is_shown || (now_ns - bar->drawn_ns < DRAW_NS && done < all))
		return;
	bar->drawn_ns = now_ns;
	printf("\r%-8s [%.*s%*s] %" PRIu64 " of %" PRIu64, bar->name, filled,
	       "########################################", BAR_WIDTH - filled, "", done, all);
	fflush(stdout);
}

static void clear(const struct bar *bar)
{
	if (bar->is_shown)
		printf("\r\033[K"); /* ECMA-48: erase to the end of the line */
}

static void print_counts(const char *name, const struct fsck_counts *counts)
{
	printf("%-8s %" PRIu64 " good, %" PRIu64 " bytes", name, counts->good, counts->bytes);
	if (counts->repaired)
		printf("; %" PRIu64 " damaged, removed or repaired", counts->repaired);
	if (counts->damaged)
		printf("; %" PRIu64 " damaged, which could not be removed", counts->damaged);
	if (counts->foreign)
		printf("; %" PRIu64 " not of ecrfs, left alone", counts->foreign);
	putchar('\n');
}

static enum fsck_exit worse(enum fsck_exit a, enum fsck_exit b)
{
	return a > b ? a : b;
}

static enum fsck_exit check_kind(struct folder *folder, unsigned kind)
{
	struct bar bar = {.name = fsck_kind(kind), .is_shown = isatty(STDOUT_FILENO)};
	struct fsck_counts counts = {0};
	int r = fsck_files(folder, kind, draw, &bar, &counts);

	clear(&bar);
	if (r == -ENOENT) {
		printf("%-8s missing\n", bar.name);
		return FSCK_EXIT_REPAIRED;
	}
	if (r < 0) {
		printf("%-8s cannot be read: %s\n", bar.name, strerror(-r));
		return FSCK_EXIT_DAMAGED;
	}
	print_counts(bar.name, &counts);
	if (counts.damaged)
		return FSCK_EXIT_DAMAGED;
	return counts.repaired ? FSCK_EXIT_REPAIRED : FSCK_EXIT_WELL;
}

/* The frame of the directory, which a mount would make. */
static enum fsck_exit check_frame(struct folder *folder)
{
	char missing[FOLDER_WHY_SIZE];
	int r = folder_complete(folder, missing);

	if (r == 0)
		return FSCK_EXIT_WELL;
	printf("missing  %s%s\n", missing, r > 0 ? "; made again" : "");
	return r > 0 ? FSCK_EXIT_REPAIRED : FSCK_EXIT_DAMAGED;
}

static enum fsck_exit check_all(struct folder *folder)
{
	enum fsck_exit worst = check_frame(folder);

	for (unsigned kind = 0; fsck_kind(kind); kind++)
		worst = worse(worst, check_kind(folder, kind));
	folder_sweep(folder);
	return worst;
}

static enum fsck_exit open_and_check(struct folder *folder, const char *path)
{
	char why[FOLDER_WHY_SIZE] = "";

	if (folder_open(folder, why) < 0) {
		fprintf(stderr, "ecrfs: %s\n", why);
		return FSCK_EXIT_SYSTEM;
	}
	if (!folder_is_ours(folder)) {
		fprintf(stderr, "ecrfs: %s is no cache_dir of a mount: there are no blobs in it\n",
		        path);
		return FSCK_EXIT_SYSTEM;
	}
	return check_all(folder);
}

int fsck_run(const struct options *options)
{
	struct folder_config config = options->store.folder;
	enum fsck_exit exit_code = FSCK_EXIT_SYSTEM;
	struct folder *folder = NULL;
	struct log *log = NULL;
	int r = log_new(clock_system(), LEVEL_WARNING, &log);

	config.must_exist = true;
	if (r == 0)
		r = folder_new(&config, clock_system(), log, &folder);
	if (r == 0)
		exit_code = open_and_check(folder, config.path);
	else
		fprintf(stderr, "ecrfs: cannot start: %s\n", strerror(-r));
	folder_free(folder);
	log_free(log);
	return exit_code;
}
