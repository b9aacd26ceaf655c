/* Small files, as the disk pool reads them. */
#include "net/disk_file.h"
#include "base/cleanup.h"
#include "net/loop.h"
#include "tests/unit/pump.h"
#include "tests/unit/temp_dir.h"
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_BYTES 8

struct result {
	bool done;
	int error;
	char text[MAX_BYTES + 1];
	size_t size;
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

static void was_read(void *arg, int error, const char *text, size_t size)
{
	struct result *result = arg;

	result->done = true;
	result->error = error;
	result->size = size;
	if (text)
		memcpy(result->text, text, size + 1);
	else
		assert_int_equal(size, 0);
}

static struct result read_name(const char *name)
{
	CLEANUP(free_string) char *path = temp_dir_path(&dir, name);
	struct result result = {0};
	struct disk_reading *reading;

	assert_int_equal(disk_file_read(loop, path, MAX_BYTES, was_read, &result, &reading), 0);
	assert_false(result.done);
	pump_until(loop, &result.done);
	return result;
}

static void a_file_is_read_as_a_whole(void **state)
{
	struct result result;

	(void)state;
	temp_dir_write(&dir, "token", "12345678");
	result = read_name("token");
	assert_int_equal(result.error, 0);
	assert_int_equal(result.size, 8);
	assert_string_equal(result.text, "12345678");
	temp_dir_write(&dir, "token", "");
	result = read_name("token");
	assert_int_equal(result.error, 0);
	assert_int_equal(result.size, 0);
}

static void what_cannot_be_read_is_an_error(void **state)
{
	CLEANUP(free_string) char *pipe = temp_dir_path(&dir, "pipe");

	(void)state;
	temp_dir_write(&dir, "long", "123456789");
	temp_dir_write(&dir, "directory/file", "");
	assert_int_equal(read_name("missing").error, -ENOENT);
	assert_int_equal(read_name("long").error, -EFBIG);
	assert_int_equal(read_name("directory").error, -EISDIR);
	/* Nobody writes to it, and nobody waits for that. */
	assert_int_equal(mkfifo(pipe, 0600), 0);
	assert_int_equal(read_name("pipe").size, 0);
}

static void devices_are_not_read(void **state)
{
	struct result result = {0};
	struct disk_reading *reading;

	(void)state;
	assert_int_equal(disk_file_read(loop, "/dev/zero", MAX_BYTES, was_read, &result, &reading),
	                 0);
	pump_until(loop, &result.done);
	assert_int_equal(result.error, -EINVAL);
}

static void who_has_left_is_not_called(void **state)
{
	CLEANUP(free_string) char *path = temp_dir_path(&dir, "token");
	struct result result = {0};
	struct disk_reading *reading;

	(void)state;
	temp_dir_write(&dir, "token", "1");
	assert_int_equal(disk_file_read(loop, path, MAX_BYTES, was_read, &result, &reading), 0);
	disk_file_abandon(reading);
	disk_file_abandon(NULL);
	pump_disk(loop);
	assert_false(result.done);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(a_file_is_read_as_a_whole),
	        cmocka_unit_test_fixture(what_cannot_be_read_is_an_error),
	        cmocka_unit_test_fixture(devices_are_not_read),
	        cmocka_unit_test_fixture(who_has_left_is_not_called),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
