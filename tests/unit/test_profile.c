/* The profile in use: which files, which name, what they say together. */
#include "ecr/profile.h"
#include "base/cleanup.h"
#include "tests/unit/profile_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define tear_down profile_fixture_tear_down

/* One who reads the profile, and what it saw. */
struct reader {
	bool done;
	int error;
	bool exists;
	char region[64];
	char key_id[64];
};

static struct reader reader;

static int set_up(void **state)
{
	memset(&reader, 0, sizeof(reader));
	return profile_fixture_set_up(state);
}

static void copy_key(const struct profile_content *content, const char *key, char text[64])
{
	const char *value = profile_get(content, key);

	strcpy(text, value ? value : "(none)");
}

static void was_read(void *arg, int error, const struct profile_content *content)
{
	struct reader *saw = arg;

	assert_false(saw->done);
	saw->done = true;
	saw->error = error;
	assert_int_equal(error != 0, content == NULL);
	if (!content)
		return;
	saw->exists = profile_exists(content);
	copy_key(content, "region", saw->region);
	copy_key(content, "aws_access_key_id", saw->key_id);
}

static void read_profile(const char *option)
{
	if (!f.profile)
		open_profile(option);
	memset(&reader, 0, sizeof(reader));
	assert_int_equal(profile_read(f.profile, was_read, &reader), 0);
	assert_false(reader.done);
	pump_until(f.loop, &reader.done);
}

static void both_files_are_merged_key_by_key(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, "[default]\nregion = eu-west-1\naws_access_key_id = A1\n");
	aws_home_write_credentials(&f.home, "[default]\naws_access_key_id = A2\n");
	read_profile(NULL);
	assert_int_equal(reader.error, 0);
	assert_true(reader.exists);
	assert_string_equal(reader.region, "eu-west-1");
	assert_string_equal(reader.key_id, "A2"); /* the credentials file wins */
}

static void an_empty_value_counts_as_none(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, "[default]\naws_access_key_id = A1\nregion =\n");
	aws_home_write_credentials(&f.home, "[default]\naws_access_key_id =\n");
	read_profile(NULL);
	assert_string_equal(reader.key_id, "A1");
	assert_string_equal(reader.region, "(none)");
}

static void each_file_has_its_own_form_of_section(void **state)
{
	(void)state;
	aws_home_write_config(&f.home, "[dev]\nregion = wrong\n[profile dev]\nregion = right\n");
	aws_home_write_credentials(&f.home, "[profile dev]\naws_access_key_id = wrong\n"
	                                    "[dev]\naws_access_key_id = right\n");
	read_profile("dev");
	assert_string_equal(reader.region, "right");
	assert_string_equal(reader.key_id, "right");
}

static void missing_files_are_empty(void **state)
{
	(void)state;
	read_profile(NULL);
	assert_int_equal(reader.error, 0);
	assert_false(reader.exists);
	assert_string_equal(reader.region, "(none)");
	assert_int_equal(captured_log_count(&f.captured, ""), 0);
}

static void files_are_read_again_each_time(void **state)
{
	(void)state;
	read_profile(NULL);
	assert_false(reader.exists);
	aws_home_write_config(&f.home, "[default]\nregion = eu-west-1\n");
	read_profile(NULL);
	assert_string_equal(reader.region, "eu-west-1");
}

static void a_file_that_cannot_be_read_is_an_error_not_an_absence(void **state)
{
	CLEANUP(free_string) char *path = temp_dir_path(&f.home, ".aws/credentials");

	(void)state;
	aws_home_write_config(&f.home, "[default]\nregion = eu-west-1\n");
	assert_int_equal(mkdir(path, 0700), 0);
	read_profile(NULL);
	assert_int_equal(reader.error, -EISDIR);
	assert_int_equal(captured_log_count(&f.captured, "cannot read"), 1);
	assert_int_equal(captured_log_count(&f.captured, path), 1);
}

/* The line itself is never logged: it may hold half of a key. */
static void a_bad_line_is_logged_by_its_number(void **state)
{
	(void)state;
	aws_home_write_credentials(&f.home, "[default]\naws_access_key_id = A\nSECRETSECRET\nx\n");
	read_profile(NULL);
	assert_string_equal(reader.key_id, "A");
	assert_int_equal(captured_log_count(&f.captured, "credentials, line 3 is left out"), 1);
	assert_int_equal(captured_log_count(&f.captured, "2 such lines"), 1);
	assert_int_equal(captured_log_count(&f.captured, "SECRET"), 0);
}

static void assert_name(const char *option, const char *name, bool named)
{
	open_profile(option);
	assert_string_equal(profile_name(f.profile), name);
	assert_int_equal(profile_is_named(f.profile), named);
	profile_free(f.profile);
	f.profile = NULL;
}

static void the_name_is_option_then_environment_then_default(void **state)
{
	(void)state;
	assert_name(NULL, "default", false);
	assert_name("", "default", false);
	setenv("AWS_DEFAULT_PROFILE", "third", 1);
	assert_name(NULL, "third", true);
	setenv("AWS_PROFILE", "second", 1);
	assert_name(NULL, "second", true);
	assert_name("first", "first", true);
	setenv("AWS_PROFILE", "", 1);
	assert_name(NULL, "third", true);
	assert_name("default", "default", true);
}

static void the_environment_names_the_files(void **state)
{
	CLEANUP(free_string) char *config = temp_dir_path(&f.home, "my config");

	(void)state;
	temp_dir_write(&f.home, "my config", "[default]\nregion = mine\n");
	temp_dir_write(&f.home, "elsewhere/keys", "[default]\naws_access_key_id = mine\n");
	aws_home_write_config(&f.home, "[default]\nregion = wrong\n");
	setenv("AWS_CONFIG_FILE", config, 1);
	setenv("AWS_SHARED_CREDENTIALS_FILE", "~/elsewhere/keys", 1);
	read_profile(NULL);
	assert_string_equal(reader.region, "mine");
	assert_string_equal(reader.key_id, "mine");
}

static void a_home_that_is_no_directory_has_no_files(void **state)
{
	(void)state;
	setenv("HOME", "/dev/null", 1);
	read_profile(NULL);
	assert_int_equal(reader.error, 0);
	assert_false(reader.exists);
}

/* mount(8) and systemd may start it without HOME. */
static void without_home_the_passwd_entry_is_taken(void **state)
{
	(void)state;
	unsetenv("HOME");
	setenv("AWS_CONFIG_FILE", "~//../../../../../../no/such/file", 1);
	setenv("AWS_SHARED_CREDENTIALS_FILE", "~", 1); /* a directory: its path is logged */
	read_profile(NULL);
	assert_int_equal(reader.error, -EISDIR);
	assert_int_equal(captured_log_count(&f.captured, "cannot read /"), 1);
}

int __real_getpwuid_r(uid_t uid, struct passwd *entry, char *buffer, size_t size,
                      struct passwd **ret_entry);
int __wrap_getpwuid_r(uid_t uid, struct passwd *entry, char *buffer, size_t size,
                      struct passwd **ret_entry);

static bool nobody_knows_us;

int __wrap_getpwuid_r(uid_t uid, struct passwd *entry, char *buffer, size_t size,
                      struct passwd **ret_entry)
{
	if (!nobody_knows_us)
		return __real_getpwuid_r(uid, entry, buffer, size, ret_entry);
	*ret_entry = NULL;
	return 0;
}

/* As in a container that runs as a user of its own. */
static void who_has_no_passwd_entry_either_has_no_files(void **state)
{
	(void)state;
	unsetenv("HOME");
	nobody_knows_us = true;
	open_profile(NULL);
	nobody_knows_us = false;
	read_profile(NULL);
	assert_int_equal(reader.error, 0);
	assert_false(reader.exists);
}

static void several_may_read_at_the_same_time(void **state)
{
	struct reader readers[8] = {0};

	(void)state;
	aws_home_write_config(&f.home, "[default]\nregion = eu-west-1\n");
	open_profile(NULL);
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(profile_read(f.profile, was_read, &readers[i]), 0);
	pump_disk(f.loop);
	for (unsigned i = 0; i < 8; i++) {
		assert_true(readers[i].done);
		assert_string_equal(readers[i].region, "eu-west-1");
	}
}

static void a_reader_that_forgets_is_not_called(void **state)
{
	struct reader other = {0};

	(void)state;
	open_profile(NULL);
	assert_int_equal(profile_read(f.profile, was_read, &reader), 0);
	assert_int_equal(profile_read(f.profile, was_read, &other), 0);
	profile_forget(f.profile, &reader);
	pump_disk(f.loop);
	assert_false(reader.done);
	assert_true(other.done);
}

struct read_task {
	struct loop_task task;
	int r;
};

static void read_on_loop(struct loop_task *task)
{
	((struct read_task *)task)->r = profile_read(f.profile, was_read, &reader);
}

/* A home directory that hangs, here a FIFO that nobody writes to, while the mount ends. */
static void the_end_may_come_while_a_file_is_being_read(void **state)
{
	CLEANUP(free_string) char *path = temp_dir_path(&f.home, "fifo");
	struct read_task read = {.task.run = read_on_loop};
	int fifo;

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	setenv("AWS_CONFIG_FILE", path, 1);
	open_profile(NULL);
	assert_int_equal(loop_start(f.loop), 0);
	loop_post(f.loop, &read.task);
	loop_stop(f.loop);
	assert_int_equal(read.r, 0);
	profile_free(f.profile);
	f.profile = NULL;
	fifo = open(path, O_WRONLY | O_CLOEXEC); /* as soon as the disk thread waits there */
	assert_true(fifo >= 0);
	close(fifo);
	loop_free(f.loop);
	f.loop = NULL;
	assert_false(reader.done);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(both_files_are_merged_key_by_key),
	        cmocka_unit_test_fixture(an_empty_value_counts_as_none),
	        cmocka_unit_test_fixture(each_file_has_its_own_form_of_section),
	        cmocka_unit_test_fixture(missing_files_are_empty),
	        cmocka_unit_test_fixture(files_are_read_again_each_time),
	        cmocka_unit_test_fixture(a_file_that_cannot_be_read_is_an_error_not_an_absence),
	        cmocka_unit_test_fixture(a_bad_line_is_logged_by_its_number),
	        cmocka_unit_test_fixture(the_name_is_option_then_environment_then_default),
	        cmocka_unit_test_fixture(the_environment_names_the_files),
	        cmocka_unit_test_fixture(a_home_that_is_no_directory_has_no_files),
	        cmocka_unit_test_fixture(without_home_the_passwd_entry_is_taken),
	        cmocka_unit_test_fixture(who_has_no_passwd_entry_either_has_no_files),
	        cmocka_unit_test_fixture(several_may_read_at_the_same_time),
	        cmocka_unit_test_fixture(a_reader_that_forgets_is_not_called),
	        cmocka_unit_test_fixture(the_end_may_come_while_a_file_is_being_read),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
