/* status: how things are, for people. */
#include "cache/cache.h"
#include "ecr/api.h"
#include "ecr/api_counts.h"
#include "ecr/chain.h"
#include "ecr/client.h"
#include "ecr/standing.h"
#include "fs/live_file.h"
#include "fs/live_store.h"
#include "fs/memory.h"
#include "fs/mount.h"
#include "fs/registries.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MIB (1024.0 * 1024.0)

static uint64_t now_s(const struct mount *mount)
{
	return clock_realtime_ns(mount->clock) / NS_PER_S;
}

/* "2 d 3 h", "3 h 12 min", "12 min 5 s", "5 s" */
static void write_span(FILE *out, uint64_t seconds)
{
	static const struct {
		const char *name;
		uint64_t seconds;
	} units[] = {{"d", 86400}, {"h", 3600}, {"min", 60}, {"s", 1}};
	unsigned i = 0;

	while (i < 3 && seconds < units[i].seconds)
		i++;
	fprintf(out, "%" PRIu64 " %s", seconds / units[i].seconds, units[i].name);
	if (i < 3)
		fprintf(out, " %" PRIu64 " %s", seconds % units[i].seconds / units[i + 1].seconds,
		        units[i + 1].name);
}

/* "2026-01-02T03:04:05Z (3 min 2 s ago)" */
static void write_past(const struct mount *mount, FILE *out, uint64_t time_s)
{
	uint64_t now = now_s(mount);
	char text[CLOCK_UTC_SIZE];

	clock_format_utc((int64_t)time_s, text);
	fprintf(out, "%s (", text);
	write_span(out, now > time_s ? now - time_s : 0);
	fputs(" ago)", out);
}

/* Whether nobody can be reached at the host. */
static bool find_offline(struct mount *mount, const char *host, struct api_endpoint *ret_endpoint)
{
	for (size_t i = 0; client_endpoint(mount->client, i, ret_endpoint); i++)
		if (strcmp(ret_endpoint->host, host) == 0 && ret_endpoint->offline != STATUS_OK)
			return true;
	return false;
}

static void write_failure(struct mount *mount, FILE *out, const struct standing *standing)
{
	fprintf(out, "               last error: %s: %s", standing->operation,
	        status_text(standing->failure));
	if (standing->code[0])
		fprintf(out, " (%s)", standing->code);
	fputs(", ", out);
	write_past(mount, out, standing->failed_s);
	fputc('\n', out);
}

/* Whether it can be reached, and what it said last. */
static void write_registry(struct mount *mount, FILE *out, const struct registries_entry *entry)
{
	struct standing standing;
	struct api_endpoint endpoint;

	fprintf(out, "registry       %s: ", entry->name);
	if (!client_standing(mount->client, entry->registry, &standing)) {
		fputs("not asked yet\n", out);
		return;
	}
	if (find_offline(mount, standing.host, &endpoint)) {
		fputs("offline since ", out);
		write_past(mount, out, endpoint.offline_since_s);
	} else if (standing.answered_s) {
		fputs("reachable, last answer ", out);
		write_past(mount, out, standing.answered_s);
	} else {
		fputs("no good answer yet", out);
	}
	fprintf(out, "%s%s\n", standing.host[0] ? ", at " : "", standing.host);
	if (standing.failed_s)
		write_failure(mount, out, &standing);
}

static void write_registries(struct mount *mount, FILE *out)
{
	size_t n;
	struct registries_entry *all = registries_all(mount->registries, &n);

	for (size_t i = 0; i < n; i++)
		write_registry(mount, out, &all[i]);
	free(all);
}

/* "offline  host since 2026-01-02T03:04:05Z: connection refused" */
static void write_offline(struct mount *mount, FILE *out)
{
	struct api_endpoint endpoint;
	char since[CLOCK_UTC_SIZE];

	for (size_t i = 0; client_endpoint(mount->client, i, &endpoint); i++) {
		if (endpoint.offline == STATUS_OK)
			continue;
		clock_format_utc((int64_t)endpoint.offline_since_s, since);
		fprintf(out, "offline        %s since %s: %s\n", endpoint.host, since,
		        status_text(endpoint.offline));
	}
}

static void write_expiry(struct mount *mount, FILE *out, uint64_t expires_s)
{
	uint64_t now = now_s(mount);
	char text[CLOCK_UTC_SIZE];

	if (!expires_s) {
		fputs(", do not expire", out);
		return;
	}
	clock_format_utc((int64_t)expires_s, text);
	fprintf(out, ", %s %s (", expires_s > now ? "expire" : "expired", text);
	if (expires_s > now)
		fputs("in ", out);
	write_span(out, expires_s > now ? expires_s - now : now - expires_s);
	fputs(expires_s > now ? ")" : " ago)", out);
}

static void write_credentials(struct mount *mount, FILE *out)
{
	struct chain_report report;

	for (size_t i = 0; client_credentials(mount->client, i, &report); i++) {
		fputs("credentials    ", out);
		if (report.account[0])
			fprintf(out, "for %s: ", report.account);
		if (report.provider) {
			fprintf(out, "from %s", report.provider);
			write_expiry(mount, out, report.expires_ns / NS_PER_S);
		} else {
			fputs(report.failure == STATUS_OK ? "not asked for yet" : "none", out);
		}
		fputc('\n', out);
		if (report.failure == STATUS_OK)
			continue;
		fprintf(out, "               last error: %s, ", status_text(report.failure));
		write_past(mount, out, report.failed_ns / NS_PER_S);
		fputc('\n', out);
	}
}

static void write_cache(struct mount *mount, FILE *out)
{
	struct cache_figures cache;
	uint64_t resident;

	cache_figures(mount->cache, &cache);
	fprintf(out, "cache          %.1f of %.1f MiB", (double)cache.bytes / MIB,
	        (double)cache.max_bytes / MIB);
	if (memory_resident(&resident))
		fprintf(out, "; the daemon has %.1f MiB", (double)resident / MIB);
	fputs("\nanswers       ", out);
	for (int i = 0; i < CACHE_LAYERS; i++)
		fprintf(out, "%s%" PRIu64 " %s", i ? ", " : " ", cache.answers[i],
		        cache_layer_name(i));
	fprintf(out, ", %" PRIu64 " joined another's question\n", cache.events[CACHE_JOINED]);
	for (int i = 0; i < CACHE_KINDS; i++)
		fprintf(out, "%-13s  %" PRIu64 " hits, %" PRIu64 " misses\n", cache_kind_name(i),
		        cache.hits[i], cache.misses[i]);
	fprintf(out,
	        "readahead      %" PRIu64 " manifests, %" PRIu64 " of them used\n"
	        "ids_fetched    %" PRIu64 "\npulls          %" PRIu64 "\n",
	        cache.events[CACHE_AHEAD], cache.events[CACHE_AHEAD_USED],
	        cache.events[CACHE_IDS_FETCHED], cache.events[CACHE_PULLED]);
	live_store_status(mount, out);
}

/* "DescribeImages  12 done, 1 denied" */
static void write_calls(const struct api_counts *counts, FILE *out)
{
	for (unsigned i = 0; i < API_COUNTS_OPERATIONS; i++) {
		fprintf(out, "%-26s", api_counts_operation(i));
		for (int status = 0; status < API_COUNTS_STATUSES; status++) {
			uint64_t n = api_counts_get(counts, i, status);

			if (n || status == STATUS_OK)
				fprintf(out, "%s%" PRIu64 " %s", status == STATUS_OK ? "" : ", ", n,
				        status_text(status));
		}
		fputc('\n', out);
	}
}

static void write_call_events(const struct api_counts *counts, FILE *out)
{
	static const char *const names[API_EVENTS] = {
	        [API_RETRIED] = "retries",   [API_THROTTLED] = "throttled",
	        [API_DELAYED] = "delayed",   [API_CLOCK_CORRECTED] = "clock_fixes",
	        [API_NOT_SENT] = "not_sent",
	};

	for (int event = 0; event < API_EVENTS; event++) {
		uint64_t sum = 0;

		for (unsigned i = 0; i < API_COUNTS_OPERATIONS; i++)
			sum += api_counts_get_event(counts, i, event);
		fprintf(out, "%-14s %" PRIu64 "\n", names[event], sum);
	}
}

static void write_requests(struct mount *mount, FILE *out)
{
	uint64_t open = 0;

	for (int i = 0; i < REQUEST_KINDS; i++)
		if (requests_count_times(i))
			open += requests_count_open(&mount->counts, i);
	fprintf(out, "fuse_requests  %" PRIu64 ", %" PRIu64 " of them wait\n",
	        requests_count_all(&mount->counts), open > 0 ? open - 1 : 0); /* not this one */
}

static void write_status(struct mount *mount, FILE *out)
{
	const struct api_counts *counts = client_counts(mount->client);

	fprintf(out, "ecrfs %s\nsource         %s\nmountpoint     %s\nmounted for    ",
	        ECRFS_VERSION, mount->options->source, mount->options->mountpoint);
	write_span(out, (clock_monotonic_ns(mount->clock) - mount->up_since_ns) / NS_PER_S);
	fputc('\n', out);
	write_registries(mount, out);
	write_offline(mount, out);
	write_credentials(mount, out);
	write_requests(mount, out);
	write_cache(mount, out);
	write_calls(counts, out);
	write_call_events(counts, out);
}

const struct live_file live_status = {"status", write_status};
