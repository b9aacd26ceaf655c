/* Temporary files. */
#include "tests/unit/temp_dir.h"
#include "base/cleanup.h"
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <ftw.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void temp_path(char path[static TEMP_PATH_SIZE], const char *name)
{
	const char *directory = getenv("TMPDIR");
	int length = snprintf(path, TEMP_PATH_SIZE, "%s/ecrfs-unit-%s.XXXXXX",
	                      directory && directory[0] ? directory : "/tmp", name);

	assert_in_range(length, 1, TEMP_PATH_SIZE - 1);
}

void temp_dir_init(struct temp_dir *dir)
{
	temp_path(dir->path, "dir");
	assert_non_null(mkdtemp(dir->path));
}

static int remove_entry(const char *path, const struct stat *about, int type, struct FTW *place)
{
	(void)about;
	(void)type;
	(void)place;
	return remove(path);
}

void temp_dir_deinit(struct temp_dir *dir)
{
	nftw(dir->path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

char *temp_dir_path(const struct temp_dir *dir, const char *name)
{
	char *path;

	assert_true(asprintf(&path, "%s/%s", dir->path, name) > 0);
	return path;
}

static void make_parents(const char *path, size_t from)
{
	for (const char *slash = path + from; (slash = strchr(slash, '/')); slash++) {
		CLEANUP(free_string) char *parent = strndup(path, (size_t)(slash - path));

		assert_true(mkdir(parent, 0700) == 0 || errno == EEXIST);
	}
}

void temp_dir_write(const struct temp_dir *dir, const char *name, const char *text)
{
	CLEANUP(free_string) char *path = temp_dir_path(dir, name);
	FILE *stream;

	make_parents(path, strlen(dir->path) + 1);
	stream = fopen(path, "w");
	assert_non_null(stream);
	assert_true(fputs(text, stream) >= 0);
	assert_int_equal(fclose(stream), 0);
}
