/* The files of what ECR told: damaged, swept away, and where others may write. */
#include "base/cleanup.h"
#include "tests/unit/told_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static uint64_t n_read(void)
{
	return atomic_load(&told.files.n_read);
}

static uint64_t n_damaged(void)
{
	return atomic_load(&told.files.n_damaged);
}

/* The path of the file of that kind that Alice was told. Heap. */
static char *file_of(enum listing_kind kind)
{
	struct told_identity identity;
	struct told_caller caller;
	char key[TOLD_KEY_SIZE], path[FOLDER_PATH_SIZE];

	assert_true(told_caller_copy(&alice, &caller));
	assert_true(told_caller_identify(&told.files, &caller, &identity));
	assert_true(told_caller_key(&caller, &identity, &registry, "team/app", key));
	assert_int_equal(told_files_path(kind, key, path), 0);
	return temp_dir_path(&dir, path);
}

static void only_the_newest_answers_are_kept(void **state)
{
	CLEANUP(free_string) char *path = NULL;
	struct stat once, twice;

	(void)state;
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 1100; i++) {
			char tag[16];

			snprintf(tag, sizeof(tag), "%c%07d", 'a' + round, i);
			ask(tag, STATUS_OK, 3);
		}
		settle(&alice);
		if (!path)
			path = file_of(LISTING_ANSWERS);
		assert_int_equal(stat(path, round ? &twice : &once), 0);
	}
	assert_int_equal(once.st_size, twice.st_size);
	assert_memory_equal(recall(&registry, "team/app", &alice).text, "[image b",
	                    strlen("[image b"));
}

static void a_damaged_file_is_removed_and_counted(void **state)
{
	CLEANUP(free_string) char *path = NULL;

	(void)state;
	list("v1=3", &alice);
	path = file_of(LISTING_TAGS);
	assert_int_equal(truncate(path, 50), 0);
	assert_recalled("team/app", &alice, "");
	assert_int_equal(n_damaged(), 1);
	assert_int_not_equal(access(path, F_OK), 0);
	assert_recalled("team/app", &alice, "");
	assert_int_equal(n_damaged(), 1);
}

/* As --fsck has it. */
static void a_file_is_checked_without_its_key_being_known(void **state)
{
	CLEANUP(free_string) char *path = NULL, *other = NULL;
	enum listing_kind kind;
	const char *name;

	(void)state;
	list("v1=3", &alice);
	path = file_of(LISTING_TAGS);
	other = file_of(LISTING_ANSWERS);
	name = strstr(path, "listings/");
	assert_true(told_files_name_parse(name + strlen("listings/"), &kind));
	assert_int_equal(kind, LISTING_TAGS);
	assert_false(told_files_name_parse("oci-layout", &kind));
	assert_int_equal(told_files_check(folder, name, LISTING_TAGS), 0);
	assert_int_equal(told_files_check(folder, name, LISTING_DIGESTS), 1);
	assert_int_equal(told_files_check(folder, strstr(other, "listings/"), LISTING_TAGS),
	                 -ENOENT);
	assert_int_equal(rename(path, other), 0);
	assert_int_equal(told_files_check(folder, strstr(other, "listings/"), LISTING_TAGS), 1);
}

static void damaged_answers_begin_anew(void **state)
{
	CLEANUP(free_string) char *path = NULL;

	(void)state;
	ask("v1", STATUS_OK, 3);
	settle(&alice);
	path = file_of(LISTING_ANSWERS);
	assert_int_equal(truncate(path, 50), 0);
	ask("v2", STATUS_OK, 4);
	settle(&alice);
	assert_recalled("team/app", &alice, "[image v2=4]");
	assert_int_equal(n_damaged(), 1);
}

static void old_files_are_swept_away(void **state)
{
	CLEANUP(free_string) char *path = NULL;
	struct stat about;

	(void)state;
	list("v1=3", &alice);
	path = file_of(LISTING_TAGS);
	assert_int_equal(stat(path, &about), 0);
	fake_clock_set_realtime(&fake, ((uint64_t)about.st_mtime + TOLD_KEEP_S) * NS_PER_S);
	told_sweep(&told);
	settle(&alice);
	assert_int_equal(access(path, F_OK), 0);
	fake_clock_set_realtime(&fake, ((uint64_t)about.st_mtime + TOLD_KEEP_S + 60) * NS_PER_S);
	told_sweep(&told);
	settle(&alice);
	assert_int_not_equal(access(path, F_OK), 0);
}

static void a_directory_of_many_is_swept_in_pieces(void **state)
{
	char name[64];

	(void)state;
	list("v1=3", &alice);
	for (int i = 0; i < 600; i++) {
		snprintf(name, sizeof(name), "listings/%d-t", i);
		temp_dir_write(&dir, name, "");
	}
	fake_clock_set_realtime(&fake, (uint64_t)INT64_MAX);
	told_sweep(&told);
	settle(&alice);
	for (int i = 0; i < 600; i++) {
		CLEANUP(free_string) char *path = NULL;

		snprintf(name, sizeof(name), "listings/%d-t", i);
		path = temp_dir_path(&dir, name);
		assert_int_not_equal(access(path, F_OK), 0);
	}
}

static void where_others_may_write_nothing_is_kept_or_believed(void **state)
{
	(void)state;
	list("v1=3", &alice);
	is_shared = true;
	live_again();
	assert_recalled("team/app", &alice, "");
	assert_int_equal(n_read(), 0);
	ask("v2", STATUS_OK, 4);
	settle(&alice);
	is_shared = false;
	live_again();
	assert_recalled("team/app", &alice, "[v1=3]");
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(only_the_newest_answers_are_kept),
	        cmocka_unit_test_fixture(a_damaged_file_is_removed_and_counted),
	        cmocka_unit_test_fixture(a_file_is_checked_without_its_key_being_known),
	        cmocka_unit_test_fixture(damaged_answers_begin_anew),
	        cmocka_unit_test_fixture(old_files_are_swept_away),
	        cmocka_unit_test_fixture(a_directory_of_many_is_swept_in_pieces),
	        cmocka_unit_test_fixture(where_others_may_write_nothing_is_kept_or_believed),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
