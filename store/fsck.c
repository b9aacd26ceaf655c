/* File by file, each kind by its own check. */
#include "store/fsck.h"
#include "store/blobs.h"
#include "store/folder.h"
#include "store/sizes.h"
#include "store/told_files.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum verdict {
	GOOD,
	REPAIRED,
	DAMAGED,
	FOREIGN,
	GONE, /* a mount has removed it just now */
};

struct kind {
	const char *name;
	const char *directory; /* below the cache directory */
	enum verdict (*check)(struct folder *folder, const char *path, const char *name,
	                      const struct stat *about);
};

static enum verdict remove_file(struct folder *folder, const char *path)
{
	return folder_remove(folder, path) == 0 ? REPAIRED : DAMAGED;
}

/* What is larger than a manifest can be may be a layer that another tool has put there. */
static enum verdict check_blob(struct folder *folder, const char *path, const char *name,
                               const struct stat *about)
{
	struct digest digest;
	int r;

	if (!blobs_name_parse(name, &digest) ||
	    (S_ISREG(about->st_mode) && (uint64_t)about->st_size > BLOBS_MAX_BYTES))
		return FOREIGN;
	r = blobs_check(folder, &digest);
	if (r == 0)
		return GOOD;
	return r == -ENOENT ? GONE : remove_file(folder, path);
}

static bool is_sizes_name(const char *name)
{
	return strlen(name) == 2 && strspn(name, "0123456789abcdef") == 2;
}

static enum verdict check_sizes(struct folder *folder, const char *path, const char *name,
                                const struct stat *about)
{
	size_t n;
	int r;

	(void)about;
	if (!is_sizes_name(name))
		return FOREIGN;
	r = sizes_check(folder, path, true, &n);
	if (r == 0)
		return GOOD;
	if (r == -ENOENT)
		return GONE;
	return r > 0 && sizes_check(folder, path, false, &n) != 1 ? REPAIRED : DAMAGED;
}

static enum verdict check_listing(struct folder *folder, const char *path, const char *name,
                                  const struct stat *about)
{
	enum listing_kind kind;
	int r;

	(void)about;
	if (!told_files_name_parse(name, &kind))
		return FOREIGN;
	r = told_files_check(folder, path, kind);
	if (r == 0)
		return GOOD;
	if (r == -ENOENT)
		return GONE;
	return r > 0 ? remove_file(folder, path) : DAMAGED;
}

static const struct kind kinds[] = {
        {"blobs", BLOBS_DIRECTORY, check_blob},
        {"sizes", SIZES_DIRECTORY, check_sizes},
        {"listings", TOLD_DIRECTORY, check_listing},
};

#define COUNT (sizeof(kinds) / sizeof(kinds[0]))

const char *fsck_kind(unsigned kind)
{
	return kind < COUNT ? kinds[kind].name : NULL;
}

static int count_files(struct folder *folder, const char *directory, uint64_t *ret_n)
{
	struct folder_names *names;
	struct stat about;
	int r = folder_names_open(folder, directory, &names);

	if (r < 0)
		return r;
	while (folder_names_next(names, &about))
		++*ret_n;
	folder_names_close(names);
	return 0;
}

static void count(struct fsck_counts *counts, enum verdict verdict, const struct stat *about)
{
	switch (verdict) {
	case GOOD:
		counts->good++;
		counts->bytes += (uint64_t)about->st_size;
		break;
	case REPAIRED:
		counts->repaired++;
		break;
	case DAMAGED:
		counts->damaged++;
		break;
	case FOREIGN:
		counts->foreign++;
		break;
	case GONE:
		break;
	}
}

static void check_file(struct folder *folder, const struct kind *kind, const char *name,
                       const struct stat *about, struct fsck_counts *counts)
{
	char path[FOLDER_PATH_SIZE];
	int length = snprintf(path, sizeof(path), "%s/%s", kind->directory, name);

	count(counts, length < (int)sizeof(path) ? kind->check(folder, path, name, about) : FOREIGN,
	      about);
}

int fsck_files(struct folder *folder, unsigned kind, fsck_progress_fn progress, void *arg,
               struct fsck_counts *ret_counts)
{
	struct fsck_counts counts = {0};
	struct folder_names *names;
	uint64_t done = 0, all = 0;
	struct stat about;
	const char *name;
	int r = count_files(folder, kinds[kind].directory, &all);

	if (r == 0)
		r = folder_names_open(folder, kinds[kind].directory, &names);
	if (r < 0)
		return r;
	while ((name = folder_names_next(names, &about))) {
		check_file(folder, &kinds[kind], name, &about, &counts);
		done++;
		progress(arg, done, done > all ? done : all);
	}
	folder_names_close(names);
	*ret_counts = counts;
	return 0;
}
