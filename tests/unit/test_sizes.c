/* Records of which repository has handed out what. */
#include "store/sizes.h"
#include "base/cleanup.h"
#include "store/folder.h"
#include "tests/unit/captured_log.h"
#include "tests/unit/fake_clock.h"
#include "tests/unit/fake_source.h"
#include "tests/unit/temp_dir.h"
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

static struct temp_dir dir;
static struct fake_clock fake;
static struct captured_log captured;
static struct folder_config config;
static struct folder *folder;

static int set_up(void **state)
{
	(void)state;
	temp_dir_init(&dir);
	fake_clock_init(&fake);
	captured_log_init(&captured, &fake.clock);
	config = (struct folder_config){.path = dir.path};
	return folder_new(&config, &fake.clock, captured.log, &folder);
}

static int tear_down(void **state)
{
	(void)state;
	folder_free(folder);
	captured_log_deinit(&captured);
	temp_dir_deinit(&dir);
	return 0;
}

static struct sizes_key key_of(const char *scope, const char *repository, int digit)
{
	struct digest digest = fake_digest(digit);
	struct sizes_key key;

	assert_int_equal(sizes_key(scope, repository, &digest, &key), 0);
	return key;
}

static void add(const struct sizes_key *key, uint32_t size, uint32_t told_s)
{
	assert_int_equal(sizes_add(folder, key, &(struct sizes_entry){size, told_s}), 0);
}

/* Keys that begin with the same byte lie in the same file. */
static struct sizes_key beside(const struct sizes_key *key, unsigned n)
{
	struct sizes_key other = *key;

	memcpy(other.bytes + 4, &n, sizeof(n));
	return other;
}

static char *file_of(const struct sizes_key *key)
{
	char *path;

	assert_true(asprintf(&path, "%s/sizes/%02x", dir.path, key->bytes[0]) > 0);
	return path;
}

static void a_key_is_of_registry_repository_and_digest(void **state)
{
	struct sizes_key key = key_of("1.a", "team", 1), others[] = {
	                                                         key_of("2.a", "team", 1),
	                                                         key_of("1.a", "team2", 1),
	                                                         key_of("1.a", "team", 2),
	                                                 };

	(void)state;
	for (size_t i = 0; i < 3; i++)
		assert_memory_not_equal(&key, &others[i], sizeof(key));
}

static void the_last_record_counts(void **state)
{
	struct sizes_key key = key_of("1.a", "team", 1);
	struct sizes_key other = beside(&key, 7);
	struct sizes_entry entry;

	(void)state;
	assert_int_equal(sizes_find(folder, &key, &entry), -ENOENT);
	add(&key, 10, 100);
	add(&other, 11, 101);
	assert_int_equal(sizes_find(folder, &key, &entry), 0);
	assert_int_equal(entry.size, 10);
	assert_int_equal(entry.told_s, 100);
	add(&key, 12, 102);
	assert_int_equal(sizes_find(folder, &key, &entry), 0);
	assert_int_equal(entry.size, 12);
	assert_int_equal(entry.told_s, 102);
}

static void a_torn_record_counts_for_nothing(void **state)
{
	struct sizes_key key = key_of("1.a", "team", 1);
	CLEANUP(free_string) char *path = file_of(&key);
	struct sizes_entry entry;

	(void)state;
	add(&key, 10, 100);
	add(&key, 12, 102);
	assert_int_equal(truncate(path, 2 * SIZES_RECORD - 3), 0);
	assert_int_equal(sizes_find(folder, &key, &entry), 0);
	assert_int_equal(entry.size, 10);
	add(&key, 13, 103);
	assert_int_equal(sizes_find(folder, &key, &entry), 0);
	assert_int_equal(entry.size, 13);
}

static void a_file_that_is_too_long_keeps_the_newest_half(void **state)
{
	struct sizes_key key = key_of("1.a", "team", 1), other;
	unsigned n = SIZES_FILE_BYTES / SIZES_RECORD + 1;
	struct sizes_entry entry;

	(void)state;
	for (unsigned i = 0; i < n; i++) {
		other = beside(&key, i);
		add(&other, i + 1, 1);
	}
	other = beside(&key, n - 1);
	assert_int_equal(sizes_find(folder, &other, &entry), 0);
	assert_int_equal(entry.size, n);
	other = beside(&key, n - SIZES_FILE_BYTES / SIZES_RECORD / 2);
	assert_int_equal(sizes_find(folder, &other, &entry), 0);
	other = beside(&key, 0);
	assert_int_equal(sizes_find(folder, &other, &entry), -ENOENT);
}

static void *add_many(void *arg)
{
	for (unsigned i = 0; i < 2000; i++) {
		struct sizes_key other = beside(arg, i + 1);

		add(&other, 1, 1);
	}
	return NULL;
}

static void who_reads_while_others_add_loses_nothing(void **state)
{
	struct sizes_key key = key_of("1.a", "team", 1), other;
	struct sizes_entry entry;
	pthread_t thread;

	(void)state;
	add(&key, 10, 100);
	assert_int_equal(pthread_create(&thread, NULL, add_many, &key), 0);
	for (int i = 0; i < 5000; i++)
		assert_int_equal(sizes_find(folder, &key, &entry), 0);
	pthread_join(thread, NULL);
	for (unsigned i = 0; i < 2000; i++) {
		other = beside(&key, i + 1);
		assert_int_equal(sizes_find(folder, &other, &entry), 0);
	}
}

static void damage_is_found_and_taken_out(void **state)
{
	struct sizes_key key = key_of("1.a", "team", 1), other = beside(&key, 7);
	CLEANUP(free_string) char *path = file_of(&key);
	const char *name = path + strlen(dir.path) + 1;
	struct sizes_entry entry;
	FILE *file;
	size_t n;

	(void)state;
	add(&key, 10, 100);
	add(&other, 11, 101);
	assert_int_equal(sizes_check(folder, name, true, &n), 0);
	assert_int_equal(n, 2);
	file = fopen(path, "r+");
	assert_non_null(file);
	fseek(file, 17, SEEK_SET);
	fputc('x', file);
	fclose(file);
	assert_int_equal(sizes_check(folder, name, false, &n), 1);
	assert_int_equal(sizes_check(folder, name, true, &n), 1);
	assert_int_equal(n, 1);
	assert_int_equal(sizes_check(folder, name, true, &n), 0);
	assert_int_equal(sizes_find(folder, &key, &entry), -ENOENT);
	assert_int_equal(sizes_find(folder, &other, &entry), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_key_is_of_registry_repository_and_digest),
	        cmocka_unit_test_fixture(the_last_record_counts),
	        cmocka_unit_test_fixture(a_torn_record_counts_for_nothing),
	        cmocka_unit_test_fixture(a_file_that_is_too_long_keeps_the_newest_half),
	        cmocka_unit_test_fixture(who_reads_while_others_add_loses_nothing),
	        cmocka_unit_test_fixture(damage_is_found_and_taken_out),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
