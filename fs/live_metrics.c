/* metrics: all that is counted, for Prometheus. docs/metrics.md explains each; names stay. */
#include "cache/cache.h"
#include "ecr/api.h"
#include "ecr/api_counts.h"
#include "ecr/chain.h"
#include "ecr/client.h"
#include "fs/exposition.h"
#include "fs/inodes.h"
#include "fs/live_file.h"
#include "fs/live_store.h"
#include "fs/memory.h"
#include "fs/mount.h"

static const struct exposition_label none = {NULL, NULL};

static struct exposition_label operation_label(const char *name)
{
	return (struct exposition_label){"operation", name};
}

/* A family of a single sample. */
static void write_one(FILE *out, const char *name, enum exposition_type type, const char *help,
                      uint64_t value)
{
	struct exposition_family family = {name, type, help};

	exposition_begin(out, &family);
	exposition_sample(out, &family, none, none, value);
}

static void write_process(struct mount *mount, FILE *out)
{
	static const struct exposition_family build = {"ecrfs_build_info", EXPOSITION_GAUGE,
	                                               "1; the version is a label."};
	uint64_t bytes;

	exposition_begin(out, &build);
	exposition_sample(out, &build, (struct exposition_label){"version", ECRFS_VERSION}, none,
	                  1);
	write_one(out, "ecrfs_start_time_seconds", EXPOSITION_GAUGE,
	          "When it was mounted, since 1970.", mount->started_ns / NS_PER_S);
	if (memory_resident(&bytes))
		write_one(out, "ecrfs_memory_resident_bytes", EXPOSITION_GAUGE,
		          "Resident memory of the daemon.", bytes);
	write_one(out, "ecrfs_inodes", EXPOSITION_GAUGE, "Inodes that the kernel holds.",
	          inodes_count(mount->inodes));
}

static void write_requests(struct mount *mount, FILE *out)
{
	static const struct exposition_family total = {
	        "ecrfs_fuse_requests_total", EXPOSITION_COUNTER, "Requests of the kernel."};
	static const struct exposition_family open = {
	        "ecrfs_fuse_requests_in_flight", EXPOSITION_GAUGE,
	        "Requests of the kernel that are not answered yet."};
	static const struct exposition_family durations = {"ecrfs_fuse_request_duration_seconds",
	                                                   EXPOSITION_HISTOGRAM,
	                                                   "How long requests of the kernel took."};

	exposition_begin(out, &total);
	for (int i = 0; i < REQUEST_KINDS; i++)
		exposition_sample(out, &total, operation_label(request_kind_name(i)), none,
		                  requests_count(&mount->counts, i));
	exposition_begin(out, &open);
	for (int i = 0; i < REQUEST_KINDS; i++)
		if (requests_count_times(i))
			exposition_sample(out, &open, operation_label(request_kind_name(i)), none,
			                  requests_count_open(&mount->counts, i));
	exposition_begin(out, &durations);
	for (int i = 0; i < REQUEST_KINDS; i++)
		if (requests_count_times(i))
			exposition_histogram(out, &durations, operation_label(request_kind_name(i)),
			                     &mount->counts.durations[i]);
}

static void write_lookups(const struct cache_figures *cache, FILE *out)
{
	static const struct exposition_family lookups = {
	        "ecrfs_cache_lookups_total", EXPOSITION_COUNTER,
	        "Questions to the cache: answered at once, or not."};
	static const struct exposition_family answers = {
	        "ecrfs_cache_answers_total", EXPOSITION_COUNTER,
	        "Answers of the cache, by where they came from."};

	exposition_begin(out, &lookups);
	for (int i = 0; i < CACHE_KINDS; i++) {
		struct exposition_label kind = {"kind", cache_kind_name(i)};

		exposition_sample(out, &lookups, kind, (struct exposition_label){"outcome", "hit"},
		                  cache->hits[i]);
		exposition_sample(out, &lookups, kind, (struct exposition_label){"outcome", "miss"},
		                  cache->misses[i]);
	}
	exposition_begin(out, &answers);
	for (int i = 0; i < CACHE_LAYERS; i++)
		exposition_sample(out, &answers,
		                  (struct exposition_label){"layer", cache_layer_name(i)}, none,
		                  cache->answers[i]);
}

static void write_cache(struct mount *mount, FILE *out)
{
	static const struct {
		const char *name, *help;
	} events[CACHE_EVENTS] = {
	        [CACHE_JOINED] = {"ecrfs_cache_joins_total",
	                          "Waits for a question that was under way already."},
	        [CACHE_AHEAD] = {"ecrfs_readahead_fetched_total",
	                         "Manifests asked for before they were wanted."},
	        [CACHE_AHEAD_USED] = {"ecrfs_readahead_used_total",
	                              "Manifests read ahead that were wanted then."},
	        [CACHE_IDS_FETCHED] = {"ecrfs_image_ids_fetched_total",
	                               "Image ids for which BatchGetImage was asked."},
	        [CACHE_PULLED] = {"ecrfs_pulls_total",
	                          "Pulls that ECR recorded because of this mount."},
	};
	struct cache_figures cache;

	cache_figures(mount->cache, &cache);
	write_lookups(&cache, out);
	for (int i = 0; i < CACHE_EVENTS; i++)
		write_one(out, events[i].name, EXPOSITION_COUNTER, events[i].help, cache.events[i]);
	write_one(out, "ecrfs_cache_bytes", EXPOSITION_GAUGE, "Memory of manifests and listings.",
	          cache.bytes);
	write_one(out, "ecrfs_cache_max_bytes", EXPOSITION_GAUGE,
	          "What that may be at most: cache_size.", cache.max_bytes);
}

static void write_calls(const struct api_counts *counts, FILE *out)
{
	static const struct exposition_family calls = {"ecrfs_api_calls_total", EXPOSITION_COUNTER,
	                                               "Calls of the API, retries not counted."};
	static const struct exposition_family durations = {
	        "ecrfs_api_call_duration_seconds", EXPOSITION_HISTOGRAM,
	        "How long calls of the API took, retries and waits included."};

	exposition_begin(out, &calls);
	for (unsigned i = 0; i < API_COUNTS_OPERATIONS; i++)
		for (int status = 0; status < API_COUNTS_STATUSES; status++) {
			uint64_t n = api_counts_get(counts, i, status);

			if (n || status == STATUS_OK)
				exposition_sample(
				        out, &calls, operation_label(api_counts_operation(i)),
				        (struct exposition_label){"outcome", status_text(status)},
				        n);
		}
	exposition_begin(out, &durations);
	for (unsigned i = 0; i < API_COUNTS_OPERATIONS; i++)
		exposition_histogram(out, &durations, operation_label(api_counts_operation(i)),
		                     api_counts_durations(counts, i));
}

static void write_call_events(const struct api_counts *counts, FILE *out)
{
	static const struct exposition_family events[API_EVENTS] = {
	        [API_RETRIED] = {"ecrfs_api_retries_total", EXPOSITION_COUNTER,
	                         "Calls sent again after an error that may pass."},
	        [API_THROTTLED] = {"ecrfs_api_throttled_total", EXPOSITION_COUNTER,
	                           "Answers that said that calls come too fast."},
	        [API_DELAYED] = {"ecrfs_api_delayed_total", EXPOSITION_COUNTER,
	                         "Attempts that waited for their turn in adaptive mode."},
	        [API_CLOCK_CORRECTED] = {"ecrfs_api_clock_corrections_total", EXPOSITION_COUNTER,
	                                 "Answers that told that the clock is wrong."},
	        [API_NOT_SENT] = {"ecrfs_api_not_sent_total", EXPOSITION_COUNTER,
	                          "Calls that failed at once, since the endpoint is offline."},
	};
	static const struct exposition_family bytes[API_DIRECTIONS] = {
	        [API_SENT] = {"ecrfs_api_sent_bytes_total", EXPOSITION_COUNTER,
	                      "Bodies of requests, all attempts."},
	        [API_RECEIVED] = {"ecrfs_api_received_bytes_total", EXPOSITION_COUNTER,
	                          "Bodies of answers, unpacked, all attempts."},
	};

	for (int event = 0; event < API_EVENTS; event++) {
		exposition_begin(out, &events[event]);
		for (unsigned i = 0; i < API_COUNTS_OPERATIONS; i++)
			exposition_sample(out, &events[event],
			                  operation_label(api_counts_operation(i)), none,
			                  api_counts_get_event(counts, i, event));
	}
	for (int direction = 0; direction < API_DIRECTIONS; direction++) {
		exposition_begin(out, &bytes[direction]);
		for (unsigned i = 0; i < API_COUNTS_OPERATIONS; i++)
			exposition_sample(out, &bytes[direction],
			                  operation_label(api_counts_operation(i)), none,
			                  api_counts_get_bytes(counts, i, direction));
	}
}

static void write_endpoints(struct mount *mount, FILE *out)
{
	static const struct exposition_family up = {"ecrfs_endpoint_up", EXPOSITION_GAUGE,
	                                            "Whether the endpoint can be reached."};
	struct api_endpoint endpoint;

	exposition_begin(out, &up);
	for (size_t i = 0; client_endpoint(mount->client, i, &endpoint); i++)
		exposition_sample(out, &up, (struct exposition_label){"endpoint", endpoint.host},
		                  none, endpoint.offline == STATUS_OK);
}

/* Those of the mount's own profile have none. */
static struct exposition_label label_of(const char *account)
{
	return account[0] ? (struct exposition_label){"account", account} : none;
}

static void write_credentials(struct mount *mount, FILE *out)
{
	static const struct exposition_family expiry = {
	        "ecrfs_credentials_expiry_time_seconds", EXPOSITION_GAUGE,
	        "When the credentials in use expire, since 1970. Those that never do are not "
	        "shown."};
	struct chain_report report;

	exposition_begin(out, &expiry);
	for (size_t i = 0; client_credentials(mount->client, i, &report); i++)
		if (report.provider && report.expires_ns)
			exposition_sample(out, &expiry,
			                  (struct exposition_label){"provider", report.provider},
			                  label_of(report.account), report.expires_ns / NS_PER_S);
}

static void write_metrics(struct mount *mount, FILE *out)
{
	const struct api_counts *counts = client_counts(mount->client);

	write_process(mount, out);
	write_calls(counts, out);
	write_call_events(counts, out);
	write_endpoints(mount, out);
	write_credentials(mount, out);
	write_requests(mount, out);
	write_cache(mount, out);
	live_store_metrics(mount, out);
}

const struct live_file live_metrics = {"metrics", write_metrics};
