/* Client and store without a mount: the loop thread fetches, the main thread tells how far it is.
 */
#include "fs/prefetch.h"
#include "base/log.h"
#include "ecr/api_counts.h"
#include "ecr/client.h"
#include "fs/options.h"
#include "fs/prefetch_report.h"
#include "fs/prefetch_work.h"
#include "net/loop.h"
#include "net/loop_signal.h"
#include "store/store.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* How often the bar is drawn. */
#define DRAW_NS (100 * NS_PER_MS)

/* By which people and service managers end it. */
static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

struct prefetch {
	const struct options *options;
	struct log *log;
	struct loop *loop;
	struct client *client;
	struct store *store;
	struct loop_signal *signals[COUNT(signals)];
	struct prefetch_work work;
};

static int open_log(struct prefetch *prefetch)
{
	const struct options *options = prefetch->options;
	bool is_for_file = options->log_file || options->debug;
	int r = log_new(clock_system(), is_for_file ? options->log_level : LEVEL_WARNING,
	                &prefetch->log);

	return r == 0 && options->log_file ? log_to_file(prefetch->log, options->log_file) : r;
}

static void interrupted(void *arg)
{
	struct prefetch *prefetch = arg;

	prefetch_work_interrupt(&prefetch->work);
}

/* Answers 0 or -errno. */
static int build(struct prefetch *prefetch)
{
	const struct options *options = prefetch->options;
	int r = open_log(prefetch);

	if (r == 0)
		r = run_as_seal(&options->run_as);
	if (r == 0)
		r = run_as_apply(&options->run_as); /* whose are the directory, and the AWS files */
	if (r == 0)
		r = loop_new(&prefetch->loop);
	if (r == 0)
		r = client_new(prefetch->loop, clock_system(), prefetch->log, &options->aws,
		               &prefetch->client);
	if (r == 0)
		r = store_new(prefetch->loop, clock_system(), prefetch->log,
		              client_source(prefetch->client), &options->store, &prefetch->store);
	if (r == 0)
		r = prefetch_work_init(&prefetch->work, options, prefetch->loop, prefetch->store);
	for (size_t i = 0; r == 0 && i < COUNT(signals); i++)
		r = loop_signal_new(prefetch->loop, signals[i], interrupted, prefetch,
		                    &prefetch->signals[i]);
	return r == 0 ? loop_start(prefetch->loop) : r;
}

/* Answers false when the disk hangs. */
static bool take_apart(struct prefetch *prefetch)
{
	bool is_clean;

	if (prefetch->loop) {
		loop_stop(prefetch->loop);
		loop_run_once(prefetch->loop);
	}
	client_free(prefetch->client); /* its last answers come through the store */
	is_clean = store_free(prefetch->store);
	prefetch_work_deinit(&prefetch->work);
	for (size_t i = 0; i < COUNT(signals); i++)
		loop_signal_free(prefetch->signals[i]);
	if (prefetch->loop)
		loop_run_once(prefetch->loop);
	if (is_clean)
		is_clean = loop_free(prefetch->loop);
	log_free(prefetch->log);
	return is_clean;
}

static uint64_t calls(const struct prefetch *prefetch)
{
	const struct api_counts *counts = client_counts(prefetch->client);
	uint64_t n = 0;

	for (unsigned i = 0; i < API_COUNTS_OPERATIONS; i++)
		for (int status = 0; status < API_COUNTS_STATUSES; status++)
			n += api_counts_get(counts, i, status);
	return n;
}

static enum prefetch_exit fetch(struct prefetch *prefetch)
{
	struct prefetch_report report;
	struct prefetch_counts counts;
	struct store_figures figures;

	prefetch_report_begin(&report);
	prefetch_work_begin(&prefetch->work);
	while (!prefetch_work_wait(&prefetch->work, DRAW_NS, &counts))
		prefetch_report_progress(&report, &counts, calls(prefetch));
	loop_stop(prefetch->loop);
	store_figures(prefetch->store, &figures);
	return prefetch_report_end(&report, &prefetch->work, &figures, calls(prefetch));
}

int prefetch_run(const struct options *options, bool *ret_is_stuck)
{
	struct prefetch prefetch = {.options = options};
	enum prefetch_exit exit_code = PREFETCH_EXIT_SYSTEM;
	char why[FOLDER_WHY_SIZE] = "";
	int r = build(&prefetch);

	if (r < 0)
		fprintf(stderr, "ecrfs: cannot start: %s\n", strerror(-r));
	else if (store_start(prefetch.store, why) < 0)
		fprintf(stderr, "ecrfs: cache_dir: %s\n", why);
	else
		exit_code = fetch(&prefetch);
	*ret_is_stuck = !take_apart(&prefetch);
	return exit_code;
}
