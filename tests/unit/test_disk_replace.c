/* Files that are replaced as a whole. */
#include "net/disk_replace.h"
#include "base/cleanup.h"
#include "net/loop.h"
#include "tests/unit/pump.h"
#include "tests/unit/temp_dir.h"
#include "tests/unit/unit_test.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct result {
	bool done;
	int error;
};

static struct loop *loop;
static struct temp_dir dir;

static int set_up(void **state)
{
	(void)state;
	temp_dir_init(&dir);
	return loop_new(&loop);
}

static int tear_down(void **state)
{
	(void)state;
	loop_free(loop);
	temp_dir_deinit(&dir);
	return 0;
}

static void was_replaced(void *arg, int error)
{
	struct result *result = arg;

	assert_false(result->done);
	result->done = true;
	result->error = error;
}

static int replace(const char *name, const char *text)
{
	CLEANUP(free_string) char *path = temp_dir_path(&dir, name);
	struct disk_replacing *replacing;
	struct result result = {0};

	assert_int_equal(
	        disk_replace(loop, path, text, strlen(text), was_replaced, &result, &replacing), 0);
	assert_false(result.done);
	pump_until(loop, &result.done);
	return result.error;
}

static void assert_file(const char *name, const char *expected)
{
	CLEANUP(free_string) char *path = temp_dir_path(&dir, name);
	CLEANUP(close_stream) FILE *stream = fopen(path, "r");
	char text[256] = "";

	assert_non_null(stream);
	text[fread(text, 1, sizeof(text) - 1, stream)] = '\0';
	assert_string_equal(text, expected);
}

static unsigned count_files(void)
{
	DIR *directory = opendir(dir.path);
	unsigned n = 0;

	for (struct dirent *entry; (entry = readdir(directory));)
		n += entry->d_name[0] != '.';
	closedir(directory);
	return n;
}

static void a_file_is_made_for_its_owner_alone(void **state)
{
	CLEANUP(free_string) char *path = temp_dir_path(&dir, "token");
	struct stat status;

	(void)state;
	assert_int_equal(replace("token", "first"), 0);
	assert_file("token", "first");
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
}

/* Who has the old one open goes on reading that. */
static void a_file_is_replaced_by_another(void **state)
{
	CLEANUP(free_string) char *path = temp_dir_path(&dir, "token");
	struct stat before, after;

	(void)state;
	temp_dir_write(&dir, "token", "a longer text");
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(replace("token", "short"), 0);
	assert_int_equal(stat(path, &after), 0);
	assert_file("token", "short");
	assert_int_not_equal(before.st_ino, after.st_ino);
	assert_int_equal(count_files(), 1);
}

static void what_cannot_be_replaced_stays(void **state)
{
	(void)state;
	assert_int_equal(replace("nowhere/token", "text"), -ENOENT);
	temp_dir_write(&dir, "token/inside", "text");
	assert_int_equal(replace("token", "text"), -EISDIR);
	assert_file("token/inside", "text");
	assert_int_equal(count_files(), 1); /* no temporary file */
}

static void never_called(void *arg, int error)
{
	(void)arg;
	(void)error;
	fail();
}

static void a_file_that_nobody_waits_for_is_written(void **state)
{
	CLEANUP(free_string) char *path = temp_dir_path(&dir, "token");
	struct disk_replacing *replacing;

	(void)state;
	assert_int_equal(disk_replace(loop, path, "text", 4, never_called, NULL, &replacing), 0);
	disk_replace_abandon(replacing);
	disk_replace_abandon(NULL);
	pump_disk(loop);
	assert_file("token", "text");
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(a_file_is_made_for_its_owner_alone),
	        cmocka_unit_test_fixture(a_file_is_replaced_by_another),
	        cmocka_unit_test_fixture(what_cannot_be_replaced_stays),
	        cmocka_unit_test_fixture(a_file_that_nobody_waits_for_is_written),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
