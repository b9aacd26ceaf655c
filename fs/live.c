/* status: for people. metrics: the same figures for Prometheus. */
#include "fs/live.h"
#include "base/bytes.h"
#include "cache/cache.h"
#include "ecr/api.h"
#include "ecr/api_counts.h"
#include "ecr/client.h"
#include "fs/mount.h"
#include "fs/registries.h"
#include "fs/requests_count.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void (*live_fn)(struct mount *mount, FILE *out);

struct live_file {
	const char *name;
	live_fn write;
};

static unsigned long long uptime_s(const struct mount *mount)
{
	return (clock_monotonic_ns(mount->clock) - mount->up_since_ns) / NS_PER_S;
}

/* "DescribeImages  12 done, 1 denied" */
static void write_call_sums(struct mount *mount, FILE *out)
{
	const struct api_counts *counts = client_counts(mount->client);

	for (unsigned i = 0; i < API_COUNTS_OPERATIONS; i++) {
		fprintf(out, "%-22s", api_counts_operation(i));
		for (int status = 0; status < API_COUNTS_STATUSES; status++) {
			uint64_t n = api_counts_get(counts, i, status);

			if (n || status == STATUS_OK)
				fprintf(out, "%s%llu %s", status == STATUS_OK ? "" : ", ",
				        (unsigned long long)n, status_text(status));
		}
		fputc('\n', out);
	}
}

/* What happened on the way of calls, with its names in the two files. */
static const struct {
	const char *status, *metric, *help;
} events[API_EVENTS] = {
        [API_RETRIED] = {"retries", "ecrfs_api_retries_total",
                         "Calls sent again after an error that may pass."},
        [API_THROTTLED] = {"throttled", "ecrfs_api_throttled_total",
                           "Answers that said that calls come too fast."},
        [API_DELAYED] = {"delayed", "ecrfs_api_delayed_total",
                         "Attempts that waited for their turn in adaptive mode."},
        [API_CLOCK_CORRECTED] = {"clock_fixes", "ecrfs_api_clock_corrections_total",
                                 "Answers that told that the clock is wrong."},
        [API_NOT_SENT] = {"not_sent", "ecrfs_api_not_sent_total",
                          "Calls that failed at once, since the endpoint is offline."},
};

static void write_event_sums(struct mount *mount, FILE *out)
{
	const struct api_counts *counts = client_counts(mount->client);

	for (int event = 0; event < API_EVENTS; event++) {
		uint64_t sum = 0;

		for (unsigned i = 0; i < API_COUNTS_OPERATIONS; i++)
			sum += api_counts_get_event(counts, i, event);
		fprintf(out, "%-14s %llu\n", events[event].status, (unsigned long long)sum);
	}
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

static void write_status(struct mount *mount, FILE *out)
{
	struct cache_figures cache;
	struct registries_entry entry;

	cache_figures(mount->cache, &cache);
	fprintf(out,
	        "version        %s\nsource         %s\nmountpoint     %s\nuptime_s       %llu\n",
	        ECRFS_VERSION, mount->options->source, mount->options->mountpoint, uptime_s(mount));
	for (size_t i = 0; registries_named(mount->registries, i, &entry); i++)
		fprintf(out, "registry       %s\n", entry.name);
	write_offline(mount, out);
	fprintf(out, "fuse_requests  %llu\ncache_bytes    %llu of %llu\n",
	        (unsigned long long)requests_count_all(&mount->counts),
	        (unsigned long long)cache.bytes, (unsigned long long)cache.max_bytes);
	for (int i = 0; i < CACHE_LAYERS; i++)
		fprintf(out, "%-13s  %llu hits, %llu misses\n", cache_layer_name(i),
		        (unsigned long long)cache.hits[i], (unsigned long long)cache.misses[i]);
	write_call_sums(mount, out);
	write_event_sums(mount, out);
	fprintf(out, "ids_fetched    %llu\npulls          %llu\n",
	        (unsigned long long)cache.manifests_asked, (unsigned long long)cache.pulls);
}

static void write_counter(FILE *out, const char *name, const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s counter\n", name, help, name);
}

static void write_requests(struct mount *mount, FILE *out)
{
	write_counter(out, "ecrfs_fuse_requests_total", "Requests of the kernel.");
	for (int i = 0; i < REQUEST_KINDS; i++)
		fprintf(out, "ecrfs_fuse_requests_total{operation=\"%s\"} %llu\n",
		        request_kind_name(i),
		        (unsigned long long)requests_count(&mount->counts, i));
}

static void write_cache(struct mount *mount, FILE *out)
{
	struct cache_figures cache;

	cache_figures(mount->cache, &cache);
	write_counter(out, "ecrfs_cache_lookups_total", "Questions to the cache.");
	for (int i = 0; i < CACHE_LAYERS; i++)
		fprintf(out,
		        "ecrfs_cache_lookups_total{layer=\"%s\",outcome=\"hit\"} %llu\n"
		        "ecrfs_cache_lookups_total{layer=\"%s\",outcome=\"miss\"} %llu\n",
		        cache_layer_name(i), (unsigned long long)cache.hits[i], cache_layer_name(i),
		        (unsigned long long)cache.misses[i]);
	write_counter(out, "ecrfs_image_ids_fetched_total",
	              "Image ids for which BatchGetImage was asked.");
	fprintf(out, "ecrfs_image_ids_fetched_total %llu\n",
	        (unsigned long long)cache.manifests_asked);
	write_counter(out, "ecrfs_pulls_total", "Pulls that ECR recorded because of this mount.");
	fprintf(out, "ecrfs_pulls_total %llu\n", (unsigned long long)cache.pulls);
	fprintf(out,
	        "# HELP ecrfs_cache_bytes Memory of manifests and listings.\n"
	        "# TYPE ecrfs_cache_bytes gauge\necrfs_cache_bytes %llu\n",
	        (unsigned long long)cache.bytes);
}

static void write_calls(struct mount *mount, FILE *out)
{
	const struct api_counts *counts = client_counts(mount->client);

	write_counter(out, "ecrfs_api_calls_total", "Calls of the API, retries not counted.");
	for (unsigned i = 0; i < API_COUNTS_OPERATIONS; i++) {
		for (int status = 0; status < API_COUNTS_STATUSES; status++) {
			uint64_t n = api_counts_get(counts, i, status);

			if (n || status == STATUS_OK)
				fprintf(out,
				        "ecrfs_api_calls_total{operation=\"%s\",outcome=\"%s\"} "
				        "%llu\n",
				        api_counts_operation(i), status_text(status),
				        (unsigned long long)n);
		}
	}
}

static void write_events(struct mount *mount, FILE *out)
{
	const struct api_counts *counts = client_counts(mount->client);

	for (int event = 0; event < API_EVENTS; event++) {
		write_counter(out, events[event].metric, events[event].help);
		for (unsigned i = 0; i < API_COUNTS_OPERATIONS; i++)
			fprintf(out, "%s{operation=\"%s\"} %llu\n", events[event].metric,
			        api_counts_operation(i),
			        (unsigned long long)api_counts_get_event(counts, i, event));
	}
}

static void write_endpoints(struct mount *mount, FILE *out)
{
	struct api_endpoint endpoint;

	fputs("# HELP ecrfs_endpoint_up Whether the endpoint can be reached.\n"
	      "# TYPE ecrfs_endpoint_up gauge\n",
	      out);
	for (size_t i = 0; client_endpoint(mount->client, i, &endpoint); i++)
		fprintf(out, "ecrfs_endpoint_up{endpoint=\"%s\"} %d\n", endpoint.host,
		        endpoint.offline == STATUS_OK);
}

static void write_metrics(struct mount *mount, FILE *out)
{
	write_calls(mount, out);
	write_events(mount, out);
	write_endpoints(mount, out);
	write_requests(mount, out);
	write_cache(mount, out);
}

static const struct live_file files[] = {
        {"status", write_status},
        {"metrics", write_metrics},
};

#define COUNT (sizeof(files) / sizeof(files[0]))

const char *live_name(unsigned number)
{
	return number >= 1 && number <= COUNT ? files[number - 1].name : NULL;
}

bool live_find(const char *name, unsigned *ret_number)
{
	const char *known;

	for (unsigned number = 1; (known = live_name(number)); number++) {
		if (strcmp(known, name) != 0)
			continue;
		*ret_number = number;
		return true;
	}
	return false;
}

struct bytes *live_make(struct mount *mount, unsigned number)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	struct bytes *bytes = NULL;

	if (!out)
		return NULL;
	files[number - 1].write(mount, out);
	if (fclose(out) == 0)
		bytes = bytes_new(text, size);
	free(text);
	return bytes;
}
