/* The cache directory: whose it may be, and files in it that are not what they seem. */
#include "store/folder.h"
#include "base/cleanup.h"
#include "tests/unit/captured_log.h"
#include "tests/unit/fake_clock.h"
#include "tests/unit/temp_dir.h"
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define MAX 1000

static struct temp_dir dir;
static struct fake_clock fake;
static struct captured_log captured;
static struct folder_config config;
static struct folder *folder;
static char why[FOLDER_WHY_SIZE];

static int set_up(void **state)
{
	(void)state;
	temp_dir_init(&dir);
	fake_clock_init(&fake);
	captured_log_init(&captured, &fake.clock);
	config = (struct folder_config){.path = temp_dir_path(&dir, "cache")};
	return folder_new(&config, &fake.clock, captured.log, &folder);
}

static int tear_down(void **state)
{
	(void)state;
	folder_free(folder);
	captured_log_deinit(&captured);
	temp_dir_deinit(&dir);
	free((char *)config.path);
	return 0;
}

static char *path_of(const char *name)
{
	char *path;

	assert_true(asprintf(&path, "%s/%s", config.path, name) > 0);
	return path;
}

static void assert_reads(const char *name, const char *text)
{
	struct folder_file file;

	assert_int_equal(folder_read(folder, name, MAX, &file), 0);
	assert_int_equal(file.size, strlen(text));
	assert_memory_equal(file.data, text, file.size);
	folder_file_deinit(&file);
}

static void a_folder_is_made_for_its_owner_alone(void **state)
{
	CLEANUP(free_string) char *layout = path_of("oci-layout");
	struct stat about;

	(void)state;
	assert_int_equal(folder_open(folder, why), 0);
	assert_int_equal(stat(config.path, &about), 0);
	assert_int_equal(about.st_mode & 07777, 0700);
	assert_int_equal(stat(layout, &about), 0);
	assert_int_equal(about.st_mode & 07777, 0600);
	assert_int_equal(folder_open(folder, why), 0);
}

static void one_that_others_can_write_to_is_refused(void **state)
{
	(void)state;
	assert_int_equal(mkdir(config.path, 0700), 0);
	assert_int_equal(chmod(config.path, 0770), 0);
	assert_int_equal(folder_open(folder, why), -EPERM);
	assert_non_null(strstr(why, "chmod go-w"));
	assert_int_equal(captured_log_count(&captured, ""), 0);
	assert_int_equal(folder_write(folder, "tmp/a", "a", 1), -EPERM);
	assert_int_equal(folder_write(folder, "tmp/a", "a", 1), -EPERM);
	assert_int_equal(chmod(config.path, 0700), 0);
	assert_int_equal(folder_write(folder, "tmp/a", "a", 1), -EPERM); /* not looked at again */
	fake_clock_advance(&fake, FOLDER_RETRY_NS);
	assert_int_equal(folder_write(folder, "tmp/a", "a", 1), 0);
}

static void without_its_parent_it_is_not_made(void **state)
{
	CLEANUP(free_string) char *path = path_of("a/b");
	struct folder_config other = {.path = path};
	struct folder *deep;

	(void)state;
	assert_int_equal(folder_new(&other, &fake.clock, captured.log, &deep), 0);
	assert_int_equal(folder_open(deep, why), -ENOENT);
	assert_non_null(strstr(why, "parent directory"));
	folder_free(deep);
}

static void what_is_written_can_be_read(void **state)
{
	struct folder_file file;

	(void)state;
	assert_int_equal(folder_read(folder, "sizes/00", MAX, &file), -ENOENT);
	assert_int_equal(folder_write(folder, "sizes/00", "first", 5), 0);
	assert_int_equal(folder_write(folder, "sizes/00", "second", 6), 0);
	assert_reads("sizes/00", "second");
	assert_int_equal(folder_remove(folder, "sizes/00"), 0);
	assert_int_equal(folder_remove(folder, "sizes/00"), 0);
	assert_int_equal(folder_read(folder, "sizes/00", MAX, &file), -ENOENT);
}

static void what_is_no_file_of_ours_is_told_apart(void **state)
{
	CLEANUP(free_string) char *link = path_of("sizes/link");
	CLEANUP(free_string) char *fifo = path_of("sizes/fifo");
	CLEANUP(free_string) char *directory = path_of("sizes/directory");
	CLEANUP(free_string) char *large = path_of("sizes/large");
	const char *const names[] = {"sizes/link", "sizes/fifo", "sizes/directory", "sizes/large"};
	struct folder_file file;

	(void)state;
	assert_int_equal(folder_open(folder, why), 0);
	assert_int_equal(symlink("/etc/passwd", link), 0);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(mkdir(directory, 0700), 0);
	assert_int_equal(folder_write(folder, "sizes/large", "", 0), 0);
	assert_int_equal(truncate(large, MAX + 1), 0);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(folder_read(folder, names[i], MAX, &file), -EBADMSG);
		assert_int_equal(folder_remove(folder, names[i]), 0);
	}
}

static void links_on_the_way_are_not_followed(void **state)
{
	CLEANUP(free_string) char *sizes = path_of("sizes");
	struct folder_file file;

	(void)state;
	assert_int_equal(folder_open(folder, why), 0);
	assert_int_equal(rmdir(sizes), 0);
	assert_int_equal(symlink("/etc", sizes), 0);
	assert_int_equal(folder_read(folder, "sizes/passwd", 1 << 20, &file), -EBADMSG);
	assert_int_equal(folder_read(folder, "../x", 1 << 20, &file), -EXDEV);
}

static void a_torn_end_is_filled_up(void **state)
{
	size_t total;

	(void)state;
	assert_int_equal(folder_append(folder, "sizes/00", "aaaa", 4, &total), 0);
	assert_int_equal(total, 4);
	assert_int_equal(folder_write(folder, "sizes/00", "aaaab", 5), 0);
	assert_int_equal(folder_append(folder, "sizes/00", "cccc", 4, &total), 0);
	assert_int_equal(total, 12);
	struct folder_file file;

	assert_int_equal(folder_read(folder, "sizes/00", MAX, &file), 0);
	assert_int_equal(file.size, 12);
	assert_memory_equal(file.data, "aaaab\0\0\0cccc", 12);
	folder_file_deinit(&file);
}

static void set_limit(rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* No file may be larger than a few bytes: so writing fails, as on a full disk. */
static void a_disk_that_fails_is_left_alone_for_a_while(void **state)
{
	char data[5000] = {0};

	(void)state;
	assert_int_equal(folder_open(folder, why), 0);
	signal(SIGXFSZ, SIG_IGN);
	set_limit(4096);
	assert_int_equal(folder_write(folder, "sizes/00", data, sizeof(data)), -EFBIG);
	assert_int_equal(captured_log_count(&captured, "cannot be written to"), 1);
	assert_false(folder_is_writable(folder));
	assert_int_equal(folder_write(folder, "sizes/00", data, sizeof(data)), -EAGAIN);
	fake_clock_advance(&fake, FOLDER_RETRY_NS);
	assert_int_equal(folder_write(folder, "sizes/00", data, sizeof(data)), -EFBIG);
	assert_int_equal(captured_log_count(&captured, ""), 1);
	set_limit(RLIM_INFINITY);
	fake_clock_advance(&fake, FOLDER_RETRY_NS);
	assert_int_equal(folder_write(folder, "sizes/00", data, sizeof(data)), 0);
	assert_int_equal(captured_log_count(&captured, "written to again"), 1);
	assert_int_equal(folder_errors(folder), 2);
}

static void a_folder_that_was_removed_is_made_again(void **state)
{
	(void)state;
	assert_int_equal(folder_write(folder, "sizes/00", "a", 1), 0);
	temp_dir_deinit(&dir);
	assert_int_equal(mkdir(dir.path, 0700), 0);
	assert_int_equal(folder_write(folder, "sizes/00", "b", 1), 0);
	assert_reads("sizes/00", "b");
}

static void old_leftovers_are_swept_up(void **state)
{
	CLEANUP(free_string) char *old = path_of("tmp/old");
	CLEANUP(free_string) char *new = path_of("tmp/new");
	time_t now_s = FAKE_CLOCK_REALTIME_NS / NS_PER_S;
	struct timespec times[2] = {{.tv_sec = now_s}, {.tv_sec = now_s}};

	(void)state;
	assert_int_equal(folder_write(folder, "tmp/old", "", 0), 0);
	assert_int_equal(folder_write(folder, "tmp/new", "", 0), 0);
	assert_int_equal(utimensat(AT_FDCWD, new, times, 0), 0);
	times[1].tv_sec -= FOLDER_STALE_TEMP_S + 1;
	assert_int_equal(utimensat(AT_FDCWD, old, times, 0), 0);
	folder_sweep(folder);
	assert_int_equal(access(old, F_OK), -1);
	assert_int_equal(access(new, F_OK), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(a_folder_is_made_for_its_owner_alone),
	        cmocka_unit_test_fixture(one_that_others_can_write_to_is_refused),
	        cmocka_unit_test_fixture(without_its_parent_it_is_not_made),
	        cmocka_unit_test_fixture(what_is_written_can_be_read),
	        cmocka_unit_test_fixture(what_is_no_file_of_ours_is_told_apart),
	        cmocka_unit_test_fixture(links_on_the_way_are_not_followed),
	        cmocka_unit_test_fixture(a_torn_end_is_filled_up),
	        cmocka_unit_test_fixture(a_disk_that_fails_is_left_alone_for_a_while),
	        cmocka_unit_test_fixture(a_folder_that_was_removed_is_made_again),
	        cmocka_unit_test_fixture(old_leftovers_are_swept_up),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
