/* What the disk store has done, as text and for Prometheus. */
#include "fs/live_store.h"
#include "fs/exposition.h"
#include "fs/mount.h"
#include "store/store.h"

#include <stddef.h>

static const struct {
	const char *name;
	size_t offset; /* of the figure */
	const char *help;
} counters[] = {
        {"hits", offsetof(struct store_figures, hits), "Manifests and sizes found on disk."},
        {"misses", offsetof(struct store_figures, misses),
         "Manifests and sizes not found on disk, or not in time."},
        {"damaged", offsetof(struct store_figures, damaged),
         "Blobs on disk that were not what their names say, and were removed."},
        {"written", offsetof(struct store_figures, written), "Manifests written to disk."},
        {"skipped", offsetof(struct store_figures, skipped),
         "Manifests not written, because the disk was full, slow or read-only."},
        {"evicted", offsetof(struct store_figures, evicted),
         "Blobs removed from disk to make room."},
        {"errors", offsetof(struct store_figures, errors), "Failures to write to disk."},
        {"listings_read", offsetof(struct store_figures, listings_read),
         "Files of listings, and of single names, read from disk."},
        {"listings_written", offsetof(struct store_figures, listings_written),
         "Files of listings, and of single names, written to disk."},
        {"listings_damaged", offsetof(struct store_figures, listings_damaged),
         "Such files that were damaged or of something else, and were removed."},
        {"listings_skipped", offsetof(struct store_figures, listings_skipped),
         "Such files not written, because the disk did not keep up or the credentials changed."},
        {"late", offsetof(struct store_figures, late), "Jobs for which the disk took too long."},
};

#define COUNT (sizeof(counters) / sizeof(counters[0]))

static unsigned long long figure(const struct store_figures *figures, size_t i)
{
	return *(const uint64_t *)((const char *)figures + counters[i].offset);
}

void live_store_status(struct mount *mount, FILE *out)
{
	struct store_figures figures;

	if (!mount->store)
		return;
	store_figures(mount->store, &figures);
	fprintf(out, "cache_dir      %s%s\nstore_bytes    %llu of %llu\nstore          ",
	        mount->options->cache_dir, figures.is_hung ? ", which does not answer" : "",
	        (unsigned long long)figures.bytes, (unsigned long long)figures.max_bytes);
	for (size_t i = 0; i < COUNT; i++)
		fprintf(out, "%s%llu %s", i ? ", " : "", figure(&figures, i), counters[i].name);
	fputc('\n', out);
}

static void write_sample(FILE *out, const char *name, enum exposition_type type, const char *help,
                         uint64_t value)
{
	struct exposition_family family = {name, type, help};
	static const struct exposition_label none;

	exposition_begin(out, &family);
	exposition_sample(out, &family, none, none, value);
}

void live_store_metrics(struct mount *mount, FILE *out)
{
	struct store_figures figures;
	char name[64];

	if (!mount->store)
		return;
	store_figures(mount->store, &figures);
	for (size_t i = 0; i < COUNT; i++) {
		snprintf(name, sizeof(name), "ecrfs_store_%s_total", counters[i].name);
		write_sample(out, name, EXPOSITION_COUNTER, counters[i].help, figure(&figures, i));
	}
	write_sample(out, "ecrfs_store_bytes", EXPOSITION_GAUGE, "Bytes of blobs on disk.",
	             figures.bytes);
	write_sample(out, "ecrfs_store_hung", EXPOSITION_GAUGE,
	             "Whether the cache directory does not answer.", figures.is_hung);
}
