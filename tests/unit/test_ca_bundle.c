/* The certificates of a CA bundle: read, kept, read again; and a disk that does not answer. */
#include "ecr/ca_bundle.h"
#include "base/cleanup.h"
#include "ecr/aws_files.h"
#include "net/loop.h"
#include "tests/unit/captured_log.h"
#include "tests/unit/fake_clock.h"
#include "tests/unit/fake_timer.h"
#include "tests/unit/pump.h"
#include "tests/unit/temp_dir.h"
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PEM "-----BEGIN CERTIFICATE-----\n"

static struct {
	struct fake_clock clock;
	struct captured_log captured;
	struct temp_dir dir;
	struct loop *loop;
	struct ca_bundle *bundle;
	bool done;
	enum status status;
} f;

/* A disk that hangs. */
static struct {
	bool hangs;
	void (*work)(struct disk_job *job);
	sem_t answer;
} seen;

int __real_loop_disk(struct loop *loop, struct disk_job *job);
int __wrap_loop_disk(struct loop *loop, struct disk_job *job);

static void wait_and_work(struct disk_job *job)
{
	while (sem_wait(&seen.answer) < 0)
		;
	seen.work(job);
}

int __wrap_loop_disk(struct loop *loop, struct disk_job *job)
{
	if (seen.hangs) {
		seen.work = job->work;
		job->work = wait_and_work;
	}
	return __real_loop_disk(loop, job);
}

static int set_up(void **state)
{
	(void)state;
	memset(&f, 0, sizeof(f));
	memset(&seen, 0, sizeof(seen));
	fake_timer = (struct fake_timer){0};
	sem_init(&seen.answer, 0, 0);
	fake_clock_init(&f.clock);
	captured_log_init(&f.captured, &f.clock.clock);
	temp_dir_init(&f.dir);
	assert_int_equal(loop_new(&f.loop), 0);
	return ca_bundle_new(f.loop, f.captured.log, &f.bundle);
}

static int tear_down(void **state)
{
	(void)state;
	ca_bundle_free(f.bundle);
	loop_run_once(f.loop);
	loop_free(f.loop);
	temp_dir_deinit(&f.dir);
	captured_log_deinit(&f.captured);
	sem_destroy(&seen.answer);
	return 0;
}

static void was_loaded(void *arg, enum status status)
{
	(void)arg;
	assert_false(f.done);
	f.done = true;
	f.status = status;
}

static void ask(const char *name)
{
	CLEANUP(free_string) char *path = temp_dir_path(&f.dir, name);

	f.done = false;
	ca_bundle_load(f.bundle, path, "AWS_CA_BUNDLE", was_loaded, NULL);
	assert_false(f.done);
}

static void load(const char *name, enum status status)
{
	ask(name);
	pump_until(f.loop, &f.done);
	assert_int_equal(f.status, status);
}

static void assert_content(const char *file, const char *expected)
{
	char text[256] = "";
	FILE *stream = fopen(file, "re");

	assert_non_null(stream);
	assert_true(fread(text, 1, sizeof(text) - 1, stream) > 0);
	fclose(stream);
	assert_string_equal(text, expected);
}

static void libcurl_gets_a_copy_that_is_in_memory(void **state)
{
	CLEANUP(free_string) char *path = temp_dir_path(&f.dir, "a.pem");

	(void)state;
	assert_string_equal(ca_bundle_file(f.bundle), "");
	temp_dir_write(&f.dir, "a.pem", PEM "a");
	load("a.pem", STATUS_OK);
	assert_int_equal(unlink(path), 0);
	assert_content(ca_bundle_file(f.bundle), PEM "a");
	assert_int_equal(fake_timer.delay_ns, 0);
}

/* libcurl keeps what it read, by the name of the file. */
static void other_content_is_another_file(void **state)
{
	CLEANUP(free_string) char *before = NULL;

	(void)state;
	temp_dir_write(&f.dir, "a.pem", PEM "a");
	load("a.pem", STATUS_OK);
	before = strdup(ca_bundle_file(f.bundle));
	load("a.pem", STATUS_OK);
	assert_string_equal(ca_bundle_file(f.bundle), before);
	temp_dir_write(&f.dir, "a.pem", PEM "b");
	load("a.pem", STATUS_OK);
	assert_string_not_equal(ca_bundle_file(f.bundle), before);
	assert_content(ca_bundle_file(f.bundle), PEM "b");
	assert_content(before, PEM "a"); /* a connection may be about to open it */
}

static void a_file_that_cannot_be_read_is_told(void **state)
{
	(void)state;
	load("missing.pem", STATUS_MISCONFIGURED);
	assert_int_equal(captured_log_count(&f.captured, "missing.pem, which AWS_CA_BUNDLE names: "
	                                                 "No such file or directory"),
	                 1);
}

static void a_file_without_certificates_is_told(void **state)
{
	(void)state;
	temp_dir_write(&f.dir, "a.pem", "nothing");
	load("a.pem", STATUS_MISCONFIGURED);
	assert_int_equal(captured_log_count(&f.captured, "no certificate in it"), 1);
}

static void what_was_loaded_stays_where_nothing_else_can_be(void **state)
{
	(void)state;
	temp_dir_write(&f.dir, "a.pem", PEM "a");
	load("a.pem", STATUS_OK);
	load("missing.pem", STATUS_MISCONFIGURED);
	assert_content(ca_bundle_file(f.bundle), PEM "a");
}

static void a_disk_that_hangs_is_waited_for_once(void **state)
{
	(void)state;
	temp_dir_write(&f.dir, "a.pem", PEM "a");
	seen.hangs = true;
	ask("a.pem");
	assert_int_equal(fake_timer.delay_ns, AWS_FILES_HUNG_NS);
	fake_timer.fire(fake_timer.arg);
	assert_true(f.done);
	assert_int_equal(f.status, STATUS_TIMED_OUT);
	load("a.pem", STATUS_TIMED_OUT); /* at once, without another job that hangs */
	assert_int_equal(captured_log_count(&f.captured, "its file system hangs"), 1);
	seen.hangs = false;
	sem_post(&seen.answer);
	pump_disk(f.loop);
	load("a.pem", STATUS_OK);
	assert_content(ca_bundle_file(f.bundle), PEM "a");
}

static void it_may_be_freed_while_the_disk_hangs(void **state)
{
	(void)state;
	seen.hangs = true;
	ask("a.pem");
	ca_bundle_free(f.bundle);
	f.bundle = NULL;
	sem_post(&seen.answer);
	pump_disk(f.loop);
	assert_false(f.done);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(libcurl_gets_a_copy_that_is_in_memory),
	        cmocka_unit_test_fixture(other_content_is_another_file),
	        cmocka_unit_test_fixture(a_file_that_cannot_be_read_is_told),
	        cmocka_unit_test_fixture(a_file_without_certificates_is_told),
	        cmocka_unit_test_fixture(what_was_loaded_stays_where_nothing_else_can_be),
	        cmocka_unit_test_fixture(a_disk_that_hangs_is_waited_for_once),
	        cmocka_unit_test_fixture(it_may_be_freed_while_the_disk_hangs),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
